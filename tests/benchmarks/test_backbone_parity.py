from concurrent.futures import Future

import numpy as np
import pytest

from benchmarks import backbone_parity as parity
from benchmarks.__main__ import main
from benchmarks.backbone_parity import Difference, Steps

RNG = np.random.default_rng(0)
RATE, MOMENTUM = parity.SCHEDULE.sgd_rate, parity.SCHEDULE.momentum
ONE = Steps(RNG.uniform(1, 2, size=(6, 5)), RNG.normal(size=(6, 9)))


def test_gradients_are_read_off_the_steps_wherever_they_begin():
    heads, own, velocity = np.ones(9), 0.0, 0.0
    for gradient in ONE.gradients:
        own = MOMENTUM * own + gradient
        found, velocity = parity.slope(heads, heads - RATE * own, velocity)
        np.testing.assert_allclose(found, gradient, atol=1e-10)
        heads = RNG.normal(size=9)


def test_the_same_do_not_differ():
    assert not np.any(parity.difference(ONE, ONE))


def test_a_term_of_any_step_and_a_gradient_of_any_step_can_differ():
    terms = ONE.terms.copy()
    terms[4, 2] *= 1.01
    assert parity.difference(ONE, ONE._replace(terms=terms)).terms == pytest.approx([0, 0, 0, 0, 0.01, 0])
    gradients = ONE.gradients.copy()
    gradients[3, 5] += 0.02 * np.abs(gradients[3]).max()
    found = parity.difference(ONE, ONE._replace(gradients=gradients))
    assert not found.terms.any()
    assert found.gradients == pytest.approx([0, 0, 0, 0.02, 0, 0])


def test_largest_of_all_pairs():
    one, two, three = (ONE._replace(terms=ONE.terms * factor) for factor in (1, 1.01, 1.03))
    assert parity.largest({"a": one, "b": two, "c": three}).terms == pytest.approx([0.03] * 6)


class Drifting:
    """A learner of one weight, which adds to it; what it gives as terms is where it was."""

    def __init__(self, drift: float) -> None:
        self.drift, self.weight = drift, np.zeros(1)

    def weights(self) -> list[np.ndarray]:
        return [self.weight.copy()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        (self.weight,) = weights

    kernels = weights

    def learn(self, batch: int) -> np.ndarray:
        before = self.weight
        self.weight = before + self.drift
        return before


class Here:
    """An executor with a walk of its own, without a process."""

    def __init__(self, drift: float) -> None:
        self.drift = drift

    def submit(self, function, *arguments) -> Future:
        future = Future()
        if function is parity.begin:
            self.walk = parity.Walk(Drifting(self.drift), range(99))
            future.set_result(None)
        else:
            parity._walks[:] = [self.walk]
            future.set_result(function(*arguments))
        return future


def test_together_all_go_from_the_first_ones_weights_and_alone_from_their_own():
    processes = {"first": Here(1.0), "second": Here(10.0)}
    at = np.arange(parity.SCHEDULE.steps, dtype=float)[:, None]
    together = parity.walk(processes, "small", "float64", together=True)
    np.testing.assert_array_equal(together["first"].terms, at)
    np.testing.assert_array_equal(together["second"].terms, at)
    alone = parity.walk(processes, "small", "float64", together=False)
    np.testing.assert_array_equal(alone["first"].terms, at)
    np.testing.assert_array_equal(alone["second"].terms, 10 * at)


@pytest.mark.parametrize(("apart", "code"), [(0.9e-8, 0), (1.1e-8, 1), (float("nan"), 1)])
def test_command_fails_where_one_step_differs(tmp_path, monkeypatch, capsys, apart, code):
    together, alone = Difference(np.zeros(3), np.array([0, apart, 0])), Difference(np.ones(3), np.ones(3))
    monkeypatch.setattr(parity, "compared", lambda network, dtype: (together, alone))
    page = tmp_path / "parity.md"
    assert main(["parity", "--networks", "vgg16", "--page", str(page)]) == code
    assert "vgg16" in capsys.readouterr().out
    assert f"| vgg16 | float64 | 0.0e+00 | {apart:.1e} | 1.0e+00 | 1.0e+00 |" in page.read_text()
    assert "at most 0.001 in float32, 1e-08 in float64" in page.read_text()
