"""Distribution matching: every form on every backend against the oracle, and what must hold of its values."""

import pytest
from agreement import (
    AWKWARD,
    FLOATS,
    any_shape,
    assert_agree,
    assert_agrees_when_traced,
    by_shape,
    each_traced_backend,
    needs_by_shape,
    traced_shapes,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    away_from_bounds,
    batches,
    few_shapes,
    matching_options,
    only,
    relatednesses,
    shapes,
    well_conditioned,
)

LOSS = "distribution_matching"
FORMS = {
    "cross_entropy": {"divergence": "cross_entropy"},
    "binary_cross_entropy": {"divergence": "binary_cross_entropy"},
    "kl": {"divergence": "kl"},
    "js": {"divergence": "js"},
    "class_mean": {"matching": "class_mean"},
}
TRACED = [
    ("cross_entropy", "none"),
    ("binary_cross_entropy", "mean"),
    ("kl", "sum"),
    ("js", "mean"),
    ("class_mean", "mean"),
]
forms = pytest.mark.parametrize("form", FORMS)


def inputs(shape, options, **given):
    """Batches whose probabilities are away from their bounds, where the derivative jumps."""
    names = ("class_logits", "attribute_logits", "where", "sample_weight")
    drawn = batches(shape, **given).map(lambda batch: only(batch, *names))
    drawn = drawn.filter(lambda batch: well_conditioned(batch, options))
    return drawn.filter(lambda batch: away_from_bounds(batch, options))


@st.composite
def examples(draw, form, shapes):
    shape = draw(shapes)
    options = FORMS[form] | draw(matching_options(shape[2], class_mean=form == "class_mean"))
    options["relatedness"] = draw(relatednesses(*shape[1:]))
    return draw(inputs(shape, options)), options


@FLOATS
@forms
@settings(max_examples=80)
@given(data=st.data())
def test_agrees_with_the_oracle(dtype, form, data):
    assert_agree(any_shape, LOSS, *data.draw(examples(form, shapes)), dtype)


@needs_by_shape
@FLOATS
@forms
@settings(max_examples=13)
@given(data=st.data())
def test_agrees_with_the_oracle_by_shape(dtype, form, data):
    assert_agree(by_shape, LOSS, *data.draw(examples(form, few_shapes)), dtype)


@each_traced_backend
@pytest.mark.parametrize(("form", "reduction"), TRACED)
def test_agrees_with_the_oracle_when_traced(backend, dtype, form, reduction):
    options = FORMS[form] | {"relatedness": AWKWARD, "reduction": reduction, "eps": 1e-3}
    drawn = traced_shapes.flatmap(lambda shape: inputs(shape, options, everything=True))
    assert_agrees_when_traced(backend, LOSS, drawn, options, dtype)
