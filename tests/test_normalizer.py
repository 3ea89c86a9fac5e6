"""What stands in for a sum: normalizers that return numbers, that follow each other, and that are refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_api_compat import numpy as xp

from coupling import _normalizer

SUM = np.array([[3.0, 5.0]], np.float32)


def halved(x: Any) -> Any:
    return x / 2


def lowered(x: Any) -> Any:
    return x - 1


def averaged(normalizer: Any) -> Any:
    return _normalizer.average(SUM, normalizer, xp)


def test_none_leaves_a_sum_as_it_is() -> None:
    assert averaged(None) is SUM


def test_a_sum_keeps_its_dtype() -> None:
    assert averaged(lambda x: x.astype(np.float64)).dtype == SUM.dtype


def test_a_number_stands_for_a_sum_without_axes() -> None:
    made = _normalizer.average(np.array(3.0, np.float32), lambda x: 2, xp)
    assert made == 2
    assert made.dtype == np.float32


@pytest.mark.parametrize(
    ("normalizer", "got"),
    [(lambda x: x[0], r"\(2,\)"), (lambda x: 2.0, r"\(\)"), (lambda x: None, "NoneType")],
)
def test_another_shape_is_refused(normalizer: Callable[[Any], Any], got: str) -> None:
    message = rf"^normalizer should return an array of the shape that it is given, \(1, 2\), got {got}$"
    with pytest.raises(ValueError, match=message):
        averaged(normalizer)


def test_one_follows_the_other() -> None:
    np.testing.assert_array_equal(averaged(_normalizer.compose(halved, lowered)), SUM / 2 - 1)
    three = _normalizer.compose(_normalizer.compose(halved, lowered), halved)
    np.testing.assert_array_equal(averaged(three), (SUM / 2 - 1) / 2)


def test_nothing_to_follow() -> None:
    assert _normalizer.compose(None, halved) is halved


def test_what_is_followed_is_checked() -> None:
    with pytest.raises(TypeError, match="^normalizer should be a function or None, got int$"):
        _normalizer.compose(1, halved)  # type: ignore[arg-type]


def test_one_follows_those_of_some_terms() -> None:
    each = _normalizer.compose({"classes": halved}, lowered)
    assert list(each) == ["classes"]
    assert len(each) == 1
    by_term = _normalizer.by_term(each, ("classes", "attributes"))
    np.testing.assert_array_equal(averaged(by_term["classes"]), SUM / 2 - 1)
    assert each["attributes"] is lowered
    # What a sum takes for terms that are not named is what `by_term` gives.
    assert by_term["attributes"] is lowered
