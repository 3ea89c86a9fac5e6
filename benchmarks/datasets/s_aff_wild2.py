"""s-Aff-Wild2 (ABAW3 and ABAW4, multi-task): chosen frames of Aff-Wild2, all labels of one on a line.

Missing are -5 for valence and arousal, which are not read, and -1 for the expression and each action unit, in
each cell. The header names the units where it has a name for each column, else they are those of the third
competition.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.datasets.annotations import TRAIN, VALIDATION, Annotations
from benchmarks.datasets.frames import Reels, video_of
from benchmarks.datasets.left_out import MALFORMED, OUT_OF_RANGE, UNLABELLED, Tally
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import first, lines, require
from coupling._names import ACTION_UNIT
from coupling.knowledge import orders

LISTS = (
    (("training_set_annotations.txt", "training_set.txt", "train_set.txt"), TRAIN),
    (("validation_set_annotations.txt", "validation_set.txt"), VALIDATION),
)
TREE = """
training_set_annotations.txt     or train_set.txt; a header, then
                                 "<video>/00001.jpg,<valence>,<arousal>,<expression>,<12 units>"
validation_set_annotations.txt   or validation_set.txt; likewise
cropped_aligned/<video>/00001.jpg …
"""
ORDER = orders()["abaw3"]
LEADING = 4
MISSING = -1


def load(root: Path, *, annotations: str = ".", images: str = "cropped_aligned") -> Annotations:
    """Load s-Aff-Wild2. A group is a video; both faces of one are in the same.

    Args:
        root: see `TREE`.
        annotations: the folder below `root` that holds the two lists.
        images: the folder below `root` that holds a folder of frames for each video.
    """
    require(root, TREE, annotations, images)
    files = [(first(root / annotations, TREE, names), split) for names, split in LISTS]
    units = _units(root / annotations / files[0][0])
    tally, rows = Tally(), Rows(len(units))
    reels = Reels(root, images, tally)
    videos: dict[str, int] = {}
    for file, split in files:
        for number, line in islice(lines(root / annotations / file), 1, None):
            name, *cells = (cell.strip() for cell in line.split(","))
            try:
                expression, active, strange = _labels(cells, len(units))
            except ValueError:
                tally.add(MALFORMED, file, number, line)
                continue
            tally.add(OUT_OF_RANGE, file, number, line, count=strange)
            if problem := reels.fetch(name):
                tally.add(problem, file, number, name)
            elif expression < 0 and np.isnan(active).all():
                tally.add(UNLABELLED, file, number, name)
            else:
                video = videos.setdefault(video_of(name.partition("/")[0]), len(videos))
                rows.add(
                    f"{images}/{name}", class_label=expression, attributes=active, split=split, group=video
                )
    reels.count_rest()
    return rows.annotations("s-aff-wild2", root, classes=ORDER.classes, attributes=units, tally=tally)


def _units(file: Path) -> tuple[str, ...]:
    """Return the names of the units in the header, or those of the third competition."""
    header = next(lines(file), (1, ""))[1].split(",")
    named = [name.strip() for name in header[LEADING:]]
    usable = len(named) == len(ORDER.attributes) and all(
        ACTION_UNIT.fullmatch(name.casefold()) for name in named
    )
    return tuple(named) if usable else ORDER.attributes


def _labels(cells: Sequence[str], units: int) -> tuple[int, list[float], int]:
    """Return the expression, the units, and how many of them were outside their range."""
    expression, *active = map(float, cells[LEADING - 2 :])
    if len(active) != units:
        raise ValueError(cells)
    named = expression in range(len(ORDER.classes))
    strange = (not named and expression != MISSING) + sum(value not in (0, 1, MISSING) for value in active)
    labels = [value if value in (0, 1) else np.nan for value in active]
    return int(expression) if named else MISSING, labels, strange
