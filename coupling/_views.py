"""Other views of K: how sure it is, and how near to 0 and 1."""

from __future__ import annotations

import numpy as np

from coupling._check import check_number
from coupling._fields import Matrix


def interval(conditional: Matrix, support: Matrix | None, level: float) -> tuple[Matrix, Matrix]:
    """Return the quantiles of Beta(K N + 1/2, (1 - K) N + 1/2) on both sides of `level`."""
    check_number("level", level, 0.0, 1.0)
    if support is None:
        raise ValueError("support should be there for an interval, got None: K was not counted")
    try:
        from scipy.special import betaincinv
    except ModuleNotFoundError as error:
        raise ImportError('intervals need SciPy: pip install "coupling[data]"') from error
    present, absent = conditional * support + 0.5, (1.0 - conditional) * support + 0.5
    tail = (1.0 - level) / 2
    return betaincinv(present, absent, tail), betaincinv(present, absent, 1.0 - tail)


def binarized(conditional: Matrix, threshold: float) -> Matrix:
    """Return 1 where K is at least `threshold`, else 0."""
    check_number("threshold", threshold, 0.0, 1.0, closed="high")
    matrix: Matrix = (conditional >= threshold).astype(np.float64)
    return matrix


def sharpened(conditional: Matrix, temperature: float) -> Matrix:
    """Return K^(1/T) / (K^(1/T) + (1 - K)^(1/T)), each power divided by the larger so that none vanishes."""
    check_number("temperature", temperature, 0.0, float("inf"))
    larger = np.maximum(conditional, 1.0 - conditional)
    present = (conditional / larger) ** (1.0 / temperature)
    absent = ((1.0 - conditional) / larger) ** (1.0 / temperature)
    matrix: Matrix = present / (present + absent)
    return matrix
