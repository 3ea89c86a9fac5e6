"""Aff-Wild2 frame by frame: expressions and action units of up to 2.8 million frames of videos.

Line 1 of a file of a video is a header, line i + 1 is about frame i, `<video>/00001.jpg` on; a suffix `_left`
or `_right` tells two faces of a video apart. Frames are missing where no face was found, and numbers of lines
and frames differ by a few: what is on both sides is kept. -1 is missing, in each cell. Names come from the
headers, which differ between the competitions (ABAW1: seven expressions, eight units). Valence and arousal
are not read.

Not verified: that no video is for training in one task and for validation in the other. Where one is, all of
its frames are for validation, with the labels of that task only, so that the published validation sets stay
whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.datasets.annotations import TRAIN, VALIDATION, Annotations, Array, Frames, Images
from benchmarks.datasets.frames import count, count_others, groups, present
from benchmarks.datasets.left_out import (
    MALFORMED,
    MISSING_ANNOTATION,
    MISSING_IMAGE,
    OUT_OF_RANGE,
    UNLABELLED,
    Tally,
)
from benchmarks.datasets.tree import below, first, refuse, require

TREE = """
annotations/EXPR_Classification_Challenge/Train_Set/<video>.txt   and Validation_Set
annotations/AU_Detection_Challenge/Train_Set/<video>.txt          and Validation_Set
                           in other years EXPR_Recognition_Challenge, EXPR_Set, AU_Set; Training_Set
cropped_aligned/<video>/00001.jpg …
"""
TASKS = {
    "expressions": ("EXPR_Classification_Challenge", "EXPR_Recognition_Challenge", "EXPR_Set"),
    "units": ("AU_Detection_Challenge", "AU_Set"),
}
SETS = {"Train_Set": TRAIN, "Training_Set": TRAIN, "Validation_Set": VALIDATION}
MISSING = -1


class File(NamedTuple):
    """The annotations of one video for one task."""

    path: Path
    split: int


class Part(NamedTuple):
    """The rows of one video."""

    number: Array
    class_labels: Array
    attribute_labels: Array
    split: int


def load(root: Path, *, annotations: str = "annotations", images: str = "cropped_aligned") -> Annotations:
    """Load Aff-Wild2. A group is a video; both faces of one are in the same.

    Args:
        root: see `TREE`.
        annotations: the folder below `root` that holds the folders of the tasks.
        images: the folder below `root` that holds a folder of frames for each video.
    """
    require(root, TREE, annotations, images)
    tally, parts = Tally(), {}
    files = {task: _files(root, annotations, names, tally) for task, names in TASKS.items()}
    names = {task: _names(found) for task, found in files.items()}
    for video in sorted(files["expressions"].keys() | files["units"].keys()):
        chosen = _one_split([files[task].get(video) for task in TASKS], root, tally)
        parts[video] = _video(root, f"{images}/{video}", chosen, tuple(names.values()), tally)
    count_others(root, images, parts, tally)
    return _joined(root, images, parts, names["expressions"], names["units"], tally)


def _files(root: Path, annotations: str, names: Sequence[str], tally: Tally) -> dict[str, File]:
    """Return the file of each video of a task; of two, that for validation."""
    task = root / annotations / first(root / annotations, TREE, names)
    found: dict[str, File] = {}
    for name, split in SETS.items():
        for path in sorted((task / name).glob("*.txt")):
            if path.stem in found:
                tally.add("video in two sets of a task", below(found[path.stem].path, root))
            found[path.stem] = File(path, split)
    return found or refuse(root, TREE, f"{task.name} holds no Train_Set/*.txt and no Validation_Set/*.txt")


def _names(files: Mapping[str, File]) -> tuple[str, ...]:
    """Return the header that most files have."""
    return Counter(_header(file.path) for file in files.values()).most_common(1)[0][0]


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return tuple(name.strip() for name in file.readline().split(","))


def _one_split(files: Sequence[File | None], root: Path, tally: Tally) -> list[File | None]:
    """Leave out the training labels of a video that is for validation in the other task."""
    splits = {file.split for file in files if file is not None}
    if len(splits) < 2:
        return list(files)
    for file in files:
        if file is not None and file.split == TRAIN:
            tally.add("video in training of one task, in validation of the other", below(file.path, root))
    return [file if file is not None and file.split == VALIDATION else None for file in files]


def _video(
    root: Path,
    folder: str,
    files: Sequence[File | None],
    names: Sequence[tuple[str, ...]],
    tally: Tally,
) -> Part:
    """Join the labels of a video with its frames."""
    there = present(root, folder, tally)
    expressions = _labels(files[0], names[0], 1, len(names[0]), root, tally)
    units = _labels(files[1], names[1], len(names[1]), 2, root, tally)
    annotated = max(len(expressions), len(units))
    length = max(annotated, len(there))
    named, active = _padded(expressions, length)[:, 0], _padded(units, length)
    there = _padded(there, length, False)
    labelled = (named >= 0) | (active >= 0).any(1)
    within = np.arange(length) < annotated
    count(tally, MISSING_IMAGE, labelled & ~there, folder)
    count(tally, MISSING_ANNOTATION, there & ~within, folder)
    count(tally, UNLABELLED, there & within & ~labelled, folder)
    kept = np.flatnonzero(labelled & there)
    units = np.where(active[kept] >= 0, active[kept], np.float32(np.nan))
    split = next(file.split for file in files if file is not None)
    return Part((kept + 1).astype(np.int32), named[kept].astype(np.int32), units, split)


def _labels(
    file: File | None, names: Sequence[str], width: int, count: int, root: Path, tally: Tally
) -> Array:
    """Return the labels of a file (lines, width), 0 to `count` - 1 or `MISSING`; no lines without a file."""
    if file is None:
        return np.empty((0, width), np.float32)
    shown = below(file.path, root)
    if _header(file.path) != tuple(names):
        tally.add("file with another header", shown)
        return np.empty((0, width), np.float32)
    values = _read(file.path, width, shown, tally)
    sound = (values >= 0) & (values < count) & (values == np.floor(values))
    strange = ~sound & (values != MISSING)
    for row in np.flatnonzero(strange.any(1)):
        what = ",".join(f"{value:g}" for value in values[row])
        tally.add(OUT_OF_RANGE, shown, int(row) + 2, what, count=int(strange[row].sum()))
    return np.where(sound, values, np.float32(MISSING))


def _read(path: Path, width: int, shown: str, tally: Tally) -> Array:
    """Return the numbers below the header, all `MISSING` where a line is malformed."""
    text = path.read_text(encoding="utf-8-sig", errors="replace").rstrip().split("\n")[1:]
    try:
        values = np.loadtxt(text, np.float32, delimiter=",", ndmin=2, comments=None) if text else None
        if values is not None and values.shape == (len(text), width):  # empty lines would shift the frames
            return values
    except ValueError:
        pass
    values = np.full((len(text), width), MISSING, np.float32)
    for row, line in enumerate(text):
        try:
            values[row] = _numbers(line, width)
        except ValueError:
            tally.add(MALFORMED, shown, row + 2, line)
    return values


def _numbers(line: str, width: int) -> list[float]:
    numbers = [float(cell) for cell in line.split(",")]
    if len(numbers) != width:
        raise ValueError(line)
    return numbers


def _padded(rows: Array, length: int, value: float = MISSING) -> Array:
    more = [(0, length - len(rows))] + [(0, 0)] * (rows.ndim - 1)
    return np.pad(rows, more, constant_values=value)


def _joined(
    root: Path,
    images: str,
    parts: dict[str, Part],
    classes: Sequence[str],
    units: Sequence[str],
    tally: Tally,
) -> Annotations:
    """Put the videos one after another."""
    sizes = [len(part.number) for part in parts.values()]
    video = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)
    number, named, active = (np.concatenate([part[field] for part in parts.values()]) for field in range(3))
    splits = np.array([part.split for part in parts.values()], np.int8)
    return Annotations(
        name="aff-wild2",
        classes=tuple(classes),
        attributes=tuple(units),
        images=Images(root, Frames(tuple(f"{images}/{stem}" for stem in parts), video, number)),
        class_labels=named,
        attribute_labels=active,
        split=splits[video],
        group=groups(list(parts))[video],
        left_out=tally.done(),
    )
