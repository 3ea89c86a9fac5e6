import numpy as np
import pytest

from benchmarks import backbone_parity as parity
from benchmarks.__main__ import main
from benchmarks.training import Predictions, Trained

RNG = np.random.default_rng(0)
NONE = Predictions(np.array([]), np.array([]))
RATE, MOMENTUM = parity.SCHEDULE.sgd_rate, parity.SCHEDULE.momentum


def trained(gradients: np.ndarray, terms: np.ndarray) -> Trained:
    """What SGD with momentum makes of gradients."""
    heads, velocity = [np.ones(gradients.shape[1])], 0.0
    for gradient in gradients:
        velocity = MOMENTUM * velocity + gradient
        heads.append(heads[-1] - RATE * velocity)
    return Trained(NONE, {}, terms, np.array(heads))


GRADIENTS, TERMS = RNG.normal(size=(6, 9)), RNG.uniform(1, 2, size=(6, 5))
ONE = trained(GRADIENTS, TERMS)


def test_gradients_are_read_off_the_steps():
    np.testing.assert_allclose(parity.gradients(ONE.heads), GRADIENTS, atol=1e-10)


def test_the_same_do_not_differ():
    assert not np.any(parity.difference(ONE, ONE))


def test_a_term_of_any_step_and_a_gradient_of_any_step_can_differ():
    terms = TERMS.copy()
    terms[4, 2] *= 1.01
    assert parity.difference(ONE, ONE._replace(terms=terms)).terms == pytest.approx([0, 0, 0, 0, 0.01, 0])
    gradients = GRADIENTS.copy()
    gradients[3, 5] += 0.02 * np.abs(GRADIENTS[3]).max()
    found = parity.difference(ONE, trained(gradients, TERMS))
    assert not found.terms.any()
    assert found.gradients == pytest.approx([0, 0, 0, 0.02, 0, 0], rel=1e-6, abs=1e-9)


def test_largest_of_all_pairs():
    one, two, three = (ONE._replace(terms=TERMS * factor) for factor in (1, 1.01, 1.03))
    assert parity.largest({"a": one, "b": two, "c": three}).terms == pytest.approx([0.03] * 6)


def test_command_writes_the_table(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(parity, "_apart", lambda framework, network, dtype: ONE)
    page = tmp_path / "parity.md"
    assert main(["parity", "--networks", "vgg16", "--page", str(page)]) == 0
    assert "vgg16" in capsys.readouterr().out
    assert "| vgg16 | float64 | 0.0e+00 | 0.0e+00 |" in page.read_text()
    assert "at most 0.001 in float32, 1e-08 in float64" in page.read_text()
