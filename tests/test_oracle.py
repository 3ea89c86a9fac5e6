"""The oracle against values worked out by hand, and its derivatives against differences of its values."""

from math import exp, log

import mpmath
import numpy as np
import oracle
import pytest
from autodiff import Number, evaluate, gradient, number
from compare import assert_close

from coupling import Relatedness

TWO = Relatedness([[1.0, 0.25], [0.0, 0.75]], [[1.0, 0.5], [0.0, 2.0]])
HALF = np.zeros((1, 2))  # both classes, or both attributes, with probability one half


def value(loss, options=None, **arrays):
    return evaluate(loss, {name: np.asarray(x) for name, x in arrays.items()}, options or {}).value


def test_cross_entropy():
    got = value(
        oracle.distribution_matching, class_logits=HALF, attribute_logits=HALF, options={"relatedness": TWO}
    )
    assert_close(got, -0.5 * log(0.5) - 0.5 * log(0.5))


@pytest.mark.parametrize(
    ("divergence", "expected"),
    [
        ("binary_cross_entropy", -0.25 * log(0.5) - 0.75 * log(0.5) - 0.25 * log(0.5) - 0.75 * log(0.5)),
        ("kl", 2 * (0.25 * log(0.25 / 0.5) + 0.75 * log(0.75 / 0.5))),
        (
            "js",
            0.25 * log(0.25 / 0.375)
            + 0.75 * log(0.75 / 0.625)
            + 0.5 * log(0.5 / 0.375)
            + 0.5 * log(0.5 / 0.625),
        ),
    ],
)
def test_two_outcomes(divergence, expected):
    quarter = np.full((1, 2), -log(3))
    options = {"relatedness": TWO, "divergence": divergence}
    got = value(oracle.distribution_matching, class_logits=HALF, attribute_logits=quarter, options=options)
    assert_close(got, expected)


def test_unknown_classes_are_renormalised_away():
    three = Relatedness([[1.0, 0.25], [0.0, 0.75], [1.0, 1.0]], known=[True, True, False])
    got = {
        reduction: value(
            oracle.distribution_matching,
            class_logits=np.asarray([[0.0, 0.0, log(2)]]),
            attribute_logits=HALF,
            options={"relatedness": three, "reduction": reduction},
        )
        for reduction in ("mean", "sum")
    }
    assert_close(got["mean"], -log(0.5))
    assert_close(got["sum"], -0.5 * log(0.5))


def test_class_mean():
    got = value(
        oracle.distribution_matching,
        class_logits=np.zeros((2, 2)),
        attribute_logits=np.asarray([[0.0, -log(3)], [0.0, log(3)]]),
        options={"relatedness": Relatedness([[0.5, 0.5], [0.5, 0.25]]), "matching": "class_mean"},
    )
    assert_close(got, (0.25 * log(0.25 / 0.5) + 0.75 * log(0.75 / 0.5)) / 2)


def test_indicator():
    got = value(
        oracle.soft_co_annotation,
        class_logits=HALF,
        attribute_labels=[[1.0, 0.0]],
        options={"relatedness": TWO, "temperature": 0.5},
    )
    first = exp(2 / 1.5) / (exp(2 / 1.5) + 1)
    assert_close(got, -0.5 * log(first) - 0.5 * log(1 - first))


def test_indicator_complement():
    empty = Relatedness([[1.0, 1.0], [0.0, 0.0]])
    got = value(
        oracle.soft_co_annotation,
        class_logits=HALF,
        attribute_labels=[[1.0, -1.0]],
        options={"relatedness": empty, "empty_row": "complement", "divergence": "distillation"},
    )
    assert_close(got, log(2))
    got = value(
        oracle.soft_co_annotation,
        class_logits=[[1.0, 0.0]],
        attribute_labels=[[0.0, 0.25]],
        options={"relatedness": empty, "empty_row": "complement", "divergence": "distillation"},
    )
    first = 1 / (1 + exp(0.75))
    assert_close(got, log(1 + exp(1)) - first)


def test_posterior():
    got = value(
        oracle.soft_co_annotation,
        class_logits=HALF,
        attribute_labels=[[1.0, 0.0]],
        options={"relatedness": TWO, "soft_label": "posterior", "prior": np.asarray([0.1, 0.9])},
    )
    first, second = 0.1 * 0.95 * 0.75, 0.9 * 0.05 * 0.25
    assert_close(got, -0.5 * log(first / (first + second)) - 0.5 * log(second / (first + second)))


def test_class_cross_entropy():
    got = value(
        oracle.class_cross_entropy,
        class_logits=np.asarray([[log(3), 0.0], [log(3), 0.0], [0.0, 0.0]]),
        class_labels=[0, 1, -1],
        options={"class_weight": np.asarray([1.0, 3.0])},
    )
    assert_close(got, (-log(0.75) - 3 * log(0.25)) / 4)


def test_label_smoothing():
    options = {"label_smoothing": 0.2}
    got = value(oracle.class_cross_entropy, class_logits=[[log(3), 0.0]], class_labels=[0], options=options)
    assert_close(got, -0.9 * log(0.75) - 0.1 * log(0.25))


def test_attribute_binary_cross_entropy():
    got = value(
        oracle.attribute_binary_cross_entropy,
        attribute_logits=np.asarray([[log(3), 0.0, 0.0], [0.0, log(3), 0.0], [1.0, 1.0, 1.0]]),
        attribute_labels=[[1.0, 0.0, np.nan], [999.0, 0.5, -1.0], [-1.0, 1.5, np.inf]],
        options={"pos_weight": np.asarray([2.0, 1.0, 1.0])},
    )
    first = (-2 * log(0.75) - log(0.5)) / 2
    assert_close(got, (first - 0.5 * log(0.75) - 0.5 * log(0.25)) / 2)


@pytest.mark.parametrize("dm", [{}, {"divergence": "js"}, {"matching": "class_mean", "eps": 1e-3}])
@pytest.mark.parametrize(
    "sca", [{"divergence": "js"}, {"soft_label": "posterior", "divergence": "distillation"}]
)
def test_gradients_are_those_of_the_values(dm, sca):
    arrays = {
        "class_logits": np.asarray([[1e4, 0.5, 1e4], [0.25, -2.0, 1.0]]),
        "attribute_logits": np.asarray([[-1e4, 3.0], [0.5, -0.25]]),
        "class_labels": np.asarray([1, -1]),
        "attribute_labels": np.asarray([[1.0, -1.0], [0.25, np.nan]]),
        "sample_weight": np.asarray([0.5, 2.0]),
    }
    table = Relatedness([[1.0, 0.25], [0.5, 0.75], [0.1, 1.0]], known=[True, True, False])
    options = {"relatedness": table, "dm": dm, "sca": sca}
    for name, slope in evaluate(oracle.coupled, arrays, options).gradients.items():
        for place in np.ndindex(slope.shape):
            difference = central_difference(arrays, options, name, place)
            assert_close(slope[place], float(difference), name=f"{name}{place}")


def central_difference(arrays, options, name, place):
    """The derivative of the total at one logit, by two of its values."""
    step, ends = mpmath.mpf("1e-20"), []
    for shift in (step, -step):
        moved = {key: x.tolist() for key, x in arrays.items()}
        moved[name][place[0]][place[1]] = number(arrays[name][place]) + shift
        ends.append(oracle.coupled(**moved, **options).total.value)
    return (ends[0] - ends[1]) / (2 * step)


@pytest.mark.parametrize(
    ("source", "evidence"),
    [("labels", [[1.0, -1.0]]), ("predictions", [[0.5, 0.75]]), ("both", [[1.0, 0.75]])],
)
def test_source_of_co_annotation(source, evidence):
    logits = {"class_logits": np.asarray([[1.0, 0.0]]), "attribute_logits": np.asarray([[0.0, log(3)]])}
    labels = {"class_labels": np.asarray([0]), "attribute_labels": np.asarray([[1.0, -1.0]])}
    options = {"relatedness": TWO, "sca": {"source": source}}
    terms = evaluate(oracle.coupled, logits | labels, options)
    alone = value(
        oracle.soft_co_annotation,
        class_logits=logits["class_logits"],
        attribute_labels=evidence,
        options={"relatedness": TWO},
    )
    assert_close(terms.value[4], alone)
    assert_close(terms.value[0], terms.value[1:].sum())
    q = (0.25 * exp(1) + 0.75) / (exp(1) + 1)
    assert_close(terms.gradients["attribute_logits"][0, 1], -3 / 16 * log(q))


def test_gradient_of_a_shared_number():
    x = Number(3)
    assert gradient(x * x + x / 2 - 1 / x, [x]) == [2 * x.value + mpmath.mpf(1) / 2 + 1 / x.value**2]
