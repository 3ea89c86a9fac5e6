from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dataset_trees.files import picture, text

SPECIES = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "003.Sooty_Albatross")
ATTRIBUTES = tuple(f"has_bill_shape::{name}" for name in ("dagger", "curved_(up_or_down)", "hooked", "cone"))
IMAGE = "CUB_200_2011/images/001.Black_footed_Albatross/bird_1.jpg"
LABELS = "CUB_200_2011/attributes/image_attribute_labels.txt"


def write(
    root: Path,
    *,
    present: Sequence[Sequence[int]] | None = None,
    certainty: Sequence[Sequence[int]] | None = None,
    attributes: Sequence[str] = ATTRIBUTES,
    attributes_at: str = "attributes.txt",
) -> None:
    """Write one image for each row of `present` (images, attributes); species in turn, two of three train."""
    if present is None:
        present = np.random.default_rng(0).integers(0, 2, (9, len(ATTRIBUTES))).tolist()
    if certainty is None:
        certainty = np.full(np.shape(present), 4).tolist()
    folder = root / "CUB_200_2011"
    images = range(1, len(present) + 1)
    names = {image: f"{SPECIES[(image - 1) % 3]}/bird_{image}.jpg" for image in images}
    for image, name in names.items():
        picture(folder / "images" / name, seed=image)
    text(folder / "images.txt", (f"{image} {name}" for image, name in names.items()))
    text(folder / "classes.txt", (f"{number} {name}" for number, name in enumerate(SPECIES, 1)))
    text(folder / "image_class_labels.txt", (f"{image} {(image - 1) % 3 + 1}" for image in images))
    text(folder / "train_test_split.txt", (f"{image} {int(image % 3 != 0)}" for image in images))
    text(folder / "bounding_boxes.txt", (f"{image} 1.0 0.0 5.5 4.0" for image in images))
    text(root / attributes_at, (f"{number} {name}" for number, name in enumerate(attributes, 1)))
    rows = (
        f"{image} {attribute} {present[image - 1][attribute - 1]} {certainty[image - 1][attribute - 1]} 17.6"
        for image in images
        for attribute in range(1, len(attributes) + 1)
    )
    text(root / LABELS, rows)
