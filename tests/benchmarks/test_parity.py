from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from benchmarks import parity
from benchmarks.training import Predictions, Trained

RNG = np.random.default_rng(0)
ONE = Trained(
    Predictions(RNG.normal(size=(9, 10)), RNG.normal(size=(9, 7))), {}, RNG.normal(size=(20, 5)), np.array([])
)


def test_the_same_agrees():
    assert parity.agree(ONE, ONE)
    assert set(parity.differences(ONE, ONE).values()) == {0.0}


@pytest.mark.parametrize("term", range(5))
def test_any_term_of_any_step_can_disagree(term):
    terms = ONE.terms.copy()
    terms[13, term] += 2e-8
    other = ONE._replace(terms=terms)
    assert not parity.agree(ONE, other)
    found = parity.differences(ONE, other)
    assert found[parity.TERMS[term]] == pytest.approx(2e-8)
    assert sum(found.values()) == pytest.approx(2e-8)


def test_tolerance_is_not_larger():
    assert parity.agree(ONE, ONE._replace(terms=ONE.terms + 0.9e-8))


def test_nan_disagrees():
    terms = ONE.terms.copy()
    terms[0, 0] = np.nan
    assert not parity.agree(ONE._replace(terms=terms), ONE._replace(terms=terms))


def test_prediction_can_disagree():
    classes, attributes = ONE.predictions
    for other in (Predictions(np.roll(classes, 1, axis=1), attributes), Predictions(classes, -attributes)):
        assert not parity.agree(ONE, ONE._replace(predictions=other))


def test_the_frameworks_agree():
    stream = StringIO()
    assert parity.compare(Console(file=stream, width=100), names=["directed preset"], steps=3)
    assert "PyTorch – Keras" in stream.getvalue()
    assert stream.getvalue().count("equal") == 3
