"""Intervals, and views of K nearer to 0 and 1."""

import sys

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from strategies import relatednesses

from coupling import Relatedness

COUNTED = Relatedness(
    [[0.5, 1.0], [0.0, 0.25]],
    [[1.0, 2.0], [3.0, 4.0]],
    support=[[10, 1000], [0, 4]],
    classes=["a", "b"],
    attributes=["x", "y"],
    source="here",
)


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_interval(level: float) -> None:
    low, high = COUNTED.interval(level=level)
    for place in np.ndindex(2, 2):
        n, k = COUNTED.support[place], COUNTED.conditional[place]
        posterior = scipy.stats.beta(k * n + 0.5, (1 - k) * n + 0.5)
        assert (low[place], high[place]) == pytest.approx(posterior.interval(level), rel=1e-9)


def test_support_is_kept() -> None:
    assert COUNTED.align(classes=["b"]).support.tolist() == [[0.0, 4.0]]
    assert COUNTED.binarized().sharpened().support.tolist() == COUNTED.support.tolist()
    assert Relatedness([[1.0]]).support is None


def test_all_else_stays() -> None:
    for view in (COUNTED.binarized(), COUNTED.sharpened()):
        for name in ("classes", "attributes", "source"):
            assert getattr(view, name) == getattr(COUNTED, name)
    assert COUNTED.binarized().conditional.tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert COUNTED.sharpened().weights.tolist() == COUNTED.weights.tolist()


def test_it_is_k_that_is_drawn() -> None:
    drawn = [COUNTED.plot(**options).images[0].get_array() for options in ({}, {"values": "weights"})]
    assert [image.tolist() for image in drawn] == [COUNTED.conditional.tolist(), COUNTED.weights.tolist()]


@given(relatednesses(3, 4))
def test_views_lie_between(table: Relatedness) -> None:
    sharp, binary = table.sharpened(), table.binarized()
    k = table.conditional
    assert ((sharp.conditional >= k) == ((k >= 0.5) | (sharp.conditional == k))).all()
    assert np.allclose(sharp.sharpened(temperature=2.0).conditional, k)
    assert set(binary.conditional.ravel()) <= {0.0, 1.0}
    assert np.array_equal(binary.conditional == 1, k >= 0.5)
    assert np.array_equal(binary.weights, np.where(k >= 0.5, table.weights, 0))
    assert (sharp.known == table.known).all()
    assert sharp.attributes == binary.attributes == table.attributes
    away = abs(k - 0.5) > 0.01
    assert np.allclose(table.sharpened(temperature=1e-3).conditional[away], binary.conditional[away])


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Relatedness([[1.0]]).interval(), "support should be there for an interval, got None"),
        (lambda: COUNTED.interval(level=1.0), r"level should be in \(0.0, 1.0\), got 1.0"),
        (lambda: COUNTED.binarized(threshold=0.0), r"threshold should be in \(0.0, 1.0\], got 0.0"),
        (lambda: COUNTED.sharpened(temperature=0.0), r"temperature should be in \(0.0, inf\), got 0.0"),
        (
            lambda: Relatedness([[1.0]], support=[[1.0, 2.0]]),
            r"support should have the shape of conditional, \(1, 1\)",
        ),
        (lambda: Relatedness([[1.0]], support=[[-1.0]]), "support should be finite and at least 0, got -1.0"),
    ],
)
def test_bad_input(act: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()


def test_an_interval_needs_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(ImportError, match=r'^intervals need SciPy: pip install "coupling\[data\]"$'):
        COUNTED.interval()
