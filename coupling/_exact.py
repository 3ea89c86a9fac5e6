"""Sums that do not depend on their order: numbers of 0 and more as integers of three limbs.

A limb holds 26 bits: the integer part, and two of the fraction, so that each number is kept to 2**-53 and
every sum of them is exact. That of integers is exact up to 2**53.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Limbs = npt.NDArray[np.int64]

BITS = 26
COUNT = 3
LARGEST = 2.0**53
"""What the sum of all weights may come to: up to here float64 holds every integer."""


def zeros(*shape: int) -> Limbs:
    """Return sums of nothing, (3, *shape)."""
    return np.zeros((COUNT, *shape), np.int64)


def split(x: Floats) -> Iterator[Floats]:
    """Give the limbs of each number, the integer part first."""
    for limb in range(COUNT):
        whole = np.floor(x) if limb + 1 < COUNT else np.rint(x)
        yield whole
        x = (x - whole) * 2.0**BITS


def carried(sums: Limbs) -> Limbs:
    """Return the same sums in their one normal form: no limb of the fraction reaches 2**26."""
    sums = sums.copy()
    for limb in range(COUNT - 1, 0, -1):
        sums[limb - 1] += sums[limb] >> BITS
        sums[limb] &= (1 << BITS) - 1
    return sums


def value(sums: Limbs) -> Floats:
    """Return the sums as float64."""
    fraction = (sums[1] * 2.0**BITS + sums[2]) * 2.0 ** (-2 * BITS)
    total: Floats = sums[0] + fraction
    return total
