from collections.abc import Sequence
from pathlib import Path

from dataset_trees.files import picture, text

LIST = "basic/EmoLabel/list_patition_label.txt"
IMAGE = "basic/Image/aligned/train_00001_aligned.jpg"


def write(root: Path, *, train: Sequence[int] = (1, 2, 3, 4, 5, 6, 7), test: Sequence[int] = (7, 1)) -> None:
    """Write the basic set with labels from 1, and the compound one, which has a list of the same name."""
    rows = []
    for split, width, labels in (("train", 5, train), ("test", 4, test)):
        for number, label in enumerate(labels, 1):
            stem = f"{split}_{number:0{width}d}"
            picture(root / f"basic/Image/aligned/{stem}_aligned.jpg", seed=number)
            rows.append(f"{stem}.jpg {label}")
    text(root / LIST, rows)
    text(root / "compound/EmoLabel/list_patition_label.txt", ["train_0001.jpg 11"])
