"""What the losses share: samples that take part, labels that are there, safe rows."""

from types import SimpleNamespace

import array_api_compat.numpy as compat_numpy
import array_api_strict as xp
import numpy as np
import pytest

from coupling import Relatedness
from coupling._numeric import Sum
from coupling._reduce import reduce
from coupling.losses import _common

NAN, INF = np.nan, np.inf


def test_participation():
    logits, weight, where = xp.zeros((3, 2)), xp.asarray([2, 0, 5]), xp.asarray([True, True, False])

    def counts(*given):
        got = _common.participation(logits, *given, dtype=xp.float32, xp=xp)
        assert got.dtype == xp.float32
        return np.asarray(got).tolist()

    assert counts(None, None) == [1, 1, 1]
    assert counts(None, weight) == [2, 0, 5]
    assert counts(where, None) == [1, 1, 0]
    assert counts(where, weight) == [2, 0, 0]
    with pytest.raises(ValueError, match=r"^sample_weight should be at least 0, got -1.0$"):
        counts(where, xp.asarray([1, -1, 1]))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_widened(dtype):
    got = _common.widened(np.ones(2, dtype), compat_numpy)
    assert got.dtype == (np.float64 if dtype is np.float64 else np.float32)
    assert got.tolist() == [1, 1]


@pytest.mark.parametrize("dtype", [xp.float32, xp.float64], ids=str)
def test_masked(dtype):
    """Rows of weight 0 are 0; a hundred million logits add up to a finite number; infinity stays."""
    largest = float(xp.finfo(dtype).max)
    x = xp.asarray([[1.0, NAN], [largest, -largest], [INF, -INF], [NAN, -2.0]], dtype=dtype)
    got = np.asarray(_common.masked(x, xp.asarray([0.0, 1.0, 0.5, 2.0]), dtype=dtype, xp=xp))
    assert got[0].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(got[1] / largest, [1e-8, -1e-8], rtol=1e-6)
    np.testing.assert_array_equal(got[2:], [[INF, -INF], [NAN, -2.0]])
    assert np.isfinite(got[1] * got.dtype.type(9e7)).all()


def test_annotated():
    """In the labels' own precision: what is just above 1 is no label."""
    above, below = np.nextafter(1.0, 2.0), -np.finfo(float).tiny
    labels = xp.asarray([[0.0, 1.0, 0.5, above, below, NAN, -1.0, 999.0]])
    there, y = _common.annotated(labels, dtype=xp.float32, xp=xp)
    assert np.asarray(there).tolist() == [[True, True, True, *[False] * 5]]
    assert np.asarray(y).tolist() == [[0.0, 1.0, 0.5, *[0.0] * 5]]
    assert y.dtype == xp.float32
    there, y = _common.annotated(xp.asarray([[True, False]]), dtype=xp.float64, xp=xp)
    assert np.asarray(there).all()
    assert np.asarray(y).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("dtype", [xp.int8, xp.int16, xp.int32, xp.int64, xp.uint64], ids=str)
def test_one_hot(dtype):
    """A label is compared with numbers that its own dtype may not hold."""
    count = 200 if dtype == xp.int8 else 40_000
    missing = -1 if xp.isdtype(dtype, "signed integer") else 2**63
    chosen, beyond = _common.one_hot(xp.asarray([0, 2, missing, 127], dtype=dtype), count, xp)
    assert chosen.shape == (4, count)
    assert np.argwhere(np.asarray(chosen)).tolist() == [[0, 0], [1, 2], [3, 127]]
    assert np.asarray(beyond).tolist() == [False, False, missing > 0, False]
    _, beyond = _common.one_hot(xp.asarray([2, 3, 4, 0], dtype=dtype), 3, xp)
    assert np.asarray(beyond).tolist() == [False, True, True, False]


def test_categories():
    there, y = _common.categories(xp.asarray([1, -1, 3]), 3, dtype=xp.float32, xp=xp)
    assert y.dtype == xp.float32
    np.testing.assert_array_equal(np.asarray(y), [[0, 1, 0], [0, 0, 0], [NAN] * 3])
    assert np.asarray(there).tolist() == [[True] * 3, [False] * 3, [True] * 3]
    rows = xp.asarray([[0.25, 0.75], [NAN, 1.0], [2.0, 0.0]])
    there, y = _common.categories(rows, 2, dtype=xp.float64, xp=xp)
    np.testing.assert_array_equal(np.asarray(y), [[0.25, 0.75], [0, 0], [0, 0]])
    assert np.asarray(there).tolist() == [[True] * 2, [False] * 2, [False] * 2]


def test_labels_below_the_count():
    _common.check_labels("labels", xp.asarray([-1, 0, 2]), "C", 3, xp)
    for labels in ([-1, 3], [4, 3, 0]):
        message = rf"^labels should be below C = 3 \(negative means missing\), got {max(labels)}$"
        with pytest.raises(ValueError, match=message):
            _common.check_labels("labels", xp.asarray(labels), "C", 3, xp)


def test_rows_that_are_distributions():
    """To within rounding, of the classes that are known."""
    sums = [[0.5, 0.5], [0.25, 0.75 + 9e-7], [0.0, 0.0]]
    _common.check_distributions(Relatedness(sums, known=[True, True, False]))
    for off in (2e-6, -2e-6):
        table = Relatedness([[0.5, 0.5], [0.5, 0.5 + off]])
        with pytest.raises(ValueError, match=r"got (1.000002|0.999998) for 'class_1'"):
            _common.check_distributions(table)


def test_rows_are_checked_where_values_can_be_read():
    """And not those of a framework's own matrices."""
    x, table = xp.zeros(1), Relatedness([[0.5, 0.25]])
    with pytest.raises(ValueError, match="should have rows of conditional that sum to 1"):
        _common.check_distributions_here(table, x, xp)
    _common.check_distributions_here(table, x, SimpleNamespace(read=lambda y: None if y is x else y or 1))
    _common.check_distributions_here(SimpleNamespace(conditional=xp.ones((1, 2))), x, xp)


def test_hold():
    class Held:
        @staticmethod
        def stop_gradient(x):
            return f"{x} held"

    assert _common.hold("z", "s", None, Held) == ("z", "s")
    assert _common.hold("z", "s", "classes", Held) == ("z held", "s")
    assert _common.hold("z", "s", "attributes", Held) == ("z", "s held")
    assert _common.hold("z", "s", "categories", Held) == ("z", "s held")


VALUES, WEIGHT = [1.0, 4.0, NAN], [1.0, 3.0, 0.0]


@pytest.mark.parametrize(
    ("options", "none", "total", "mean"),
    [
        ({}, [1.0, 12.0, 0.0], 13.0, 13.0 / 4.0),
        ({"divisor": [2.0, 0.0, 0.0]}, [1.0, 12.0, 0.0], 13.0, 6.5),
        ({"log_weight": [0.0, np.log(0.5), NAN]}, [1.0, 6.0, 0.0], 7.0, 7.0 / 2.5),
    ],
)
def test_reduce(options, none, total, mean):
    def reduced(reduction, **more):
        given = {name: x if callable(x) else xp.asarray(x) for name, x in (options | more).items()}
        if "log_weight" in given:
            given["log_weight"] = Sum(given["log_weight"] - 0.25, xp.full(3, 0.25, dtype=xp.float64))
        return np.asarray(reduce(xp.asarray(VALUES), xp.asarray(WEIGHT), reduction, **given, xp=xp))

    np.testing.assert_allclose(reduced("none"), none)
    np.testing.assert_allclose(reduced("sum"), total)
    np.testing.assert_allclose(reduced("mean"), mean)
    np.testing.assert_allclose(reduced("mean", normalizer=lambda count: 2 * count), mean / 2)
    if "log_weight" in options:  # the scale does not matter to a mean, however small
        np.testing.assert_allclose(
            reduced("mean", log_weight=np.asarray([0.0, np.log(0.5), 0.0]) - 1e4), mean
        )


def test_reduce_beside_another_device():
    """One with a sample of weight 1 and value 0: the weights are no longer relative to one another."""
    log_weight = Sum(xp.log(xp.asarray([0.5, 0.25])), xp.zeros(2, dtype=xp.float64))
    mean = reduce(
        xp.asarray([1.0, 4.0]),
        xp.asarray([1.0, 3.0]),
        "mean",
        log_weight=log_weight,
        normalizer=lambda count: (count + 1.0) / 2,
        xp=xp,
    )
    np.testing.assert_allclose(float(mean), (0.5 + 0.75 * 4) / ((0.5 + 0.75 + 1) / 2))


@pytest.mark.parametrize("seed", range(3))
def test_reduce_loses_nothing_to_rounding(seed):
    """The mean of equal values is that value, whatever their weights."""
    weight = xp.asarray(np.random.default_rng(seed).random(10), dtype=xp.float32)
    values, zero = xp.full(10, 0.7, dtype=xp.float32), xp.zeros(10, dtype=xp.float32)
    assert reduce(values, weight, "mean", log_weight=Sum(zero, zero), xp=xp) == values[0]


def test_reduce_where_nothing_takes_part():
    zero, log_weight = xp.zeros(2), Sum(xp.asarray([NAN, 0.0]), xp.zeros(2))
    for reduction, expected in (("mean", 0.0), ("sum", 0.0), ("none", [0.0, 0.0])):
        got = reduce(xp.asarray([NAN, 1.0]), zero, reduction, log_weight=log_weight, xp=xp)
        np.testing.assert_array_equal(np.asarray(got), expected)
