"""The functions that the standard lacks, against their definitions in fifty digits."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import array_api_strict as xp
import mpmath
import numpy as np
import pytest
from compare import assert_close
from hypothesis import given
from hypothesis import strategies as st
from strategies import booleans, floats, matrices

from coupling import _divergence, _numeric
from coupling._numeric import Probability, Sum

numbers = floats(-30, 30) | st.sampled_from([0.0, 1e4, -1e4, 90.0, -90.0])
probabilities = st.sampled_from([1.0, 0.5]) | floats(0.015625, 1)
matrix = st.tuples(st.integers(0, 4), st.integers(1, 4)).flatmap(lambda shape: matrices(shape, numbers))


def exact(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    return np.asarray([float(function(mpmath.mpf(value))) for value in x.ravel()]).reshape(x.shape)


def call(function: Callable[..., Any], *arrays: np.ndarray, **options: Any) -> np.ndarray:
    return np.asarray(function(*map(xp.asarray, arrays), **options, xp=xp))


@given(matrix)
def test_softplus(x: np.ndarray) -> None:
    assert_close(call(_numeric.softplus, x), exact(lambda t: mpmath.log1p(mpmath.exp(t)), x))


@given(matrix)
def test_sigmoid(x: np.ndarray) -> None:
    assert_close(call(_numeric.sigmoid, x), exact(lambda t: 1 / (1 + mpmath.exp(-t)), x))


@given(matrix)
def test_bernoulli(x: np.ndarray) -> None:
    """Both outcomes, with logarithms that do not underflow."""
    one, zero = _numeric.bernoulli(xp.asarray(x), xp)
    for outcome, sign in ((one, -1), (zero, 1)):
        exactly = partial(lambda sign, t: 1 / (1 + mpmath.exp(sign * t)), sign)
        assert_close(np.asarray(outcome.value), exact(exactly, x))
        assert_close(np.asarray(outcome.log), exact(lambda t, f=exactly: mpmath.log(f(t)), x))


@given(matrix, floats(-2, 0), floats(0.5, 2))
def test_clip(x: np.ndarray, low: float, high: float) -> None:
    np.testing.assert_array_equal(call(_numeric.clip, x, low=low, high=high), np.clip(x, low, high))


@given(st.data(), st.sampled_from([0, 1]))
def test_along_an_axis_where_a_mask_holds(data: st.DataObject, axis: int) -> None:
    """Where it holds nowhere, the largest entry and the logarithm of the sum of exponentials are 0."""
    x = data.draw(matrix)
    where = data.draw(matrices(x.shape, booleans, bool))
    masked = partial(call, where=xp.asarray(where), axis=axis)
    lines = [line[mask] for line, mask in zip(*(np.moveaxis(y, axis, -1) for y in (x, where)), strict=True)]
    top = masked(_numeric.peak, x)
    np.testing.assert_array_equal(
        np.moveaxis(top, axis, -1), np.reshape([max(line, default=0.0) for line in lines], (-1, 1))
    )
    total = np.asarray(sum(_numeric.logsumexp(xp.asarray(x), axis=axis, where=xp.asarray(where), xp=xp)))
    sums = [mpmath.log(sum(map(mpmath.exp, line))) if line.size else 0.0 for line in lines]
    assert_close(np.moveaxis(total, axis, -1), np.reshape(np.asarray(sums, np.float64), (-1, 1)))
    shares = _numeric.softmax(xp.asarray(x), axis=axis, where=xp.asarray(where), xp=xp)
    logs = np.asarray(shares.log)
    assert np.isfinite(logs).all()
    expected = np.where(where, x - total, 0.0)
    assert_close(np.where(where, logs, 0.0), expected, scale=np.abs(x).max(initial=1))
    assert_close(
        np.asarray(shares.value), np.where(where, np.exp(expected), 0.0), scale=np.abs(x).max(initial=1)
    )


@given(matrix)
def test_log_softmax_of_all_entries(x: np.ndarray) -> None:
    everywhere = xp.ones(x.shape, dtype=xp.bool)
    shares = _numeric.softmax(xp.asarray(x), axis=1, where=everywhere, xp=xp)
    np.testing.assert_array_equal(call(_numeric.log_softmax, x), np.asarray(shares.log))


@given(numbers, numbers)
def test_add(x: float, y: float) -> None:
    """What rounding takes from the sum is kept."""
    large, small = _numeric.add(np.float64(x), np.float64(y))
    assert mpmath.mpf(large) + mpmath.mpf(small) == mpmath.mpf(x) + mpmath.mpf(y)


@given(matrix)
def test_what_a_large_number_lacks_is_not_lost(x: np.ndarray) -> None:
    small = np.full(x.shape, 1e-9)
    where = xp.ones(x.shape, dtype=xp.bool)
    one, more = (
        _numeric.logsumexp(xp.asarray(x), rest, axis=1, where=where, xp=xp)
        for rest in (None, xp.asarray(small))
    )
    assert_close(np.asarray(more.small - one.small), np.full((len(x), 1), 1e-9), scale=1.0)


TERMS = {
    "cross_entropy": lambda p, q: -p * mpmath.log(q),
    "distillation": lambda p, q: -q * mpmath.log(p),
    "kl": lambda p, q: p * mpmath.log(p / q),
    "bernoulli_cross_entropy": lambda p, q: -p * mpmath.log(q) - p + q,
    "bernoulli_kl": lambda p, q: p * mpmath.log(p / q) - p + q,
    "js": lambda p, q: (p * mpmath.log(2 * p / (p + q)) + q * mpmath.log(2 * q / (p + q))) / 2,
}


@pytest.mark.parametrize("name", TERMS)
@given(probabilities, probabilities)
def test_divergence(name: str, p: float, q: float) -> None:
    pair = [Probability(xp.asarray(x), xp.asarray(np.log(x))) for x in (p, q)]
    got = np.asarray(getattr(_divergence, name)(*pair, xp))
    assert_close(got, float(TERMS[name](mpmath.mpf(p), mpmath.mpf(q))))


def test_clipped_keeps_the_logarithm() -> None:
    kept = _numeric.clipped(xp.asarray([0.0, 0.25, 1.0]), 0.125, 0.5, xp)
    np.testing.assert_array_equal(np.asarray(kept.value), [0.125, 0.25, 0.5])
    assert_close(np.asarray(kept.log), np.log([0.125, 0.25, 0.5]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logits_of_probabilities(dtype: str) -> None:
    """Those at the bounds are taken for 1e-7 and, of an attribute, 1 - 1e-7."""
    p = np.asarray([0.0, 1e-8, 1e-7, 0.25, 0.5, 1.0], dtype)
    pi = call(_numeric.logits_of_classes, p)
    assert pi.dtype == dtype
    assert_close(pi, np.log(np.maximum(p.astype(float), 1e-7)))
    s = call(_numeric.logits_of_attributes, p)
    assert s.dtype == dtype
    inside = np.clip(p, np.asarray(1e-7, dtype), np.asarray(1 - 1e-7, dtype)).astype(float)
    assert_close(s, np.log(inside) - np.log1p(-inside))
    assert call(_numeric.logits_of_classes, np.asarray([1.25], dtype)) == 0.0


def test_by_hand() -> None:
    x = np.log(np.asarray([[1.0, 3.0, 4.0], [2.0, 2.0, 12.0]]))
    two = xp.asarray([[True, True, False], [False, True, True]])
    assert_close(call(_numeric.log_softmax, x), np.log([[1 / 8, 3 / 8, 1 / 2], [1 / 8, 1 / 8, 3 / 4]]))
    shares = np.asarray(_numeric.softmax(xp.asarray(x), where=two, xp=xp).value)
    assert_close(shares, np.asarray([[1 / 4, 3 / 4, 0], [0, 1 / 7, 6 / 7]]))
    for axis, sums in ((1, [[4.0], [14.0]]), (0, [[1.0, 5.0, 12.0]])):
        total: Sum = _numeric.logsumexp(xp.asarray(x), axis=axis, where=two, xp=xp)
        assert_close(np.asarray(total.large + total.small), np.log(sums))


@pytest.mark.parametrize(("axis", "shape"), [(0, (1, 3)), (1, (0, 1))])
def test_nothing_has_a_peak_of_0(axis: int, shape: tuple[int, int]) -> None:
    top = call(_numeric.peak, np.zeros((0, 3)), axis=axis, where=xp.zeros((0, 3), dtype=xp.bool))
    np.testing.assert_array_equal(top, np.zeros(shape))


@pytest.mark.parametrize(("x", "y"), [(1.0, 1e-17), (1e-17, 1.0), (0.1, 0.2), (-1e16, 1.5), (3.0, -3.0)])
def test_a_sum_loses_nothing(x: float, y: float) -> None:
    total = _numeric.add(np.asarray(x), np.asarray(y))
    assert total.large == x + y
    assert Fraction(float(total.large)) + Fraction(float(total.small)) == Fraction(x) + Fraction(y)


def test_what_logits_lack_counts() -> None:
    x, rest = np.asarray([[1.0, 2.0, 4.0]]), np.asarray([[0.5, -0.25, 0.125]])
    expected = np.exp(x + rest) / np.exp(x + rest).sum()
    pi = _numeric.softmax(x, rest, xp=np)
    np.testing.assert_allclose(pi.value, expected, rtol=1e-14)
    np.testing.assert_allclose(pi.log, np.log(expected), rtol=1e-14)


@pytest.mark.parametrize("others", [6, 100, 1000])
@pytest.mark.parametrize("top", [3.0, 20.0, 36.0])
def test_many_small_shares_beside_a_large_one(others: int, top: float) -> None:
    """Each rounds 1 the same way, were they added to it one by one."""
    x = np.asarray([top] + others * [0.0])
    shares = np.asarray(_numeric.softmax(xp.asarray(x), xp=xp).value)
    total = np.asarray(sum(_numeric.logsumexp(xp.asarray(x), axis=-1, where=xp.asarray(x < 99), xp=xp)))
    exactly = mpmath.log(mpmath.exp(top) + others)
    assert abs(shares[0] - float(mpmath.exp(top - exactly))) <= 2.3e-16
    assert_close(total, np.asarray([float(exactly)]))
