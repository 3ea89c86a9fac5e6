"""Distribution matching of categories: every form on every backend against the oracle, and by attributes."""

import numpy as np
import oracle_graph
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
from autodiff import evaluate
from compare import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    ROUNDING,
    batches,
    booleans,
    distributions,
    few_shapes,
    floats,
    matrices,
    reductions,
    shapes,
    small_logits,
    well_conditioned,
)

from coupling import Relatedness, losses

LOSS = "categorical_distribution_matching"
FORMS = {
    "cross_entropy": {"divergence": "cross_entropy"},
    "kl": {"divergence": "kl"},
    "js": {"divergence": "js"},
    "class_mean": {"matching": "class_mean"},
}
NECKLINES = Relatedness(
    [[0.5, 0.25, 0.25, 0, 0], [0, 1, 0, 0, 0], [0.125, 0.125, 0.5, 0, 0.25], [0, 0, 0, 0, 0]],
    known=[True, True, True, False],
)
TRACED = [("cross_entropy", "none"), ("js", "sum"), ("class_mean", "mean")]
forms = pytest.mark.parametrize("form", FORMS)


def inputs(shape, options, **given):
    """Batches whose probabilities are away from eps, where the derivative jumps."""

    def renamed(batch):
        taken = {"class_logits": batch["class_logits"], "category_logits": batch["attribute_logits"]}
        return taken | {name: batch[name] for name in ("where", "sample_weight") if name in batch}

    def away_from_bounds(batch):
        return evaluate(oracle_graph.clip_distance, batch, options).value > ROUNDING

    drawn = batches(shape, **given).map(renamed)
    return drawn.filter(lambda batch: well_conditioned(batch, options)).filter(away_from_bounds)


@st.composite
def examples(draw, form, shapes):
    shape = draw(shapes)
    options = FORMS[form] | {
        "eps": draw(st.sampled_from([1e-7, 1e-3, 0.05])),
        "detach": draw(st.sampled_from([None, "classes", "categories"])),
        "reduction": draw(st.sampled_from(["mean", "sum"]) if form == "class_mean" else reductions),
        "relatedness": draw(distributions(*shape[1:])),
    }
    return draw(inputs(shape, options)), options


@FLOATS
@forms
@settings(max_examples=25)
@given(data=st.data())
def test_agrees_with_the_oracle(dtype, form, data):
    assert_agree(any_shape, LOSS, *data.draw(examples(form, shapes)), dtype)


@needs_by_shape
@FLOATS
@pytest.mark.parametrize("form", ["js", "class_mean"])
@settings(max_examples=4)
@given(data=st.data())
def test_agrees_with_the_oracle_by_shape(dtype, form, data):
    assert_agree(by_shape, LOSS, *data.draw(examples(form, few_shapes)), dtype)


@each_traced_backend
@pytest.mark.parametrize(("form", "reduction"), TRACED)
def test_agrees_with_the_oracle_when_traced(backend, dtype, form, reduction):
    options = FORMS[form] | {"relatedness": NECKLINES, "reduction": reduction}
    drawn = traced_shapes.flatmap(lambda shape: inputs(shape, options, everything=True))
    assert_agrees_when_traced(backend, LOSS, drawn, options, dtype)


@pytest.mark.parametrize("form", ["kl", "js", "class_mean"])
@given(data=st.data(), everybody=booleans)
def test_a_binary_attribute_is_one_of_two_categories(form, data, everybody):
    """Two outcomes, of a logit against 0; away from certainty, where the bounds of the two differ."""
    samples, classes = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    z, s = (data.draw(matrices((samples, n), small_logits)) for n in (classes, 1))
    k = data.draw(matrices((classes, 1), floats(0.0625, 0.9375)))
    known = np.arange(classes) < classes - (not everybody and classes > 1)
    options = FORMS[form]
    binary = losses.distribution_matching(z, s, Relatedness(k, known=known), **options)
    both = Relatedness(np.concatenate([k, 1 - k], axis=1), known=known)
    t = np.concatenate([s, np.zeros_like(s)], axis=1)
    assert_close(losses.categorical_distribution_matching(z, t, both, **options), binary)


def test_a_category_that_no_class_relates_to_is_not_predicted():
    """Unlike an attribute, which would take no part: here the others would be predicted less."""
    table = Relatedness([[0.5, 0.5, 0.0]])
    certain = np.asarray([[0.0, 0.0, -50.0], [0.0, 0.0, 50.0]])
    values = losses.categorical_distribution_matching(
        np.zeros((2, 1)), certain, table, divergence="kl", reduction="none"
    )
    assert_close(values, [0.0, -np.log(1e-7)])


def test_rows_that_are_no_distributions():
    with pytest.raises(ValueError, match=r"rows of conditional that sum to 1 .*, got 0\.75 for 'class_1'"):
        losses.categorical_distribution_matching(
            np.zeros((1, 2)), np.zeros((1, 2)), Relatedness([[0.5, 0.5], [0.25, 0.5]])
        )
