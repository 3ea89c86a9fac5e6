"""Soft co-annotation: every form on every backend against the oracle, and what must hold of its values."""

import numpy as np
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
from compare import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import annotation_options, batches, few_shapes, only, relatednesses, shapes

from coupling import Relatedness, losses

LOSS = "soft_co_annotation"
INPUTS = ("class_logits", "attribute_labels", "where", "sample_weight")
SOFT_LABELS = {
    "indicator": {"soft_label": "indicator"},
    "complement": {"soft_label": "indicator", "empty_row": "complement"},
    "posterior": {"soft_label": "posterior"},
}
FORMS = {
    f"{soft_label}-{divergence}": {"divergence": divergence, **options}
    for soft_label, options in SOFT_LABELS.items()
    for divergence in ("cross_entropy", "distillation", "js")
}
TRACED = [
    ("indicator-cross_entropy", "mean"),
    ("complement-distillation", "none"),
    ("posterior-js", "sum"),
    ("posterior-distillation", "mean"),
]
forms = pytest.mark.parametrize("form", FORMS)


@st.composite
def examples(draw, form, shapes):
    shape = draw(shapes)
    options = FORMS[form] | draw(annotation_options(shape[1], soft_label=FORMS[form]["soft_label"]))
    options["relatedness"] = draw(relatednesses(*shape[1:]))
    return only(draw(batches(shape)), *INPUTS), options


@FLOATS
@forms
@settings(max_examples=60)
@given(data=st.data())
def test_agrees_with_the_oracle(dtype, form, data):
    assert_agree(any_shape, LOSS, *data.draw(examples(form, shapes)), dtype)


@needs_by_shape
@FLOATS
@forms
@settings(max_examples=10)
@given(data=st.data())
def test_agrees_with_the_oracle_by_shape(dtype, form, data):
    assert_agree(by_shape, LOSS, *data.draw(examples(form, few_shapes)), dtype)


@each_traced_backend
@pytest.mark.parametrize(("form", "reduction"), TRACED)
def test_agrees_with_the_oracle_when_traced(backend, dtype, form, reduction):
    options = FORMS[form] | {"relatedness": AWKWARD, "reduction": reduction}
    drawn = traced_shapes.flatmap(lambda shape: batches(shape, everything=True))
    drawn = drawn.map(lambda batch: only(batch, *INPUTS))
    assert_agrees_when_traced(backend, LOSS, drawn, options, dtype)


def test_the_complement_is_that_of_known_classes():
    """A class about which nothing is known takes nothing from one without any attribute."""
    table = Relatedness([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]], known=[True, True, False])
    options = {"empty_row": "complement", "divergence": "distillation"}
    z, labels = np.asarray([[0.0, 1.0, 0.0]]), np.asarray([[0.0, 1.0]])
    empty = np.e / (np.e + 1)  # I = 0 of the first class, 1 - 0 of the second
    expected = np.log(1 + np.e) - empty
    assert_close(losses.soft_co_annotation(z, labels, table, **options), expected)
