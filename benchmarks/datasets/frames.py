"""The frames of videos on the disk, a folder of five-digit numbers for each face."""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from benchmarks.datasets.annotations import Array
from benchmarks.datasets.left_out import MISSING_ANNOTATION, MISSING_IMAGE, TWICE, Tally
from benchmarks.datasets.tree import is_image

FRAME = re.compile(r"(?!0+\.)(\d{5}|[1-9]\d{5})\.jpg")
"""Frames count from 00001; six digits after 99999."""

LONGEST = 255
"""Bytes of a name on the disk; of a longer one systems raise an error."""
SIDES = ("_left", "_right")


def video_of(stem: str) -> str:
    """Return the video of a face.

    Example:
        >>> video_of("10-60-1280x720_right")
        '10-60-1280x720'
    """
    for side in SIDES:
        stem = stem.removesuffix(side)
    return stem


def groups(stems: Sequence[str]) -> Array:
    """Return the number of the video of each face, in the order of their names."""
    _, number = np.unique([video_of(stem) for stem in stems], return_inverse=True)
    return number.astype(np.int32)


def present(root: Path, folder: str, tally: Tally) -> Array:
    """Return which frames are there, by reading the folder once."""
    if max(map(len, os.fsencode(folder).split(b"/"))) > LONGEST or not (root / folder).is_dir():
        return np.empty(0, np.bool_)
    numbers = array("i")
    with os.scandir(root / folder) as entries:
        for entry in entries:
            if FRAME.fullmatch(entry.name):
                numbers.append(int(entry.name.removesuffix(".jpg")) - 1)
            elif is_image(entry.name):
                tally.add("image that is no frame", f"{folder}/{entry.name}")
    there = np.zeros(max(numbers, default=-1) + 1, np.bool_)
    there[np.array(numbers, np.int64)] = True
    return there


def count(tally: Tally, kind: str, found: Array, folder: str) -> None:
    """Count the frames of a video, with the first as the example."""
    if found.any():
        tally.add(kind, f"{folder}/{int(found.argmax()) + 1:05d}.jpg", count=int(found.sum()))


def count_others(root: Path, images: str, videos: Collection[str], tally: Tally) -> None:
    """Count the frames of videos without annotations, those of a test set among them."""
    with os.scandir(root / images) as entries:
        folders = sorted(entry.name for entry in entries if entry.is_dir() and entry.name not in videos)
    for video in folders:
        frames = present(root, f"{images}/{video}", tally)
        count(tally, MISSING_ANNOTATION, frames, f"{images}/{video}")


class Reels:
    """Frames each of which may be fetched once; a folder is read when the first of its frames is fetched."""

    def __init__(self, root: Path, images: str, tally: Tally) -> None:
        self._root, self._images, self._tally = root, images, tally
        self._left: dict[str, Array] = {}
        self._there: dict[str, Array] = {}

    def fetch(self, name: str) -> str | None:
        """Take "<video>/00001.jpg"; return the kind of omission where it is not there or was taken before."""
        video, _, frame = name.partition("/")
        if video not in self._there:
            self._there[video] = present(self._root, f"{self._images}/{video}", self._tally)
            self._left[video] = self._there[video].copy()
        index = int(frame.removesuffix(".jpg")) - 1 if FRAME.fullmatch(frame) else len(self._there[video])
        if index >= len(self._there[video]) or not self._there[video][index]:
            return MISSING_IMAGE
        left, self._left[video][index] = self._left[video][index], False
        return None if left else TWICE

    def count_rest(self) -> None:
        """Count the frames that were not fetched."""
        for video, left in self._left.items():
            count(self._tally, MISSING_ANNOTATION, left, f"{self._images}/{video}")
        count_others(self._root, self._images, self._left, self._tally)
