"""What a relatedness is made of: matrices, flags and names, each checked and immutable."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.setflags(write=False)
    return array


def matrix(name: str, value: npt.ArrayLike, upper: float = float("inf")) -> Matrix:
    """Return a matrix as read-only float64, with every value from 0 to `upper`."""
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} should be a matrix: {error}") from None
    if np.any(hidden := mask(value)):
        raise ValueError(f"{name} should have no masked entries, got {np.sum(hidden)}")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} should hold real numbers, got dtype {array.dtype}")
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{name} should have shape (C, A) with C and A at least 1, got {array.shape}")
    array = array.astype(np.float64) + 0.0  # a copy, and no negative zero: equality compares bytes
    fits = (array >= 0) & (array <= upper) & np.isfinite(array)
    if not fits.all():
        wanted = "in [0, 1]" if upper == 1.0 else "finite and at least 0"
        row, column = np.argwhere(~fits)[0]
        raise ValueError(f"{name} should be {wanted}, got {array[row, column]} at [{row}, {column}]")
    return _read_only(array)


def mask(value: Any) -> Any:
    """Return which entries of a masked array are masked, False for none; None where this is no such array."""
    module = sys.modules.get("numpy.ma")  # which NumPy imports where it is asked for
    return value.mask if module is not None and isinstance(value, module.MaskedArray) else None


def flags(name: str, value: npt.ArrayLike | None, size: int) -> npt.NDArray[np.bool_]:
    """Return booleans, all True by default."""
    array = np.ones(size, dtype=bool) if value is None else np.array(value)
    if array.dtype.kind != "b":
        raise TypeError(f"{name} should be boolean, got dtype {array.dtype}")
    if array.shape != (size,):
        raise ValueError(f"{name} should have shape (C,) with C = {size}, got {array.shape}")
    return _read_only(array)


def names(name: str, value: Sequence[str] | None, size: int, stem: str) -> tuple[str, ...]:
    """Return one name for each of `size` entries."""
    if value is None:
        return tuple(f"{stem}_{index}" for index in range(size))
    given = strings(name, value)
    if len(given) != size:
        raise ValueError(f"{name} should have {size} names, one for each of conditional's, got {len(given)}")
    return given


def strings(name: str, value: Iterable[str]) -> tuple[str, ...]:
    """Return unique strings."""
    if isinstance(value, str):
        raise TypeError(f"{name} should be a sequence of names, got the string {value!r}")
    if not isinstance(value, Iterable):
        raise TypeError(f"{name} should be a sequence of names, got {value!r}")
    given = tuple(value)
    for entry in given:
        if not isinstance(entry, str):
            raise TypeError(f"{name} should be strings, got {entry!r}")
        check_text(name, entry)
    seen: set[str] = set()
    for entry in given:
        if entry in seen:
            raise ValueError(f"{name} should be unique, got {entry!r} more than once")
        seen.add(entry)
    return tuple(str(entry) for entry in given)


def check_text(name: str, entry: str) -> None:
    """Check that UTF-8 can hold a text: lone surrogates it cannot."""
    if not entry.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in entry):
        raise ValueError(f"{name} should be text that a file can hold, got {entry!r}")


def position(name: str, entry: str, names: Sequence[str]) -> int:
    """Return where `entry` stands among `names`."""
    try:
        return list(names).index(entry)
    except ValueError:
        raise ValueError(f"{name} should have every name of the table, {entry!r} is missing") from None
