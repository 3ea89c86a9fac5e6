"""The pixels of referenced images: read, cropped, resized, kept as bytes, scaled to [-1, 1].

What cannot be decoded is found here, when an image is read, and counted like everything that is left out.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.datasets.annotations import Annotations, Array, ImageReference, Images
from benchmarks.datasets.left_out import UNREADABLE, Tally

CHANNELS = 3
UNKNOWN, READ, BROKEN = range(3)
BLOCK = 256


class Unreadable(ValueError):  # noqa: N818
    """An image that cannot be decoded, or whose box lies outside of it."""


def read(root: Path, reference: ImageReference, *, size: int) -> npt.NDArray[np.uint8]:
    """Return an image in its box as (size, size, 3), whatever its colours were.

    Raises:
        Unreadable: where it cannot be.
    """
    try:
        with Image.open(root / reference.path) as image:
            box = _inside(reference.box, image.size)
            resized = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR, box=box)
    except Unreadable:
        raise
    except Exception as error:  # what decoders raise for a broken file is not documented
        raise Unreadable(" ".join(str(error).split())) from None
    return np.asarray(resized, np.uint8)


def scale(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return pixels in [-1, 1]: 0 becomes -1, 255 becomes 1."""
    return pixels.astype(np.float32) / np.float32(127.5) - np.float32(1)


class Pixels:
    """The pixels of a database's images at one size, read when they are asked for.

    With `cache`, a folder, each image is decoded once: the bytes lie in one file, for these images, boxes and
    size only, which several processes may share. Its room is taken at once, so that a disk that is too small
    is an error before anything is read. It does not see that an image has changed: delete it then.
    """

    def __init__(
        self, annotations: Annotations, *, size: int, crop: bool = True, cache: Path | None = None
    ) -> None:
        if size < 1:
            raise ValueError(f"size should be at least 1, got {size}")
        images = annotations.images
        self._images = images if crop else replace(images, boxes=None)
        self._annotations, self.size = annotations, size
        self._state, self._stored = _stored(self._images, annotations.name, size, cache)
        self._problems: dict[int, str] = {}
        self._again = partial(Pixels, annotations, size=size, crop=crop, cache=cache)

    def __reduce__(self) -> tuple[Callable[[], Pixels], tuple[()]]:
        """Let another process open the cache for itself, in place of a copy of all its pixels."""
        return self._again, ()

    def read(self, index: npt.ArrayLike) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """Return the images at these positions (B, size, size, 3), and which of them could be read (B,).

        Those that could not be are black.
        """
        positions = np.asarray(index, np.int64)
        pixels = np.zeros((len(positions), self.size, self.size, CHANNELS), np.uint8)
        for row, position in enumerate(positions.tolist()):
            if self._stored is not None and self._state[position] == READ:
                pixels[row] = self._stored[position]
            elif self._state[position] != BROKEN:
                self._decode(position, pixels[row])
        return pixels, self._state[positions] == READ

    def _decode(self, position: int, target: npt.NDArray[np.uint8]) -> None:
        try:
            target[:] = read(self._images.root, self._images[position], size=self.size)
        except Unreadable as error:
            self._problems[position] = str(error)
            self._state[position] = BROKEN
            return
        if self._stored is not None:
            self._stored[position] = target  # first the pixels, then that they are there
        self._state[position] = READ

    def readable(self) -> Annotations:
        """Read every image, and return the annotations of those that can be, the others counted."""
        kept = self.kept()
        tally = Tally(self._annotations.left_out)
        for position in np.setdiff1d(np.arange(len(self._images)), kept).tolist():
            path = self._images[position].path
            tally.add(UNREADABLE, path, 0, self._problems.get(position, "found before"))
        return replace(self._annotations.take(kept), left_out=tally.done())

    def kept(self) -> Array:
        """Read every image that was not read yet, and return the positions of those that can be."""
        pending = np.flatnonzero(self._state == UNKNOWN)
        for start in range(0, len(pending), BLOCK):
            self.read(pending[start : start + BLOCK])
        return np.flatnonzero(self._state != BROKEN)


def _inside(
    box: tuple[float, float, float, float] | None, size: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """Return a box as corners within the image."""
    if box is None:
        return None
    (x, y, width, height), (right, bottom) = box, size
    corners = max(x, 0.0), max(y, 0.0), min(x + width, right), min(y + height, bottom)
    if corners[0] >= corners[2] or corners[1] >= corners[3]:
        raise Unreadable(f"its box {box} lies outside its {right} x {bottom} pixels")
    return corners


def _stored(images: Images, name: str, size: int, cache: Path | None) -> tuple[Array, Array | None]:
    """Return the state of each image, and the pixels where they are kept: both in one file, if in any."""
    if cache is None:
        return np.full(len(images), UNKNOWN, np.uint8), None
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"{name}-{size}-{_fingerprint(images)}.pixels"
    shape = (len(images), size, size, CHANNELS)
    total = len(images) + int(np.prod(shape, dtype=np.int64))
    _make_room(path, total)
    stored = np.memmap(path, np.uint8, "r+", shape=(total,))
    return stored[: len(images)], stored[len(images) :].reshape(shape)


def _make_room(path: Path, size: int) -> None:
    """Take the room of a file on the disk; one of the full size is left as it is."""
    if path.exists() and path.stat().st_size == size:
        return
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}.tmp")
    try:
        with temporary.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = f"the disk has no room for {size} bytes" if full else error.strerror
        raise OSError(error.errno, f"cache: {reason}", str(path)) from None


def _fingerprint(images: Images) -> str:
    """Return what tells these images, in this order and with these boxes, from all others."""
    digest = hashlib.blake2b(str(images.root.resolve()).encode(), digest_size=8)
    for position in range(len(images)):
        digest.update(f"\0{images.paths[position]}".encode())
    if images.boxes is not None:
        digest.update(np.ascontiguousarray(images.boxes).tobytes())
    return digest.hexdigest()
