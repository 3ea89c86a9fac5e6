"""Clothing Attributes Dataset: seven categories, 23 binary attributes and two with three values.

Row i of every label file is image i + 1, whatever order a directory lists them in. Binary labels are 1 for no
and 2 for yes, the others 1 to K; NaN is missing, in the category too: where the annotators disagreed. Not
verified: which number means which category, and which value of the neckline, the sleeve length and the gender
means what.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.datasets import splits
from benchmarks.datasets.annotations import Annotations, Array
from benchmarks.datasets.left_out import MISSING_ANNOTATION, OUT_OF_RANGE, UNLABELLED, Tally
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import Shelf, refuse, require

FOLDER = "ClothingAttributeDataset"
BINARY = (
    *("black", "blue", "brown", "collar", "cyan", "gender", "gray", "green", "many_colors", "necktie"),
    *("pattern_floral", "pattern_graphics", "pattern_plaid", "pattern_solid", "pattern_spot"),
    *("pattern_stripe", "placket", "purple", "red", "scarf", "skin_exposure", "white", "yellow"),
)
MANY = {"neckline": 3, "sleevelength": 3}
CATEGORIES = ("Shirt", "Sweater", "T-shirt", "Outerwear", "Suit", "Tank Top", "Dress")
"""The names that the database's paper lists; that the numbers 1 to 7 follow this order is not verified."""
REPETITIONS = 6
TREE = f"""
{FOLDER}/        or root is this folder
  images/000001.jpg …           six digits, from 1
  labels/category_GT.mat        a variable GT (N, 1) in each:
  labels/<attribute>_GT.mat     {", ".join(BINARY[:4])}, …, {", ".join(MANY)}
"""


def load(
    root: Path,
    *,
    categories: Sequence[str] = CATEGORIES,
    many: bool = True,
    repetition: int = 0,
    fold: int = 0,
    seed: int = 0,
) -> Annotations:
    """Load the Clothing Attributes Dataset: half of it for training, half for testing.

    Args:
        root: see `TREE`.
        categories: the names of the categories 1 to 7.
        many: with each value of the neckline and the sleeve length as an attribute of its own.
        repetition: which of the random halvings; the study has six, 0 to 5.
        fold: 0 trains on the first half, 1 on the second.
        seed: of the halvings.
    """
    folder = root / FOLDER if (root / FOLDER).is_dir() else root
    files = {name: f"labels/{name}_GT.mat" for name in ("category", *BINARY, *(MANY if many else ()))}
    require(folder, TREE, "images", *files.values())
    if repetition not in range(REPETITIONS):
        raise ValueError(f"repetition should be from 0 to {REPETITIONS - 1}, got {repetition}")
    if len(categories) != len(CATEGORIES):
        raise ValueError(f"categories should be {len(CATEGORIES)} names, got {len(categories)}")
    tally = Tally()
    raw = {name: _matrix(folder, file) for name, file in files.items()}
    size = len(raw["category"])
    for name, values in raw.items():
        if len(values) != size:
            refuse(folder, TREE, f"{files[name]} has {len(values)} rows, {files['category']} has {size}")
    highest = {name: len(categories) if name == "category" else MANY.get(name, 2) for name in raw}
    checked = {name: _checked(values, highest[name], files[name], tally) for name, values in raw.items()}
    classes = np.where(np.isnan(category := checked.pop("category")), 0, category).astype(int) - 1
    attributes, labels = _columns(checked)
    rows, shelf = Rows(len(attributes)), Shelf(folder, "images")
    split = splits.halves(map(str, range(size)), repetition=repetition, fold=fold, seed=seed)
    for index in range(size):
        path = f"images/{index + 1:06d}.jpg"
        if problem := shelf.fetch(path):
            tally.add(problem, "labels", 0, f"row {index + 1}")
        elif classes[index] < 0 and np.isnan(labels[index]).all():
            tally.add(UNLABELLED, path)
        else:
            rows.add(path, class_label=classes[index], attributes=labels[index], split=split[index])
    tally.add_all(MISSING_ANNOTATION, shelf.rest())
    notes = [f"repetition {repetition}, fold {fold}, seed {seed}"]
    if tuple(categories) == CATEGORIES:
        notes.append("which number means which category is not verified")
    return rows.annotations(
        "clothing", folder, classes=categories, attributes=attributes, tally=tally, notes=notes
    )


def _matrix(folder: Path, file: str) -> Array:
    """Return the variable `GT` of a MAT file."""
    from scipy.io import loadmat  # needed here only

    try:
        return np.asarray(loadmat(folder / file)["GT"], np.float64).reshape(-1)
    except Exception as error:  # SciPy does not say what it raises for files of another form
        refuse(folder, TREE, f"{file} holds no matrix GT ({error})")


def _checked(values: Array, highest: int, file: str, tally: Tally) -> Array:
    """Return the values from 1 to `highest`, NaN in place of all others, which are counted."""
    sound = (values >= 1) & (values <= highest) & (values == np.floor(values))
    for index in np.flatnonzero(~sound & ~np.isnan(values)):
        tally.add(OUT_OF_RANGE, file, int(index) + 1, f"{values[index]:g}")
    return np.where(sound, values, np.nan)


def _columns(checked: dict[str, Array]) -> tuple[list[str], Array]:
    """Return the names and columns of binary attributes; each value of the others is one."""
    names: list[str] = []
    columns = []
    for name, values in checked.items():
        for value in range(1, MANY[name] + 1) if name in MANY else (2,):
            names.append(f"{name}_{value}" if name in MANY else name)
            columns.append(np.where(np.isnan(values), np.nan, values == value))
    return names, np.stack(columns, axis=1)
