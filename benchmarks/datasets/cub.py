"""Caltech-UCSD Birds-200-2011: 200 species, 312 attributes with a certainty, a box around each bird.

The official archive has `attributes.txt` beside the folder, its README says within `attributes/`: both are
taken. Some lines of `image_attribute_labels.txt` have more than five columns; the first four are sound.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.datasets.annotations import TEST, TRAIN, Annotations, Array
from benchmarks.datasets.cells import box, whole
from benchmarks.datasets.left_out import MALFORMED, MISSING_ANNOTATION, OUT_OF_RANGE, TWICE, Tally
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import Shelf, first, lines, refuse, require

FOLDER = "CUB_200_2011"
LABELS = "attributes/image_attribute_labels.txt"
TREE = """
attributes.txt                            "<attribute> has_bill_shape::dagger"; here or further in
CUB_200_2011/                             or root is this folder
  images.txt                              "<image> 001.Black_footed_Albatross/name.jpg"
  classes.txt                             "<class> 001.Black_footed_Albatross"
  image_class_labels.txt                  "<image> <class>"
  train_test_split.txt                    "<image> 1" for train, 0 for test
  bounding_boxes.txt                      "<image> <x> <y> <width> <height>"
  attributes/image_attribute_labels.txt   "<image> <attribute> <present> <certainty> <seconds>"
  images/001.Black_footed_Albatross/*.jpg
"""
TABLES = ("images.txt", "classes.txt", "image_class_labels.txt", "train_test_split.txt", "bounding_boxes.txt")
BLOCK = 1 << 12
COLUMNS = 5


def load(root: Path, *, crop: bool = True, min_certainty: int = 2) -> Annotations:
    """Load CUB. Images are split into train and test as published; there is no validation set.

    Args:
        root: the folder that holds `CUB_200_2011`, or that folder.
        crop: give each image its bounding box.
        min_certainty: labels less certain than this are missing: 1 not visible, 2 guessing, 3 probably,
            4 definitely. "Absent" at certainty 1 means "not visible"; 1 keeps it as absent.
    """
    if not 1 <= min_certainty <= 4:
        raise ValueError(f"min_certainty should be in 1, 2, 3, 4, got {min_certainty}")
    folder = root / FOLDER if (root / FOLDER).is_dir() else root
    require(folder, TREE, *TABLES, LABELS, "images")
    places = ("attributes/attributes.txt", "attributes.txt", "../attributes.txt")
    tally = Tally()
    tables = {name: _table(folder / name, tally) for name in TABLES}
    attributes = list(_table(folder / first(folder, TREE, places), tally).values())
    for name, table in (*tables.items(), ("attributes.txt", attributes)):
        if not table:
            refuse(folder, TREE, f"{name} has no line of this form")
    images, boxes = tables["images.txt"], tables["bounding_boxes.txt"]
    labels, notes = _attributes(folder / LABELS, images, len(attributes), min_certainty, tally)
    number = {identity: position for position, identity in enumerate(tables["classes.txt"])}
    rows, shelf = Rows(len(attributes)), Shelf(folder, "images")
    for position, (image, name) in enumerate(images.items()):
        path = f"images/{name}"
        problem = shelf.fetch(path)
        species, split = (tables[table].get(image, "") for table in TABLES[2:4])
        bird = box(boxes.get(image, "").split())
        if problem:
            tally.add(problem, "images.txt", 0, name)
        elif species not in number or split not in ("0", "1") or bird is None:
            tally.add(
                OUT_OF_RANGE, "images.txt", 0, f"class {species!r}, split {split!r}, box {bird} of {name}"
            )
        else:
            rows.add(
                path,
                class_label=number[species],
                attributes=labels[position],
                split=TRAIN if split == "1" else TEST,
                box=bird if crop else (),
            )
    tally.add_all(MISSING_ANNOTATION, shelf.rest())
    names = tables["classes.txt"].values()
    return rows.annotations(
        "cub", folder, classes=list(names), attributes=attributes, tally=tally, notes=notes
    )


def _table(path: Path, tally: Tally) -> dict[str, str]:
    """Return the rest of each line by its first column."""
    table: dict[str, str] = {}
    for number, line in lines(path):
        key, _, rest = line.strip().partition(" ")
        if whole(key) is None or not rest:
            tally.add(MALFORMED, path.name, number, line)
        elif key in table:
            tally.add(TWICE, path.name, number, line)
        else:
            table[key] = rest.strip()
    return table


def _attributes(
    path: Path, images: Collection[str], count: int, min_certainty: int, tally: Tally
) -> tuple[Array, list[str]]:
    """Return the labels (images, attributes), read block by block, and what was odd about the file."""
    labels = np.full(len(images) * count, np.nan, np.float32)
    seen = np.zeros(len(labels), np.bool_)
    known = np.array(list(map(int, images)), np.int64)
    odd, numbered = 0, lines(path)
    while block := list(islice(numbered, BLOCK)):
        odd += sum(len(line.split()) > COLUMNS for _, line in block if line.count(" ") >= COLUMNS)
        number, values = _numbers(block, path.name, tally)
        cell = _cells(values, known, count)
        sound = cell >= 0
        new = np.zeros(len(cell), np.bool_)
        new[np.unique(cell, return_index=True)[1]] = True
        new &= sound & ~seen[cell]
        for row in np.flatnonzero(~new):
            kind = TWICE if sound[row] else OUT_OF_RANGE
            tally.add(kind, path.name, int(number[row]), " ".join(map(str, values[row])))
        seen[cell[new]] = True
        certain = new & (values[:, 3] >= min_certainty)
        labels[cell[certain]] = values[certain, 2]
    notes = [f"labels of certainty below {min_certainty} are missing"]
    if odd:
        notes.append(f"{odd} lines of {path.name} have more than {COLUMNS} columns: the first four were read")
    if absent := len(seen) - int(seen.sum()):
        notes.append(f"{absent} pairs of image and attribute have no line in {path.name}")
    return labels.reshape(len(images), count), notes


def _cells(values: Array, images: Array, count: int) -> Array:
    """Return where in the matrix each line belongs, -1 where a number is outside its range."""
    image, attribute, present, certainty = values.T
    order = np.argsort(images)
    position = order[np.searchsorted(images, image, sorter=order).clip(max=len(images) - 1)]
    sound = (images[position] == image) & (attribute >= 1) & (attribute <= count)
    sound &= ((present == 0) | (present == 1)) & (certainty >= 1) & (certainty <= 4)
    return np.where(sound, position * count + attribute - 1, -1)


def _numbers(block: Sequence[tuple[int, str]], file: str, tally: Tally) -> tuple[Array, Array]:
    """Return the first four columns of the lines, and their line numbers; what is no number is counted."""
    try:
        text = [line for _, line in block]
        if "" not in text:
            values = np.loadtxt(text, np.int64, usecols=range(4), ndmin=2, comments=None)
            return np.array([number for number, _ in block]), values
    except (ValueError, OverflowError):
        pass
    sound = []
    for number, line in block:
        four = [value for value in map(whole, line.split()[:4]) if value is not None]
        if len(four) == 4:
            sound.append((number, four))
        else:
            tally.add(MALFORMED, file, number, line)
    values = np.array([four for _, four in sound], np.int64).reshape(-1, 4)
    return np.array([number for number, _ in sound], np.int64), values
