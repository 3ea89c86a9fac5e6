"""What stands in the cells of tables, read without trust: what is not of its form is None, or no cell."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence

WHOLE = re.compile(r"-?[0-9]{1,9}")
"""Nothing in these databases has more digits, and this fits every array."""


def whole(text: str) -> int | None:
    """Return a whole number.

    Example:
        >>> whole("7"), whole("-1"), whole("7.0"), whole("²"), whole("9" * 40)
        (7, -1, None, None, None)
    """
    return int(text) if WHOLE.fullmatch(text) else None


def number(text: str) -> float | None:
    """Return a finite number.

    Example:
        >>> number("0.5"), number("nan"), number("1e999"), number("")
        (0.5, None, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def box(texts: Sequence[str]) -> tuple[float, float, float, float] | None:
    """Return x, y, width and height, the latter two above 0.

    Example:
        >>> box(["1", "0", "5.5", "4"]), box(["1", "0", "0", "4"]), box(["1", "0"])
        ((1.0, 0.0, 5.5, 4.0), None, None)
    """
    values = [value for value in map(number, texts) if value is not None]
    if len(values) != 4 or len(texts) != 4 or min(values[2:]) <= 0:
        return None
    x, y, width, height = values
    return x, y, width, height


def columns(line: str) -> list[str]:
    """Return the cells of a line between commas; none of an empty line or of one that is no CSV.

    Example:
        >>> columns("a, 'AU 1' ,b"), columns("")
        (['a', "'AU 1'", 'b'], [])
    """
    try:
        return [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True), [])]
    except csv.Error:
        return []
