"""AffectNet, manually annotated: seven or eight expressions, no attributes; as tables or as NumPy files.

Labels 8 to 10 (None, Uncertain, Non-Face) are no expressions, and the study leaves 7 (Contempt) out too. The
test set is not public: what is published as validation is "validation" here. Not verified: that the tables
lie in `Manually_Annotated_file_lists` and the images in `Manually_Annotated_Images`, as public readers have
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.datasets.annotations import TRAIN, VALIDATION, Annotations
from benchmarks.datasets.cells import box, columns, whole
from benchmarks.datasets.left_out import EXCLUDED, MALFORMED, MISSING_ANNOTATION, OUT_OF_RANGE, Tally
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import Shelf, below, first, lines, require
from coupling.knowledge import orders

TREE = """
training.csv, validation.csv       here or in Manually_Annotated_file_lists/; with or without a header:
                                   subDirectory_filePath, face_x, face_y, face_width, face_height,
                                   facial_landmarks, expression, valence, arousal
Manually_Annotated_Images/         what subDirectory_filePath is relative to
or
train_set/annotations/<id>_exp.npy, train_set/images/<id>.jpg, and the same in val_set/
"""
COLUMNS = 9
LABELS = 11
LISTS = {"training.csv": TRAIN, "validation.csv": VALIDATION}
SETS = {"train_set": TRAIN, "val_set": VALIDATION}


def load(
    root: Path, *, classes: int = 7, crop: bool = True, images: str = "Manually_Annotated_Images"
) -> Annotations:
    """Load either release, whichever is there.

    Args:
        root: see `TREE`.
        classes: 7, or 8 with Contempt.
        crop: give each image its face box, where the table has them.
        images: the folder of the images below `root` (tables only).
    """
    if classes not in (7, 8):
        raise ValueError(f"classes should be 7 or 8, got {classes}")
    require(root, TREE)
    tally, rows = Tally(), Rows(0)
    if (root / "train_set").is_dir() or (root / "val_set").is_dir():
        _read_arrays(root, rows, tally, classes)
    else:
        require(root, TREE, images)
        _read_tables(root, images, rows, tally, classes, crop)
    names = orders()["affectnet" if classes == 7 else "affectnet-8"].classes
    return rows.annotations("affectnet", root, classes=names, tally=tally)


def _read_tables(root: Path, images: str, rows: Rows, tally: Tally, classes: int, crop: bool) -> None:
    shelf = Shelf(root, images)
    for name, split in LISTS.items():
        file = first(root, TREE, (name, f"Manually_Annotated_file_lists/{name}"))
        for number, cells in _table(root / file):
            if len(cells) != COLUMNS:
                tally.add(MALFORMED, file, number, f"{len(cells)} columns: {','.join(cells)}")
                continue
            path = f"{images}/{cells[0]}"
            label, face = _label(cells[6]), box(cells[1:5])
            if label is None or face is None:
                tally.add(MALFORMED, file, number, f"{cells[0]}: label {cells[6]!r}, box {cells[1:5]}")
            elif problem := shelf.fetch(path):
                tally.add(problem, file, number, cells[0])
            elif not _excluded(label, classes, tally, file, number, cells[0]):
                rows.add(path, class_label=label, split=split, box=face if crop else ())
    tally.add_all(MISSING_ANNOTATION, shelf.rest())


def _table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table, without the header that it may have."""
    for number, line in lines(path):
        cells = columns(line)
        if cells[:1] != ["subDirectory_filePath"]:
            yield number, cells


def _read_arrays(root: Path, rows: Rows, tally: Tally, classes: int) -> None:
    """Read the release with a file for each label, a string in each."""
    for folder, split in SETS.items():
        require(root, TREE, f"{folder}/annotations", f"{folder}/images")
        shelf = Shelf(root, f"{folder}/images")
        for file in sorted((root / folder / "annotations").glob("*_exp.npy")):
            path, shown = f"{folder}/images/{file.name.removesuffix('_exp.npy')}.jpg", below(file, root)
            label = _stored(file)
            if problem := shelf.fetch(path):
                tally.add(problem, shown)
            elif label is None:
                tally.add("malformed label file", shown)
            elif not _excluded(label, classes, tally, shown, 0, ""):
                rows.add(path, class_label=label, split=split)
        tally.add_all(MISSING_ANNOTATION, shelf.rest())


def _stored(file: Path) -> int | None:
    """Return the label in a NumPy file, None where it holds none."""
    try:
        return _label(str(np.load(file, allow_pickle=False).item()))
    except Exception:  # NumPy does not say what it raises for a damaged file
        return None


def _label(text: str) -> int | None:
    """Return a label, which may be written as 3 or as 3.0."""
    return whole(text.removesuffix(".0"))


def _excluded(label: int, classes: int, tally: Tally, file: str, line: int, what: str) -> bool:
    """Count a label that is none of the expressions."""
    if 0 <= label < classes:
        return False
    tally.add(EXCLUDED if 0 <= label < LABELS else OUT_OF_RANGE, file, line, f"{label} {what}".strip())
    return True
