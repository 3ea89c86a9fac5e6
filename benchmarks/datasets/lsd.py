"""ABAW4 LSD (learning from synthetic data): six expressions, no attributes.

What is verified, from public readers: the folders `training_set_synthetic_images` and
`validation_set_real_images`; a folder of images for each class of the former, in capitals, with anger
misspelled; classes in the order anger, disgust, fear, happiness, sadness, surprise; a list of real images
with a header and "<image>,<label>". Not verified: the names of such lists, so the user gives them. The labels
of the test set have not been published.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.datasets.annotations import TEST, TRAIN, VALIDATION, Annotations
from benchmarks.datasets.cells import whole
from benchmarks.datasets.left_out import MALFORMED, MISSING_ANNOTATION, OUT_OF_RANGE, Tally
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import Shelf, lines, require

TRAINING = "training_set_synthetic_images"
REAL = "validation_set_real_images"
TREE = f"""
{TRAINING}/ANGER/*.jpg   and DISGUST, FEAR, HAPPINESS, SADNESS, SURPRISE; ANGRER or ANGERE too
{REAL}/           the same folders, or any with validation="list.txt"
list.txt                              a header, then "<image below {REAL}>,<0 to 5>"
"""
CLASSES = ("Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise")
FOLDERS = {name.upper(): label for label, name in enumerate(CLASSES)} | {"ANGRER": 0, "ANGERE": 0}


def load(
    root: Path,
    *,
    validation: str | None = None,
    test: str | None = None,
    test_images: str = "test_set_real_images",
) -> Annotations:
    """Load LSD. The validation set is read where its folder is there.

    Args:
        root: see `TREE`.
        validation: path below `root` of the list of the real validation images, unless they lie in folders.
        test: path below `root` of a list of the same form for the test images, for who has their labels.
        test_images: the folder of the test images.
    """
    require(root, TREE, TRAINING)
    tally, rows = Tally(), Rows(0)
    _read_folders(root, TRAINING, TRAIN, rows, tally)
    if validation is not None:
        _read_list(root, validation, REAL, VALIDATION, rows, tally)
    elif (root / REAL).is_dir():
        _read_folders(root, REAL, VALIDATION, rows, tally)
    if test is not None:
        _read_list(root, test, test_images, TEST, rows, tally)
    return rows.annotations("lsd", root, classes=CLASSES, tally=tally)


def _read_folders(root: Path, folder: str, split: int, rows: Rows, tally: Tally) -> None:
    for path in Shelf(root, folder).paths():
        inner = path.split("/")[1:-1]
        label = FOLDERS.get(inner[0]) if inner else None
        if label is None:
            tally.add(MISSING_ANNOTATION, path, 0, "in no folder of a class")
        else:
            rows.add(path, class_label=label, split=split)


def _read_list(root: Path, file: str, folder: str, split: int, rows: Rows, tally: Tally) -> None:
    require(root, TREE, file, folder)
    shelf = Shelf(root, folder)
    for number, line in lines(root / file):
        name, _, text = (cell.strip() for cell in line.partition(","))
        label = whole(text)
        if number == 1 and label is None:
            continue  # the header
        if label is None or not name:
            tally.add(MALFORMED, file, number, line)
        elif problem := shelf.fetch(f"{folder}/{name}"):
            tally.add(problem, file, number, name)
        elif not 0 <= label < len(CLASSES):
            tally.add(OUT_OF_RANGE, file, number, line)
        else:
            rows.add(f"{folder}/{name}", class_label=label, split=split)
    tally.add_all(MISSING_ANNOTATION, shelf.rest())
