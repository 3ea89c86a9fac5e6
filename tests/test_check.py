"""What the checks let through, and what they say of the rest."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import array_api_compat.numpy as compat_numpy
import array_api_strict
import numpy as np
import pytest

from coupling import _check
from coupling._check import BOOLEAN, FLOATING, NUMERIC, check_vector

INF = float("inf")
NUMBER, COUNT, MASK, FLAG = _check.check_number, _check.check_count, _check.check_mask, _check.check_flag
OPTION, NAMES, KEYS, MAPPING = (
    _check.check_option,
    _check.check_names,
    _check.check_keys,
    _check.check_mapping,
)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (2.0, TypeError, "prior should be a sequence or an array of 3 numbers, got float"),
        ([1.0, 1.0], ValueError, r"prior should have shape \(N,\) with N = 3, got \(2,\)"),
        ([1.0, 0.0, 1.0], ValueError, r"prior\[1\] should be in \(0.0, inf\), got 0.0"),
        (np.array([1.0, np.nan, 1.0]), ValueError, r"prior\[1\] should be in \(0.0, inf\), got nan"),
        (["a", 1.0, 1.0], TypeError, r"prior\[0\] should be a real number, got str"),
        (np.ones((3, 1)), ValueError, r"prior should have shape \(N,\) with N = 3, got \(3, 1\)"),
        (array_api_strict.ones(4), ValueError, r"prior should have shape \(N,\) with N = 3, got \(4,\)"),
    ],
)
def test_vector(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        check_vector("prior", value, 3, positive=True)


@pytest.mark.parametrize("value", [[0.0, 1, 2.5], (0, 1, 2), np.asarray([0.0, 1.0, 2.0])])
def test_a_vector_may_hold_zeros(value: Any) -> None:
    check_vector("class_weight", value, 3)
    with pytest.raises(ValueError, match=r"class_weight\[0\] should be in \[0.0, inf\), got -1"):
        check_vector("class_weight", [-1, *value[1:]], 3)


def test_values_of_other_arrays_are_not_read() -> None:
    check_vector("prior", array_api_strict.asarray([-1.0, 0.0]), 2, positive=True)


@pytest.mark.parametrize(
    ("value", "closed"),
    [(0.0, "low"), (1.0, "high"), (1, "low, high"), (0.5, ""), (np.float32(0.5), "")],
)
def test_number_within(value: Any, closed: str) -> None:
    _check.check_number("eps", value, 0.0, 1.0, closed=closed)


@pytest.mark.parametrize(
    ("value", "closed", "interval"),
    [
        (0.0, "", r"\(0.0, 1.0\)"),
        (0.0, "high", r"\(0.0, 1.0\]"),
        (1.0, "low", r"\[0.0, 1.0\)"),
        (-0.1, "low, high", r"\[0.0, 1.0\]"),
        (1.1, "low, high", r"\[0.0, 1.0\]"),
        (float("nan"), "low, high", r"\[0.0, 1.0\]"),
        (10**400, "low, high", r"\[0.0, 1.0\]"),
    ],
)
def test_number_outside(value: Any, closed: str, interval: str) -> None:
    with pytest.raises(ValueError, match=f"^eps should be in {interval}, got {value!r}$"):
        _check.check_number("eps", value, 0.0, 1.0, closed=closed)


def test_an_integer_too_large_is_no_more_than_infinite() -> None:
    _check.check_number("eps", 10**400, 0.0, INF, closed="high")


REFUSED: list[tuple[Callable[[], None], type[Exception], str]] = [
    (partial(NUMBER, "eps", True, 0.0, 1.0), TypeError, "eps should be a real number, got bool"),
    (partial(NUMBER, "eps", None, 0.0, 1.0), TypeError, "eps should be a real number, got NoneType"),
    (partial(COUNT, "n", True), TypeError, "n should be an integer, got bool"),
    (partial(COUNT, "n", 1.0), TypeError, "n should be an integer, got float"),
    (partial(COUNT, "n", -1), ValueError, "n should be at least 0, got -1"),
    (partial(FLAG, "f", 1), TypeError, "f should be True or False, got int"),
    (partial(FLAG, "f", None), TypeError, "f should be True or False, got NoneType"),
    (partial(OPTION, "a", "x", ["y", None]), ValueError, "a should be one of 'y', None, got 'x'"),
    (partial(OPTION, "a", 0, [False, "y"]), ValueError, "a should be one of False, 'y', got 0"),
    (partial(NAMES, "w", "yx", "yz"), ValueError, "w should have keys among 'y', 'z', got 'x'"),
    (partial(MAPPING, "w", [1]), TypeError, "w should be a mapping, got list"),
    (partial(MAPPING, "w", None), TypeError, "w should be a mapping, got NoneType"),
    (partial(MAPPING, "w", [1], optional=True), TypeError, "w should be a mapping or None, got list"),
    (partial(KEYS, "f", {"a": 1, "c": 2}, "ab"), ValueError, "f should have keys among 'a', 'b', got 'c'"),
    (partial(KEYS, "f", {"a": 1}, "ab"), ValueError, "f should have the keys 'a', 'b', 'b' is missing"),
    (partial(MASK, "m", [True, 1], 2), TypeError, "m[1] should be boolean, got int"),
    (partial(MASK, "m", (True,), 2), ValueError, "m should have shape (N,) with N = 2, got (1,)"),
    (partial(MASK, "m", 1.0, 2), TypeError, "m should be boolean, got float"),
    (partial(MASK, "m", np.ones(2), 2), TypeError, "m should be boolean, got float64"),
    (partial(MASK, "m", np.ones(3, bool), 2), ValueError, "m should have shape (N,) with N = 2, got (3,)"),
]


def test_names_that_come_only_once() -> None:
    with pytest.raises(ValueError, match="^w should have keys among 'y', 'z', got 'x'$"):
        NAMES("w", "yx", iter("yz"))


@pytest.mark.parametrize(("check", "error", "message"), REFUSED)
def test_refused(check: Callable[[], None], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        check()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "check",
    [
        partial(COUNT, "n", 0),
        partial(COUNT, "n", np.int64(3)),
        partial(FLAG, "f", True),
        partial(FLAG, "f", False),
        partial(OPTION, "a", "y", ["y", None]),
        partial(OPTION, "a", None, ["y", None]),
        partial(NAMES, "w", [], []),
        partial(MAPPING, "w", {}),
        partial(MAPPING, "w", None, optional=True),
        partial(KEYS, "f", {"b": 1, "a": 2}, "ab"),
        partial(MASK, "m", [True, np.False_], 2),
        partial(MASK, "m", np.ones(2, bool), 2),
    ],
)
def test_let_through(check: Callable[[], None]) -> None:
    check()


def shaped(*shape: Any) -> SimpleNamespace:
    return SimpleNamespace(shape=shape)


@pytest.mark.parametrize(
    "arrays",
    [
        {"z": (shaped(2, 3), "BC"), "c": (shaped(2), "B")},
        {"z": (shaped(0, 3), "BC")},
        {"z": (None, "BC"), "c": (shaped(5), "B")},
        {"z": (shaped(None, 3), "BC"), "c": (shaped(7), "B"), "w": (shaped(7), "B")},
        {"z": (shaped(float("nan"), 3), "BC"), "c": (shaped(7), "B")},  # Dask's unknown size
    ],
)
def test_shapes_that_fit(arrays: dict[str, Any]) -> None:
    _check.check_shapes({"C": 3}, **arrays)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"z": (shaped(2, 4), "BC")}, "z should have shape (B, C) with B = 2, C = 3, got (2, 4)"),
        ({"z": (shaped(2), "BC")}, "z should have shape (B, C) with C = 3, got (2,)"),
        ({"c": (shaped(2, 1), "B")}, "c should have shape (B,), got (2, 1)"),
        ({"s": (shaped(2, 0), "BA")}, "s should have shape (B, A) with B = 2, got (2, 0)"),
        ({"z": (shaped(2, 0), "BC")}, "z should have shape (B, C) with B = 2, C = 3, got (2, 0)"),
        (
            {"x": (None, "B"), "z": (shaped(2, 3), "BC"), "c": (shaped(1), "B")},
            "c should have shape (B,) with B = 2, got (1,)",
        ),
        ({"z": (shaped(4, 3), "CC")}, "z should have shape (C, C) with C = 3, C = 3, got (4, 3)"),
    ],
)
def test_shapes_that_do_not(arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="should have shape") as caught:
        _check.check_shapes({"C": 3}, **arrays)
    assert str(caught.value) == message


def test_arrays() -> None:
    z, weight = np.zeros((2, 3)), np.ones(2, int)
    given = {"z": (z, "BC", FLOATING), "where": (None, "B", BOOLEAN), "sample_weight": (weight, "B", NUMERIC)}
    assert _check.check_arrays(None, {"C": 3}, **given) is compat_numpy
    xp = SimpleNamespace(isdtype=lambda dtype, kind: True)
    assert _check.check_arrays(xp, {"C": 3}, **given) is xp
    with pytest.raises(TypeError, match="^z should be an array, got None$"):
        _check.check_arrays(None, {"C": 3}, **given | {"z": (None, "BC", FLOATING)})
    with pytest.raises(ValueError, match=r"z should have shape \(B, C\) with B = 2, C = 4, got \(2, 3\)"):
        _check.check_arrays(None, {"C": 4}, **given)
    with pytest.raises(TypeError, match="^sample_weight should have a dtype that is bool, got int64$"):
        _check.check_arrays(None, {"C": 3}, **given | {"sample_weight": (weight, "B", BOOLEAN)})
    wanted = "sample_weight should have a dtype that is real floating or integral, got bool"
    with pytest.raises(TypeError, match=f"^{wanted}$"):
        _check.check_arrays(None, {"C": 3}, **given | {"sample_weight": (weight > 0, "B", NUMERIC)})


def test_options_of_the_library() -> None:
    ours, theirs = np.ones(2), array_api_strict.ones(2)
    check = partial(_check.check_library, compat_numpy, ours)
    check(a=[1, 2], b=1.0, c=ours, d=None, e=np.float32(1.0))
    with pytest.raises(TypeError, match="b should be of the same library as logits"):
        check(a=ours, b=theirs)
    own = SimpleNamespace(library="Own", is_array=lambda x: x is theirs)
    _check.check_library(own, theirs, a=theirs, b=ours)
    with pytest.raises(TypeError, match="a should be an array of Own, got"):
        _check.check_library(own, theirs, a=array_api_strict.ones(3))


def test_a_number_in_an_array_without_dimensions() -> None:
    held = _check.number(np.array(0.5))
    assert (type(held), held) == (float, 0.5)
    theirs = array_api_strict.asarray(0.5)
    for value in (np.ones(1), np.ones((1, 1)), np.float32(0.5), 1, "x", theirs):
        assert _check.number(value) is value
