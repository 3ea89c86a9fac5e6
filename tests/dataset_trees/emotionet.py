from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dataset_trees.files import picture, text

ALL = tuple(range(1, 61))
IMAGE = "images/N_1/N_0000000001_00001.jpg"
SITE = "http://example.org/dataset/N_1"


def sample() -> list[list[int]]:
    """Return labels (images, 60) of 0, 1 and 999."""
    return np.random.default_rng(0).choice([0, 1, 999], (9, len(ALL)), p=[0.6, 0.3, 0.1]).tolist()


def write(root: Path, *, labels: Sequence[Sequence[int]] | None = None) -> None:
    """Write two files without a header, with a column for each of 60 units after two URLs."""
    labels = sample() if labels is None else labels
    rows = []
    for number, own in enumerate(labels, 1):
        name = f"N_0000000001_{number:05d}.jpg"
        picture(root / "images/N_1" / name, seed=number)
        rows.append("\t".join([f"{SITE}/{name}", f"http://example.org/{number}.png", *map(str, own)]))
    text(root / "dataFile_0001.txt", rows[:-1])
    text(root / "dataFile_0002.txt", rows[-1:])


def write_table(root: Path, *, units: Sequence[int], labels: Sequence[Sequence[int]]) -> None:
    """Write the manually annotated table, whose header has quotes within the names."""
    rows = ["URL, " + ", ".join(f"'AU {unit}'" for unit in units)]
    for number, own in enumerate(labels, 1):
        name = f"N_0000000002_{number:05d}.jpg"
        picture(root / "images" / name, seed=number)
        rows.append(", ".join([f"{SITE}/{name}", *map(str, own)]))
    text(root / "manual.csv", rows)
