"""Soft co-annotation from categories, hard and soft: every form on every backend against the oracle."""

import numpy as np
import pytest
from agreement import (
    FLOATS,
    any_shape,
    assert_agree,
    assert_agrees_when_traced,
    by_shape,
    each_traced_backend,
    needs_by_shape,
    traced_shapes,
)
from compare import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    MISSING,
    batches,
    class_labels,
    distributions,
    few_shapes,
    floats,
    matrices,
    mostly,
    optional,
    priors,
    reductions,
    shapes,
)

from backends import TRACED, jax_adapter, numpy, tensorflow, torch_adapter
from coupling import Relatedness, losses

LOSS = "categorical_soft_co_annotation"
FORMS = {
    f"{soft_label}-{divergence}": {"divergence": divergence, "soft_label": soft_label}
    for soft_label in ("indicator", "posterior")
    for divergence in ("cross_entropy", "distillation", "js")
}
NECKLINES = Relatedness(
    [[0.5, 0.25, 0.25, 0, 0], [0, 1, 0, 0, 0], [0.125, 0.125, 0.5, 0, 0.25], [0, 0, 0, 0, 0]],
    [[2, 0.5, 0.25, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]],
    known=[True, True, True, False],
)
forms = pytest.mark.parametrize("form", FORMS)


@st.composite
def soft_labels(draw, samples, categories):
    """Distributions, some of them one-hot; rows that are missing for one entry, or for all."""
    share = draw(matrices((samples, categories), st.sampled_from([0.0, 1.0]) | floats(0, 1)))
    share[:, 0] += share.sum(axis=1) == 0
    share = (share / share.sum(axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    missing = draw(matrices((samples, categories), st.sampled_from(MISSING)))
    share[:, :1] = np.where(draw(mostly(samples, 1)), share[:, :1], missing[:, :1])
    return np.where(draw(mostly(samples, 1)), share, missing)


@st.composite
def inputs(draw, shape, *, hard, everything=False):
    batch = draw(batches(shape, everything=everything))
    labels = draw((class_labels if hard else soft_labels)(shape[0], shape[2]))
    if everything and hard:
        labels = labels.astype(np.int64)  # one dtype, one trace
    taken = {"class_logits": batch["class_logits"], "category_labels": labels}
    return taken | {name: batch[name] for name in ("where", "sample_weight") if name in batch}


@st.composite
def examples(draw, form, shapes):
    shape = draw(shapes)
    own = (
        {"prior": draw(optional(priors(shape[1])))}
        if FORMS[form]["soft_label"] == "posterior"
        else {"temperature": draw(st.sampled_from([1.0, 0.125]))}
    )
    options = FORMS[form] | own
    options |= {
        "detach": draw(st.sampled_from([None, "classes", "categories"])),
        "reduction": draw(reductions),
        "relatedness": draw(distributions(*shape[1:])),
    }
    return draw(inputs(shape, hard=draw(st.booleans()))), options


@FLOATS
@forms
@settings(max_examples=20)
@given(data=st.data())
def test_agrees_with_the_oracle(dtype, form, data):
    assert_agree(any_shape, LOSS, *data.draw(examples(form, shapes)), dtype)


@needs_by_shape
@FLOATS
@pytest.mark.parametrize("form", ["indicator-distillation", "posterior-js"])
@settings(max_examples=4)
@given(data=st.data())
def test_agrees_with_the_oracle_by_shape(dtype, form, data):
    assert_agree(by_shape, LOSS, *data.draw(examples(form, few_shapes)), dtype)


@each_traced_backend
@pytest.mark.parametrize(
    ("form", "reduction", "hard"),
    [("indicator-cross_entropy", "mean", True), ("posterior-js", "none", False)],
)
def test_agrees_with_the_oracle_when_traced(backend, dtype, form, reduction, hard):
    options = FORMS[form] | {"relatedness": NECKLINES, "reduction": reduction}
    drawn = traced_shapes.flatmap(lambda shape: inputs(shape, hard=hard, everything=True))
    assert_agrees_when_traced(backend, LOSS, drawn, options, dtype)


@forms
@settings(max_examples=20)
@given(data=st.data())
def test_an_integer_is_its_one_hot_row(form, data):
    shape = data.draw(shapes)
    options = FORMS[form] | {"relatedness": data.draw(distributions(*shape[1:])), "reduction": "none"}
    batch = data.draw(inputs(shape, hard=True))
    labels = batch["category_labels"]
    rows = np.where((labels < 0)[:, None], np.nan, np.eye(shape[2])[np.maximum(labels, 0)])
    got = numpy.prepare(LOSS, options)(batch | {"category_labels": rows})
    assert_close(got.value, numpy.prepare(LOSS, options)(batch).value)


def test_posterior_by_hand():
    """Bayes' rule: a dress has a round neckline three times as often as a shirt."""
    table = Relatedness([[0.75, 0.25], [0.25, 0.75]])
    options = {"soft_label": "posterior", "divergence": "distillation", "prior": [0.4, 0.6]}
    value = losses.categorical_soft_co_annotation(np.asarray([[1.0, 0.0]]), np.asarray([0]), table, **options)
    q = 0.4 * 0.75 / (0.4 * 0.75 + 0.6 * 0.25)
    assert_close(value, np.log(1 + np.e) - q)


def test_a_category_that_no_known_class_relates_to_is_no_evidence():
    labels = np.asarray([3, 1, -1])
    values = losses.categorical_soft_co_annotation(np.zeros((3, 4)), labels, NECKLINES, reduction="none")
    assert (values > 0).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", [np.int8, np.int64])
@pytest.mark.parametrize("backend", [numpy, torch_adapter, jax_adapter, tensorflow], ids=repr)
def test_labels_beyond_the_categories(backend, dtype):
    batch = {"class_logits": np.zeros((2, 4)), "category_labels": np.asarray([5, 0], dtype)}
    with pytest.raises(ValueError, match=r"category_labels should be below D = 5 .*, got 5"):
        backend.value(LOSS, {"relatedness": NECKLINES}, batch)


@pytest.mark.nan
@pytest.mark.parametrize("backend", TRACED, ids=repr)
@pytest.mark.parametrize("soft_label", ["indicator", "posterior"])
def test_labels_beyond_the_categories_while_tracing(backend, soft_label):
    batch = {
        "class_logits": np.zeros((3, 4), backend.dtypes[0]),
        "category_labels": np.asarray([5, 0, -1]),
    }
    options = {"relatedness": NECKLINES, "soft_label": soft_label, "reduction": "none"}
    assert np.isnan(backend.value(LOSS, options, batch)).tolist() == [True, False, False]


def test_a_class_without_weights_is_not_indicated():
    table = Relatedness([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5]], [[1.0, 0.0], [0.0, 0.0], [0.5, 0.5]])
    labels, z = np.asarray([1]), np.asarray([[0.0, 1.0, 0.0]])
    value = losses.categorical_soft_co_annotation(z, labels, table, divergence="distillation")
    q = np.exp([0.0, 0.0, 0.5])  # I of the three
    assert_close(value, np.log(2 + np.e) - (q / q.sum())[1])


def test_a_prior_fits_the_classes():
    with pytest.raises(ValueError, match=r"^prior should have shape \(N,\) with N = 4, got \(2,\)"):
        losses.categorical_soft_co_annotation(np.zeros((1, 4)), np.asarray([1]), NECKLINES, prior=[0.5, 0.5])
