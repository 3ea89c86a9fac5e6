"""Images as a set takes them, read only when they are asked for: of one database, or of several in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.datasets.annotations import Array
from benchmarks.datasets.images import CHANNELS, Pixels


class LazyImages:
    """The images at some positions of several databases' pixels, as bytes (N, size, size, 3).

    Indexed as an array is, and what comes out is one: nothing else is copied.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, parts: Sequence[tuple[Pixels, Array]]) -> None:
        """Take, of each database, the images at an array of positions."""
        sizes = {pixels.size for pixels, _ in parts}
        if len(sizes) != 1:
            raise ValueError(f"parts should be of images of one size, got {sorted(sizes)}")
        self._pixels = [pixels for pixels, _ in parts]
        self._source = np.repeat(np.arange(len(parts), dtype=np.int8), [len(index) for _, index in parts])
        self._position = np.concatenate([index for _, index in parts])
        self.shape = (len(self._position), *sizes, *sizes, CHANNELS)

    def __len__(self) -> int:
        return len(self._position)

    def __getitem__(self, index: Any) -> Array:
        source, position = np.atleast_1d(self._source[index]), np.atleast_1d(self._position[index])
        read = np.empty((*position.shape, *self.shape[1:]), np.uint8)
        for number, pixels in enumerate(self._pixels):
            own = source == number
            read[own] = pixels.read(position[own])[0]
        return read if np.ndim(self._position[index]) else read[0]
