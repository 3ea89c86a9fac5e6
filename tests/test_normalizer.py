"""What stands in for a sum: normalizers that return numbers, that follow each other, and that are refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_api_compat import numpy as xp

from coupling import _normalizer
from coupling._numeric import Sum

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


def test_only_what_is_not_asked_for_is_taken_without_a_mean() -> None:
    for nothing in (None, False):
        _normalizer.check_mean("process_group", nothing, "sum")
    with pytest.raises(ValueError, match="^process_group is not taken with reduction='sum', got True$"):
        _normalizer.check_mean("process_group", True, "sum")


def test_one_for_all_terms_is_checked() -> None:
    with pytest.raises(TypeError, match="^normalizer should be a function or None, got int$"):
        _normalizer.by_term(1, ("classes",))  # type: ignore[arg-type]


class Largest:
    """A normalizer that keeps what it is asked the maximum of, and says that other devices have `theirs`."""

    def __init__(self, theirs: float) -> None:
        self.theirs = theirs

    def __call__(self, x: Any) -> Any:
        return x

    def maximum(self, x: Any) -> Any:
        self.asked = x
        return np.maximum(x, self.theirs)


# Of two columns, the second has nobody here.
LARGE, HERE = np.array([[-3.0, 5.0], [-1.0, 7.0]]), np.array([[True, False], [True, False]])


def exponentials(normalizer: Any, large: Any = LARGE, here: Any = HERE) -> Any:
    x = Sum(large, np.zeros_like(large))
    return _normalizer.exponentials(x, where=here, normalizer=normalizer, xp=xp)


@pytest.mark.parametrize(("theirs", "top"), [(-np.inf, [-1, 0]), (-9.0, [-1, -9]), (2.0, [2, 2])])
def test_exponentials_are_relative_to_the_largest_of_all_devices(theirs: float, top: list[float]) -> None:
    normalizer = Largest(theirs)
    made, found = exponentials(normalizer)
    np.testing.assert_array_equal(normalizer.asked, [[-1, -np.inf]])
    np.testing.assert_array_equal(found, [top])
    np.testing.assert_array_equal(made, np.where(HERE, np.exp(LARGE - top), 0))


def test_exponentials_where_no_maximum_is_known() -> None:
    """They are as they are, and those next to nothing, a fourth of the exponents that there are, nothing."""
    large = np.array([[-3.0, 5.0], [-176.0, -178.0]])  # log of the smallest normal number is -708.4
    made, top = exponentials(halved, large, np.array([[True, False], [True, True]]))
    np.testing.assert_array_equal(top, [[0, 0]])
    np.testing.assert_array_equal(made, [[np.exp(-3), 0], [np.exp(-176), 0]])


def test_one_follows_those_of_some_terms() -> None:
    each = _normalizer.compose({"classes": halved}, lowered)
    assert list(each) == ["classes"]
    assert len(each) == 1
    by_term = _normalizer.by_term(each, ("classes", "attributes"))
    np.testing.assert_array_equal(averaged(by_term["classes"]), SUM / 2 - 1)
    assert each["attributes"] is lowered
    # What a sum takes for terms that are not named is what `by_term` gives.
    assert by_term["attributes"] is lowered
