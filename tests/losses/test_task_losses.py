"""The two task losses of equation 1 on every backend against the oracle, and what must hold of them."""

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
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import (
    batches,
    few_shapes,
    matrices,
    only,
    optional,
    optional_weights,
    reductions,
    shapes,
)

CLASSES, ATTRIBUTES = LOSSES = ("class_cross_entropy", "attribute_binary_cross_entropy")
INPUTS = {
    CLASSES: ("class_logits", "class_labels", "where", "sample_weight"),
    ATTRIBUTES: ("attribute_logits", "attribute_labels", "where", "sample_weight"),
}
TRACED = {
    CLASSES: {
        "label_smoothing": 0.25,
        "class_weight": np.asarray([0.5, 1.0, 2.0, 0.25]),
        "reduction": "mean",
    },
    ATTRIBUTES: {"pos_weight": np.asarray([0.5, 1.0, 2.0, 0.0, 3.0]), "reduction": "none"},
}
losses = pytest.mark.parametrize("loss", LOSSES)


@st.composite
def examples(draw, loss, shapes):
    shape = draw(shapes)
    options = {"reduction": draw(reductions)}
    if loss == CLASSES:
        smoothing = options["label_smoothing"] = draw(st.sampled_from([0.0, 0.25, 1.0]))
        # A smoothed label of a class of weight 0 has a loss, but no weight to divide it by.
        class_weights = optional_weights.filter(bool) if smoothing else optional_weights
        options["class_weight"] = draw(optional(matrices((shape[1],), class_weights)))
    else:
        options["pos_weight"] = draw(optional(matrices((shape[2],), optional_weights)))
    return only(draw(batches(shape)), *INPUTS[loss]), options


@FLOATS
@losses
@settings(max_examples=100)
@given(data=st.data())
def test_agrees_with_the_oracle(dtype, loss, data):
    assert_agree(any_shape, loss, *data.draw(examples(loss, shapes)), dtype)


@needs_by_shape
@FLOATS
@losses
@settings(max_examples=16)
@given(data=st.data())
def test_agrees_with_the_oracle_by_shape(dtype, loss, data):
    assert_agree(by_shape, loss, *data.draw(examples(loss, few_shapes)), dtype)


@each_traced_backend
@losses
def test_agrees_with_the_oracle_when_traced(backend, dtype, loss):
    drawn = traced_shapes.flatmap(lambda shape: batches(shape, everything=True))
    drawn = drawn.map(lambda batch: only(batch, *INPUTS[loss]))
    assert_agrees_when_traced(backend, loss, drawn, TRACED[loss], dtype)
