"""RAF-DB, the basic expressions: seven classes, no attributes.

`compound/` has a list of the same name with eleven other classes: only that in `basic/` is read.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.datasets.annotations import TEST, TRAIN, Annotations
from benchmarks.datasets.cells import whole
from benchmarks.datasets.left_out import MALFORMED, MISSING_ANNOTATION, OUT_OF_RANGE, Tally
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import Shelf, lines, require
from coupling.knowledge import orders

LIST = "basic/EmoLabel/list_patition_label.txt"
IMAGES = "basic/Image/aligned"
TREE = f"""
{LIST}   (spelled so) "train_00001.jpg 5"
{IMAGES}/train_00001_aligned.jpg
"""
CLASSES = orders()["raf-db"].classes
PREFIXES = {"train": TRAIN, "test": TEST}


def load(root: Path) -> Annotations:
    """Load RAF-DB. The file's labels 1 to 7 are 0 to 6 here, in the same order."""
    require(root, TREE, LIST, IMAGES)
    tally, rows, shelf = Tally(), Rows(0), Shelf(root, IMAGES)
    for number, line in lines(root / LIST):
        name, _, label = line.strip().partition(" ")
        stem, split = name.removesuffix(".jpg"), PREFIXES.get(name.partition("_")[0])
        path = f"{IMAGES}/{stem}_aligned.jpg"
        position = whole(label.strip())
        if split is None or stem == name or position is None:
            tally.add(MALFORMED, LIST, number, line)
        elif problem := shelf.fetch(path):
            tally.add(problem, LIST, number, name)
        elif not 1 <= position <= len(CLASSES):
            tally.add(OUT_OF_RANGE, LIST, number, line)
        else:
            rows.add(path, class_label=position - 1, split=split)
    tally.add_all(MISSING_ANNOTATION, shelf.rest())
    return rows.annotations("raf-db", root, classes=CLASSES, tally=tally)
