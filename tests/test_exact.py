"""Sums in limbs, against rational arithmetic: exact, and of one form whatever they were added up from."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coupling import _exact

UNIT = Fraction(1, 2**52)
LIMB = 2**26

limbs = st.lists(st.integers(0, 2**60), min_size=3, max_size=3)


def rational(sums: np.ndarray) -> Fraction:
    return sum((Fraction(int(limb), LIMB**place) for place, limb in enumerate(sums)), Fraction())


@given(st.floats(0, 2.0**53))
def test_limbs_of_a_number(x: float) -> None:
    parts = [float(part) for part in _exact.split(np.array(x))]
    assert all(part.is_integer() and 0 <= part <= LIMB for part in parts[1:])
    found = rational(np.array(parts, np.int64))
    assert abs(found - Fraction(x)) <= UNIT / 2


@given(limbs)
def test_normal_form(given: list[int]) -> None:
    before = np.array(given, np.int64)[:, None]
    after = _exact.carried(before)
    assert before[:, 0].tolist() == given
    assert rational(after[:, 0]) == rational(before[:, 0])
    assert all(0 <= limb < LIMB for limb in after[1:, 0])


@given(st.integers(0, 2**53), st.integers(0, LIMB - 1), st.integers(0, LIMB - 1))
def test_value(whole: int, first: int, second: int) -> None:
    sums = np.array([whole, first, second], np.int64)
    assert abs(Fraction(float(_exact.value(sums))) - rational(sums)) <= max(rational(sums) / 2**53, UNIT)
