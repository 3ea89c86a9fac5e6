"""What the equations do as they are printed (findings.md, "What follows"): not to be repaired by accident."""

import numpy as np
import pytest
from compare import assert_close

from backends import needs, numpy, torch_adapter
from coupling import Relatedness

# The segments a to g of a seven-segment display by digit.
SEGMENTS = Relatedness(
    [
        [1, 1, 1, 1, 1, 1, 0],
        [0, 1, 1, 0, 0, 0, 0],
        [1, 1, 0, 1, 1, 0, 1],
        [1, 1, 1, 1, 0, 0, 1],
        [0, 1, 1, 0, 0, 1, 1],
        [1, 0, 1, 1, 0, 1, 1],
        [1, 0, 1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 0, 1, 1],
    ]
)
RNG = np.random.default_rng(0)
CERTAIN = 1e4  # a logit whose probability is 1


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def matching(z, s, table=SEGMENTS, backend=numpy, **options):
    call = backend.prepare("distribution_matching", {"relatedness": table, "reduction": "none"} | options)
    return call({"class_logits": z, "attribute_logits": s})


def co_annotation(z, labels, table, **options):
    call = numpy.prepare("soft_co_annotation", {"relatedness": table, "reduction": "none"} | options)
    return call({"class_logits": z, "attribute_labels": labels}).value


@needs(torch_adapter)
def test_equation_3_only_lowers_attributes():
    """Its derivative in p is -log q >= 0."""
    z, s = RNG.normal(size=(5, 10)), RNG.normal(size=(5, 7))
    slope = matching(z, s, backend=torch_adapter).gradients["attribute_logits"]
    p, q = sigmoid(s), softmax(z) @ SEGMENTS.conditional
    assert_close(slope / (p * (1 - p)), -np.log(q))
    assert np.all(slope >= 0)


def test_equation_3_is_0_without_attributes():
    assert_close(matching(RNG.normal(size=(5, 10)), np.full((5, 7), -CERTAIN)).value, np.zeros(5))


def test_equation_3_wants_the_digit_8():
    """Whatever the attributes: the class that has them all makes q = 1."""
    certain = CERTAIN * np.eye(10)
    for s in (np.zeros(7), RNG.normal(size=7)):
        values = matching(certain, np.tile(s, (10, 1))).value
        assert_close(values[8], 0.0)
        assert np.all(np.delete(values, 8) > 0)
        assert np.all(matching(RNG.normal(size=(50, 10)), np.tile(s, (50, 1))).value > 0)


@pytest.mark.parametrize("divergence", ["binary_cross_entropy", "kl", "js"])
def test_two_outcomes_want_the_digit(divergence):
    certain = CERTAIN * np.eye(10)
    for digit in range(10):
        s = np.tile(CERTAIN * (2 * SEGMENTS.conditional[digit] - 1), (10, 1))
        values = matching(certain, s, divergence=divergence, eps=1e-12).value
        assert_close(values[digit], 0.0)
        assert np.all(np.delete(values, digit) > 0.5)


@needs(torch_adapter)
@pytest.mark.parametrize("divergence", ["kl", "js"])
def test_divergences_are_0_at_equality_and_push_towards_it(divergence):
    table = Relatedness(RNG.uniform(0.1, 0.9, size=(4, 3)))
    z = RNG.normal(size=(5, 4))
    q = softmax(z) @ table.conditional
    equal = np.log(q / (1 - q))
    for shift in (0.0, 1.0, -1.0):
        outcome = matching(z, equal + shift, table, torch_adapter, divergence=divergence)
        assert np.all(np.sign(outcome.gradients["attribute_logits"].round(9)) == np.sign(shift))
        assert np.all((outcome.value > 1e-3) == (shift != 0))
    assert_close(matching(z, equal, table, divergence=divergence).value, np.zeros(5))


def test_equation_6_is_linear_in_the_prediction():
    table, labels = Relatedness(RNG.uniform(size=(4, 3))), RNG.uniform(size=(1, 3))
    vertices = co_annotation(CERTAIN * np.eye(4), np.repeat(labels, 4, axis=0), table)
    pi = RNG.dirichlet(np.ones(4), size=6)
    values = co_annotation(np.log(pi), np.repeat(labels, 6, axis=0), table)
    assert_close(values, pi @ vertices)
    indicator = table.weights @ labels[0] / table.weights.sum(axis=1)
    assert np.argmin(vertices) == np.argmax(indicator)
    assert np.all(values > vertices.min())


@pytest.mark.parametrize(
    ("classes", "largest", "digits"), [(7, 0.31, 2), (200, 0.0135, 4), (10_177, 0.0003, 4)]
)
def test_equation_5_is_nearly_flat(classes, largest, digits):
    """The largest q there can be: I is 1 for one class and 0 for all others."""
    table = Relatedness(np.eye(classes, 1))
    certain = CERTAIN * np.eye(1, classes)
    q = np.exp(-co_annotation(certain, np.ones((1, 1)), table))
    assert_close(q, np.asarray([np.e / (np.e + classes - 1)]))
    assert round(float(q[0]), digits) == largest
    assert np.exp(-co_annotation(certain, np.ones((1, 1)), table, temperature=0.05)) > 0.99


def test_class_mean_lets_samples_vary():
    """Half of a class's samples with an attribute are as K = 0.5 says; each of them alone is not."""
    table = Relatedness([[0.5], [0.25]])
    z = CERTAIN * np.eye(2)[[0, 0, 1, 1, 1, 1]]
    s = CERTAIN * np.asarray([[1.0], [-1.0], [1.0], [-1.0], [-1.0], [-1.0]])
    assert_close(matching(z, s, table, matching="class_mean", reduction="mean").value, 0.0)
    assert np.all(matching(z, s, table, divergence="kl").value > 0.25)
