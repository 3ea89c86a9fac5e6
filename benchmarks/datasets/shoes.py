"""Shoes (Attribute Discovery): ten types of women's shoes, attributes from a table of the user's.

The attributes of the study were published as relative ones, as orders of the ten types in a MAT file, which
public readers call `shoes_attributes.mat`; how the study made them binary is not known, and no layout was
verified, so none is read. Thresholds on an order of types make attributes a function of the class, for which
distribution matching is nearly told the answer: the notes say so where a table does that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.datasets import splits
from benchmarks.datasets.annotations import Annotations
from benchmarks.datasets.cells import columns
from benchmarks.datasets.left_out import (
    MALFORMED,
    MISSING_ANNOTATION,
    MISSING_IMAGE,
    OUT_OF_RANGE,
    TWICE,
    Tally,
)
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import Shelf, lines, require

TREE = """
womens_<type>/<0 or 1>/img_womens_<type>_<n>.jpg   for athletic_shoes, boots, clogs, flats, high_heels, pumps,
                                                   rain_boots, sneakers, stiletto, wedding_shoes
with table="….csv": a header "image,<attribute>,…", then "img_womens_<type>_<n>.jpg,0,1,…"; empty is missing
"""
CLASSES = (
    "athletic_shoes",
    "boots",
    "clogs",
    "flats",
    "high_heels",
    "pumps",
    "rain_boots",
    "sneakers",
    "stiletto",
    "wedding_shoes",
)
NAME = re.compile(r"womens_(?P<type>\w+)/[01]/img_womens_(?P=type)_\d+\.jpg")
VALUES = {"0": 0.0, "1": 1.0, "": np.nan}


def load(
    root: Path,
    *,
    table: str | None = None,
    seed: int = 0,
    fractions: Sequence[float] = (0.5, 0.0, 0.5),
) -> Annotations:
    """Load Shoes. The study's halves were not published: the split is drawn within each type.

    Args:
        root: see `TREE`.
        table: path of the table of attributes, absolute or below `root`; without it there are none.
        seed: of the split.
        fractions: of train, validation and test.
    """
    require(root, TREE, *(f"womens_{name}" for name in CLASSES))
    tally = Tally()
    attributes, labels = _table(root / table, tally) if table is not None else ((), {})
    rows = Rows(len(attributes))
    for name in CLASSES:
        for path in Shelf(root, f"womens_{name}").paths():
            match, image = NAME.fullmatch(path), path.rpartition("/")[2]
            values = labels.pop(image, None)
            if match is None or match["type"] != name:
                tally.add(MISSING_ANNOTATION, path, 0, "not called as the images are")
                continue
            if table is not None and values is None:
                tally.add("image without attributes, kept for its class", path)
            rows.add(path, class_label=CLASSES.index(name), attributes=values)
    tally.add_all(MISSING_IMAGE, labels)
    loaded = rows.annotations("shoes", root, classes=CLASSES, attributes=attributes, tally=tally)
    split = splits.assign(loaded.images.paths, loaded.class_labels, fractions=fractions, seed=seed)
    notes = [f"split within each type: seed {seed}, fractions {tuple(fractions)}"]
    if attributes and _function_of_class(loaded):
        notes.append("the attributes are a function of the class: coupling is nearly told the answer")
    return replace(loaded, split=split, notes=tuple(notes))


def _table(path: Path, tally: Tally) -> tuple[tuple[str, ...], dict[str, list[float]]]:
    """Return the names of the attributes, and the labels of each image by its name."""
    labels: dict[str, list[float]] = {}
    rows = ((number, columns(line)) for number, line in lines(path))
    header = next(rows, (0, []))[1]
    if len(header) < 2 or len(set(header)) < len(header):
        raise ValueError(f"table should have a header 'image,<attribute>,…' of unique names, got {header}")
    for number, cells in rows:
        image, *values = cells or [""]
        strange = sum(value not in VALUES for value in values)
        if not image or len(cells) != len(header):
            tally.add(MALFORMED, path.name, number, ",".join(cells))
        elif image in labels:
            tally.add(TWICE, path.name, number, image)
        else:
            tally.add(OUT_OF_RANGE, path.name, number, f"{image}: none of 0, 1", count=strange)
            labels[image] = [VALUES.get(value, np.nan) for value in values]
    return tuple(header[1:]), labels


def _function_of_class(loaded: Annotations) -> bool:
    """Tell whether all images of each class have the same labels, where they have any."""
    for label in range(len(CLASSES)):
        own = loaded.attribute_labels[loaded.class_labels == label]
        low, high = (
            (reduce(own, axis=0) for reduce in (np.fmin.reduce, np.fmax.reduce)) if len(own) else (0, 0)
        )
        if np.any(low < high):
            return False
    return True
