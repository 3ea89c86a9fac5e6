from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dataset_trees.files import picture, text

ATTRIBUTES = ("5_o_Clock_Shadow", "Arched_Eyebrows", "Young")
IDENTITIES = (2880, 7, 2880, 7, 2880, 11, 7, 11, 2880)
IMAGE = "Img/img_align_celeba/000001.jpg"


def write(
    root: Path,
    *,
    labels: Sequence[Sequence[int]] | None = None,
    identities: Sequence[int] = IDENTITIES,
    count: bool = True,
    flat: bool = False,
    commas: bool = False,
) -> None:
    """Write an image for each identity; labels (images, attributes) are -1 and 1."""
    if labels is None:
        labels = (
            np.random.default_rng(0).integers(0, 2, (len(identities), len(ATTRIBUTES))) * 2 - 1
        ).tolist()
    names = [f"{number:06d}.jpg" for number in range(1, len(identities) + 1)]
    for number, name in enumerate(names):
        picture(root / ("" if flat else "Img") / "img_align_celeba" / name, seed=number)
    between, suffix = (",", ".csv") if commas else ("  ", ".txt")
    head = ["image_id,", ""] if commas else ["", ""]
    rows = [head[0] + (between if commas else " ").join(ATTRIBUTES)]
    rows += [between.join([name, *map(str, own)]) for name, own in zip(names, labels, strict=True)]
    anno, evaluation = ("", "") if flat else ("Anno", "Eval")
    text(root / anno / f"list_attr_celeba{suffix}", [*([str(len(names))] if count else []), *rows])
    people = (f"{name} {person}" for name, person in zip(names, identities, strict=True))
    text(root / anno / "identity_CelebA.txt", people)
    text(root / evaluation / "list_eval_partition.txt", (f"{name} {at % 3}" for at, name in enumerate(names)))
