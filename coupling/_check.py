"""The checks of arguments: static ones only, so they hold while tracing as well.

Every message names the argument, says what it should be and what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from coupling._namespace import Array, Namespace, describe_type, resolve

FLOATING = ("real floating",)
INTEGRAL = ("integral",)
NUMERIC = ("real floating", "integral")
LABELS = ("real floating", "integral", "bool")
BOOLEAN = ("bool",)
NUMBERS = (int, float, np.number)
OPTIONAL = ("where", "sample_weight")


def check_arrays(
    xp: Namespace | None, sizes: Mapping[str, int], **arrays: tuple[Array | None, str, tuple[str, ...]]
) -> Namespace:
    """Check each array's library, shape and kind of dtype, and return their namespace.

    ``z=(z, "BC", FLOATING)`` is of rank 2 with sizes B and C, see `check_shapes`. Those of `OPTIONAL` may be
    None.
    """
    for name, (array, _, _) in arrays.items():
        if array is None and name not in OPTIONAL:
            raise TypeError(f"{name} should be an array, got None")
    xp = resolve(xp, **{name: array for name, (array, _, _) in arrays.items()})
    check_shapes(sizes, **{name: (array, letters) for name, (array, letters, _) in arrays.items()})
    for name, (array, _, kinds) in arrays.items():
        check_dtype(xp, kinds, **{name: array})
    return xp


def check_dtype(xp: Namespace, kinds: tuple[str, ...], **arrays: Array | None) -> None:
    """Check that each array's dtype is of one of `kinds`, the standard's names for them."""
    for name, array in arrays.items():
        if array is not None and not any(xp.isdtype(array.dtype, kind) for kind in kinds):
            raise TypeError(f"{name} should have a dtype that is {' or '.join(kinds)}, got {array.dtype}")


def number(value: Any) -> Any:
    """Return what one of NumPy's arrays of shape () holds, and anything else as it is."""
    return value.item() if isinstance(value, np.ndarray) and value.shape == () else value


def check_library(xp: Namespace, like: Array, **options: Any) -> None:
    """Check that options that are arrays are NumPy's or of the library of `like`."""
    for name, value in options.items():
        if not isinstance(value, (*NUMBERS, np.ndarray)) and hasattr(value, "shape"):
            resolve(xp if hasattr(xp, "is_array") else None, logits=like, **{name: value})


def check_shapes(sizes: Mapping[str, int], **arrays: tuple[Array | None, str]) -> None:
    """Check shapes against letters: ``z=(z, "BC")`` is of rank 2 with sizes B and C.

    `sizes` holds the letters that are known; the others are bound by the first array that has them. C and A
    may not be 0. A size that is not known while tracing (None) fits any.
    """
    bound = dict(sizes)
    for name, (array, letters) in arrays.items():
        if array is None:
            continue
        shape = tuple(array.shape)
        fits = len(shape) == len(letters)
        if fits:
            for letter, size in zip(letters, shape, strict=True):
                if size == 0 and letter in "CA":
                    fits = False
                elif size is not None and size == size:  # and no &=, which PyTorch 2.9 cannot trace
                    fits = size == bound.setdefault(letter, size) and fits
        if not fits:
            known = ", ".join(f"{letter} = {bound[letter]}" for letter in letters if letter in bound)
            wanted = f"({', '.join(letters)}{',' if len(letters) == 1 else ''})"
            raise ValueError(f"{name} should have shape {wanted}{known and ' with ' + known}, got {shape}")


def check_option(name: str, value: object, allowed: Iterable[object]) -> None:
    """Check that `value` is one of `allowed`."""
    options = list(allowed)
    if not any(value is option or (isinstance(value, str) and value == option) for option in options):
        raise ValueError(f"{name} should be one of {', '.join(map(repr, options))}, got {value!r}")


def check_flag(name: str, value: object) -> None:
    """Check that `value` is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} should be True or False, got {describe_type(value)}")


def check_names(name: str, given: Iterable[str], allowed: Iterable[str]) -> None:
    """Check that the keys of a mapping are among `allowed`."""
    options = list(allowed)
    for key in given:
        if key not in options:
            raise ValueError(f"{name} should have keys among {', '.join(map(repr, options))}, got {key!r}")


def check_mapping(name: str, value: object, *, optional: bool = False) -> None:
    """Check that `value` is a mapping, or None where that is `optional`."""
    if not (isinstance(value, Mapping) or (optional and value is None)):
        raise TypeError(
            f"{name} should be a mapping{' or None' if optional else ''}, got {describe_type(value)}"
        )


def check_keys(name: str, content: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Check that a mapping has exactly these keys."""
    check_names(name, content, keys)
    for key in keys:
        if key not in content:
            raise ValueError(f"{name} should have the keys {', '.join(map(repr, keys))}, {key!r} is missing")


def check_number(name: str, value: object, low: float, high: float, *, closed: str = "") -> None:
    """Check that `value` is a real number between `low` and `high`; `closed` names the bounds that belong."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} should be a real number, got {describe_type(value)}")
    try:
        number = float(value)
    except OverflowError:  # an integer too large
        number = float("inf")
    above = number >= low if "low" in closed else number > low
    below = number <= high if "high" in closed else number < high
    if not (above and below):
        interval = f"{'[' if 'low' in closed else '('}{low}, {high}{']' if 'high' in closed else ')'}"
        raise ValueError(f"{name} should be in {interval}, got {value!r}")


def check_count(name: str, value: object) -> None:
    """Check that `value` is an integer of at least 0."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} should be an integer, got {describe_type(value)}")
    if value < 0:
        raise ValueError(f"{name} should be at least 0, got {value!r}")


def check_vector(name: str, value: Any, size: int, *, positive: bool = False) -> None:
    """Check a vector of `size` numbers of at least 0 (above 0 where `positive`).

    The values of lists, tuples and NumPy arrays are checked; those of other arrays may not be known yet.
    """
    if hasattr(value, "shape"):
        check_shapes({"N": size}, **{name: (value, "N")})
    elif not isinstance(value, (list, tuple)):
        raise TypeError(
            f"{name} should be a sequence or an array of {size} numbers, got {describe_type(value)}"
        )
    elif len(value) != size:
        raise ValueError(f"{name} should have shape (N,) with N = {size}, got ({len(value)},)")
    if isinstance(value, np.ndarray):
        value = value.tolist()
    for index, entry in enumerate(value if isinstance(value, (list, tuple)) else ()):
        check_number(f"{name}[{index}]", entry, 0.0, float("inf"), closed="" if positive else "low")


def check_mask(name: str, value: Any, size: int) -> None:
    """Check a vector of `size` booleans."""
    if isinstance(value, (list, tuple)):
        for index, entry in enumerate(value):
            if not isinstance(entry, (bool, np.bool_)):
                raise TypeError(f"{name}[{index}] should be boolean, got {describe_type(entry)}")
        if len(value) != size:
            raise ValueError(f"{name} should have shape (N,) with N = {size}, got ({len(value)},)")
        return
    if "bool" not in str(getattr(value, "dtype", "")):
        raise TypeError(f"{name} should be boolean, got {getattr(value, 'dtype', describe_type(value))}")
    check_shapes({"N": size}, **{name: (value, "N")})
