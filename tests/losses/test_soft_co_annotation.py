"""Soft co-annotation: every form on every backend against the oracle, and what must hold of its values."""

from collections.abc import Callable
from typing import Any

import array_api_strict
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
from coupling.knowledge import du2014

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


def test_the_average_over_devices_divides() -> None:
    z, labels, table = np.eye(2), np.eye(2), Relatedness(np.eye(2))
    alone = losses.soft_co_annotation(z, labels, table)
    twice = losses.soft_co_annotation(z, labels, table, normalizer=lambda count: 2 * count)
    assert_close(twice, alone / 2)


@pytest.mark.parametrize(("soft_label", "takes_part"), [("indicator", [0, 1]), ("posterior", [1, 0])])
def test_evidence_is_in_the_matrix_that_is_used(soft_label: str, takes_part: list[int]) -> None:
    """An attribute may have a probability and no weight, or the other way round."""
    table = Relatedness([[0.5, 0.0], [0.5, 0.0]], [[0.0, 1.0], [0.0, 1.0]])
    labels = np.asarray([[1.0, np.nan], [np.nan, 1.0]])
    options = {"soft_label": soft_label, "reduction": "none"}
    values = losses.soft_co_annotation(np.zeros((2, 2)), labels, table, **options)
    assert_close(values, np.log(2) * np.asarray(takes_part))


def test_the_scale_of_a_class_does_not_matter() -> None:
    """Even where the labels' precision does not hold its weights."""
    z, labels = np.asarray([[1.0, 0.0, 2.0]], np.float32), np.asarray([[1.0, 0.0]], np.float32)
    scaled, table = (Relatedness(np.ones((3, 2)), [[x, 0], [x, 3 * x], [0.0, 1.0]]) for x in (1e-50, 1.0))
    expected = losses.soft_co_annotation(z.astype(np.float64), labels.astype(np.float64), table)
    assert_close(losses.soft_co_annotation(z, labels, scaled), expected)


def test_a_low_temperature_magnifies_no_rounding() -> None:
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(2, 3)).astype(np.float32), rng.random((2, 40), np.float32)
    table = Relatedness(np.ones((3, 40)), rng.uniform(0.1, 0.9, 40) + 2e-3 * rng.normal(size=(3, 40)))
    options = {"relatedness": table, "temperature": 1e-4, "reduction": "none"}
    wide = losses.soft_co_annotation(z.astype(np.float64), labels.astype(np.float64), **options)
    assert_close(losses.soft_co_annotation(z, labels, **options), wide)


@FLOATS
@pytest.mark.parametrize("temperature", [1e-3, 1e-5, 1e-7])
def test_classes_that_are_as_near_as_rounding(dtype: type, temperature: float) -> None:
    """One indicator is rounded up to a number of few digits, and the other down, all but equal."""
    table = Relatedness(np.ones((2, 2)), [[1.0, 1.0], [1.0, 1.0 + 1e-5]])
    z, labels = np.asarray([[0.0, 1.0]], dtype), np.full((1, 2), 0.5 / 128, dtype)
    value = losses.soft_co_annotation(z, labels, table, temperature=temperature)
    assert_close(value, np.log(2))


@pytest.mark.parametrize("form", SOFT_LABELS)
def test_matrices_may_be_of_the_library(form: str) -> None:
    """As the adapters hold them."""
    rng = np.random.default_rng(0)
    table = Relatedness(rng.random((3, 4)) * [[1.0], [0.5], [0.0]])
    own = table._with_arrays(*map(array_api_strict.asarray, (table.conditional, table.weights)))
    z, labels = (array_api_strict.asarray(rng.random(shape)) for shape in ((5, 3), (5, 4)))
    values = (losses.soft_co_annotation(z, labels, x, **SOFT_LABELS[form]) for x in (own, table))
    assert_close(*map(np.asarray, values))


@FLOATS
@pytest.mark.parametrize("divergence", ["cross_entropy", "distillation", "js"])
def test_the_coldest_temperature_is_finite(dtype: type, divergence: str) -> None:
    rng = np.random.default_rng(0)
    z, labels = np.zeros((8, 7), dtype), rng.integers(2, size=(8, 17)).astype(dtype)
    options = {"divergence": divergence, "reduction": "none"}
    assert np.isfinite(losses.soft_co_annotation(z, labels, du2014(), temperature=1e-8, **options)).all()
    with pytest.raises(ValueError, match=r"^temperature should be in \[1e-08, inf\), got 9e-09$"):
        losses.soft_co_annotation(z, labels, du2014(), temperature=9e-9, **options)


@FLOATS
@pytest.mark.parametrize("kind", [list, np.asarray])
def test_a_prior_beyond_float32(dtype: type, kind: Callable[[list[float]], Any]) -> None:
    """Classes' log odds are those of the prior, where a label tells nothing."""
    z, labels = np.zeros((1, 3), dtype), np.ones((1, 1), dtype)
    options = {"soft_label": "posterior", "prior": kind([1e-50, 1.0, 1e39])}
    value = losses.soft_co_annotation(z, labels, Relatedness(np.full((3, 1), 0.5)), **options)
    assert_close(value, -np.log([1e-89, 1e-39, 1.0]).mean())
