"""The common form of every database: images by reference, both kinds of labels, splits and groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from benchmarks.datasets.left_out import LeftOut

Array: TypeAlias = npt.NDArray[Any]
Index: TypeAlias = Array | slice

SPLITS = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = range(len(SPLITS))


class ImageReference(NamedTuple):
    """An image: its path below the root, and the box (x, y, width, height) in pixels to crop, if any."""

    path: str
    box: tuple[float, float, float, float] | None = None


class Paths(Protocol):
    """Paths below a root: a NumPy array of `StringDType`, or `Frames`."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any) -> Any: ...

    def __iter__(self) -> Iterator[str]: ...

    @property
    def nbytes(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Frames:
    """The frames of videos, as two numbers each: millions of paths that are formed only when asked for."""

    folders: tuple[str, ...]
    folder: Array
    number: Array

    def __post_init__(self) -> None:
        for name in ("folder", "number"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.number)

    def __iter__(self) -> Iterator[str]:
        return (self[position] for position in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        """Return the path of one frame, or the frames at an array of positions."""
        if isinstance(index, int | np.integer):
            return f"{self.folders[self.folder[index]]}/{self.number[index]:05d}.jpg"
        return Frames(self.folders, self.folder[index], self.number[index])

    @property
    def nbytes(self) -> int:
        return int(self.folder.nbytes + self.number.nbytes)


@dataclass(frozen=True, eq=False)
class Images(Sequence[ImageReference]):
    """References to images below `root`; `boxes` (N, 4) holds x, y, width and height, or is None."""

    root: Path
    paths: Paths
    boxes: Array | None = None

    def __post_init__(self) -> None:
        for name in ("paths", "boxes"):
            if isinstance(getattr(self, name), np.ndarray):
                object.__setattr__(self, name, _read_only(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> ImageReference: ...

    @overload
    def __getitem__(self, index: slice) -> Images: ...

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.take(index)
        if self.boxes is None:
            return ImageReference(self.paths[index])
        x, y, width, height = self.boxes[index].tolist()
        return ImageReference(self.paths[index], (x, y, width, height))

    def take(self, index: Index) -> Images:
        """Return the images at an array of positions, or where a mask is True."""
        return Images(self.root, self.paths[index], None if self.boxes is None else self.boxes[index])


@dataclass(frozen=True, eq=False)
class Annotations:
    """A loaded database. Arrays are read-only; all have the length of `images`.

    Attributes:
        name: the database.
        classes: names of the classes, C of them.
        attributes: names of the attributes, A of them.
        images: references, with paths below the root.
        class_labels: (N,) int32, -1 where missing.
        attribute_labels: (N, A) float32 in [0, 1], NaN where missing.
        split: (N,) int8, positions in `SPLITS`.
        group: (N,) int32, the identity or video of an image, -1 where there is none.
        left_out: what was left out, by kind.
        notes: what was decided or could not be verified, for the run's record.
    """

    name: str
    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    images: Images
    class_labels: Array
    attribute_labels: Array
    split: Array
    group: Array
    left_out: LeftOut = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.images), len(self.attributes))
        for name, dtype in (("class_labels", np.int32), ("split", np.int8), ("group", np.int32)):
            self._freeze(name, np.dtype(dtype), shape[:1])
        self._freeze("attribute_labels", np.dtype(np.float32), shape)
        _check_range("class_labels", self.class_labels, -1, len(self.classes) - 1)
        _check_range("split", self.split, 0, len(SPLITS) - 1)
        _check_range("group", self.group, -1, np.iinfo(np.int32).max)
        _check_range("attribute_labels", self.attribute_labels, 0, 1)

    def _freeze(self, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
        array = _read_only(getattr(self, name))
        if array.dtype != dtype or array.shape != shape:
            raise ValueError(f"{name} should be {dtype} {shape}, got {array.dtype} {array.shape}")
        object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.images)

    def take(self, index: Index) -> Annotations:
        """Return the samples at an array of positions, in a slice, or where a mask is True."""
        rows = ("class_labels", "attribute_labels", "split", "group")
        taken = {name: getattr(self, name)[index] for name in rows}
        return replace(self, images=self.images.take(index), **taken)

    def select(self, *, split: str) -> Annotations:
        """Return the samples of "train", "validation" or "test"."""
        if split not in SPLITS:
            raise ValueError(f"split should be one of {', '.join(map(repr, SPLITS))}, got {split!r}")
        return self.take(np.flatnonzero(self.split == SPLITS.index(split)))

    def summary(self) -> str:
        """Return what was loaded and what was left out, as text."""
        sizes = (f"{name} {int(np.sum(self.split == code))}" for code, name in enumerate(SPLITS))
        head = (
            f"{self.name}: {len(self)} images, {len(self.classes)} classes, {len(self.attributes)} attributes"
        )
        attributes, either = _labelled(self.attribute_labels)
        return "\n".join(
            [
                f"{head}; {', '.join(sizes)}",
                f"class labels: {int(np.sum(self.class_labels >= 0))} images",
                f"attribute labels: {either} images, {attributes} labels",
                f"groups: {len(np.unique(self.group[self.group >= 0]))}",
                *(f"left out: {omission}" for omission in self.left_out or ("nothing",)),
                *(f"note: {note}" for note in self.notes),
            ]
        )

    def record(self) -> dict[str, Any]:
        """Return what a run's record should say of its data, ready for JSON."""
        sizes = {name: int(np.sum(self.split == code)) for code, name in enumerate(SPLITS)}
        left_out = {
            omission.kind: {"count": omission.total, "examples": list(map(str, omission.examples))}
            for omission in self.left_out
        }
        return {"name": self.name, "images": sizes, "left_out": left_out, "notes": list(self.notes)}

    @property
    def nbytes(self) -> int:
        """Return the size of the arrays; of paths that are strings, the long ones are not in it."""
        arrays = (self.class_labels, self.attribute_labels, self.split, self.group, self.images.boxes)
        return self.images.paths.nbytes + sum(array.nbytes for array in arrays if array is not None)


def _read_only(array: Array) -> Array:
    """Return a view that cannot be written through."""
    view = array.view()
    view.flags.writeable = False
    return view


def _labelled(labels: Array) -> tuple[int, int]:
    """Return how many labels there are, and how many rows have any, block by block."""
    cells = rows = 0
    for start in range(0, len(labels), 1 << 16):
        there = labels[start : start + (1 << 16)] >= 0  # False for NaN
        cells += int(there.sum())
        rows += int(there.any(1).sum())
    return cells, rows


def _check_range(name: str, array: Array, low: float, high: float) -> None:
    """Check the values that are no NaN, without a copy of them."""
    least = np.fmin.reduce(array, axis=None, initial=low)
    most = np.fmax.reduce(array, axis=None, initial=high)
    if least < low or most > high:
        raise ValueError(f"{name} should be in [{low}, {high}], got {least if least < low else most}")
