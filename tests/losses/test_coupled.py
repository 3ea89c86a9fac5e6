"""Equation 1 on every backend against the oracle, and what must hold of its terms."""

import numpy as np
import oracle
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
from autodiff import evaluate
from compare import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import away_from_bounds, batches, few_shapes, only, relatednesses, shapes, well_conditioned

from backends import needs, numpy, torch_core
from coupling import directed, losses, task_weights
from coupling.knowledge import du2014

INPUTS = ("class_logits", "attribute_logits", "class_labels", "attribute_labels", "sample_weight")
FORMS = {
    "printed": {},
    "weighted": {
        "weights": {"classes": 2.0, "attributes": 0.5, "distribution_matching": 0.1},
        "dm": {"divergence": "js", "detach": "attributes"},
        "sca": {"divergence": "js", "temperature": 0.25, "empty_row": "complement"},
    },
    "predictions": {
        "weights": {"classes": 0.0, "attributes": 0.0, "soft_co_annotation": 3.0},
        "dm": {"divergence": "kl", "eps": 1e-3},
        "sca": {"source": "predictions", "divergence": "distillation"},
    },
    "no coupling": {"weights": {"distribution_matching": 0.0, "soft_co_annotation": 0}},
    # The preset of findings.md for 20 class-labelled and 600 attribute-labelled samples.
    "directed": {
        "weights": {"distribution_matching": 0.3 * (1 - 600 / 620), "soft_co_annotation": 0.3 * 600 / 620},
        "dm": {"matching": "class_mean", "detach": "classes", "eps": 1e-3},
        "sca": {"soft_label": "posterior", "divergence": "distillation", "source": "both"},
    },
}
# Without an adapter, nothing can be held fixed.
adapted = [backend for backend in any_shape if backend is not torch_core]
forms = pytest.mark.parametrize("form", FORMS)


def inputs(shape, options, **given):
    """Batches away from the bounds of distribution matching."""
    matching = {"relatedness": options["relatedness"]} | options.get("dm", {})
    drawn = batches(shape, **given).map(lambda batch: only(batch, *INPUTS))
    drawn = drawn.filter(lambda batch: well_conditioned(batch, matching))
    return drawn.filter(lambda batch: away_from_bounds(batch, matching))


@st.composite
def examples(draw, form, shapes):
    shape = draw(shapes)
    options = FORMS[form] | {"relatedness": draw(relatednesses(*shape[1:]))}
    return draw(inputs(shape, options)), options


@FLOATS
@forms
@settings(max_examples=50)
@given(data=st.data())
def test_agrees_with_the_oracle(dtype, form, data):
    assert_agree(adapted, "coupled", *data.draw(examples(form, shapes)), dtype)


@needs_by_shape
@FLOATS
@forms
@settings(max_examples=8)
@given(data=st.data())
def test_agrees_with_the_oracle_by_shape(dtype, form, data):
    assert_agree(by_shape, "coupled", *data.draw(examples(form, few_shapes)), dtype)


@each_traced_backend
@pytest.mark.parametrize("form", ["weighted", "directed"])
def test_agrees_with_the_oracle_when_traced(backend, dtype, form):
    options = FORMS[form] | {"relatedness": AWKWARD}
    drawn = traced_shapes.flatmap(lambda shape: inputs(shape, options, everything=True))
    assert_agrees_when_traced(backend, "coupled", drawn, options, dtype)


@needs(torch_core)
def test_core_without_an_adapter():
    """The standard cannot hold a tensor fixed."""
    options = {"relatedness": du2014(), "sca": {"source": "both"}}
    with pytest.raises(TypeError, match=r"fixed needs its adapter: call coupling\.torch"):
        torch_core.prepare("coupled", options)(faces())


def test_preset():
    assert directed(20, 600) == FORMS["directed"]


def test_parts_are_the_losses():
    batch, table = faces(), du2014()
    z, s, c, a = (batch[name] for name in INPUTS[:4])
    terms = losses.coupled(z, s, c, a, table, weights={"attributes": 0.5})
    assert_close(terms.classes, losses.class_cross_entropy(z, c))
    assert_close(terms.attributes, losses.attribute_binary_cross_entropy(s, a))
    assert_close(terms.distribution_matching, losses.distribution_matching(z, s, table))
    assert_close(terms.soft_co_annotation, losses.soft_co_annotation(z, a, table))
    assert_close(
        terms.total,
        terms.classes + 0.5 * terms.attributes + terms.distribution_matching + terms.soft_co_annotation,
    )


def test_parts_of_weight_0_are_not_computed():
    batch = faces() | {"class_logits": np.full((2, 7), np.nan)}
    weights = {"classes": 0.0, "distribution_matching": 0.0, "soft_co_annotation": 0.0}
    assert np.isnan(losses.coupled(**batch, relatedness=du2014()).total)
    terms = losses.coupled(**batch, relatedness=du2014(), weights=weights)
    assert terms.classes == terms.distribution_matching == terms.soft_co_annotation == 0
    assert_close(terms.total, terms.attributes)


def test_labels_beyond_the_classes_are_refused_whatever_the_weights():
    batch = faces() | {"class_labels": np.full(2, 7)}
    weights = {"classes": 0.0, "distribution_matching": 0.0}
    with pytest.raises(ValueError, match="class_labels should be below C = 7"):
        losses.coupled(**batch, relatedness=du2014(), weights=weights)


def faces():
    rng = np.random.default_rng(0)
    return {
        "class_logits": rng.normal(size=(2, 7)),
        "attribute_logits": rng.normal(size=(2, 17)),
        "class_labels": np.asarray([3, -1]),
        "attribute_labels": np.stack([np.full(17, np.nan), np.eye(17)[0]]),
    }


def test_inputs_of_two_precisions():
    """The total is as wide as its widest part."""
    batch = faces() | {"attribute_logits": np.zeros((2, 17), np.float32)}
    options = {"relatedness": du2014()}
    got = numpy.prepare("coupled", options)(batch)
    assert got.value.dtype == np.float64
    assert_close(got.value.astype(np.float32), evaluate(oracle.coupled, batch, options).value)


def test_a_weight_of_numpy_that_is_0_is_0():
    batch = {
        "class_logits": np.ones((1, 7)),
        "attribute_logits": np.ones((1, 17)),
        "class_labels": np.asarray([0]),
        "attribute_labels": np.ones((1, 17)),
    }
    terms = losses.coupled(**batch, relatedness=du2014(), **directed(np.int64(9), np.int64(0)))
    assert terms.soft_co_annotation == 0
    assert terms.distribution_matching > 0
    assert directed(np.int64(9), np.int64(1)) == directed(9, 1)


@given(few=st.integers(0, 5), many=st.integers(1, 9), seed=st.integers(0, 2**32 - 1))
def test_by_task_weights_each_labelled_sample_counts_alike(few, many, seed):
    rng = np.random.default_rng(seed)
    z, s = rng.normal(size=(few + many, 7)), rng.normal(size=(few + many, 17))
    classes, attributes = rng.integers(7, size=few + many), rng.integers(2, size=s.shape).astype(float)
    classes[few:], attributes[:few] = -1, np.nan
    options = FORMS["no coupling"]["weights"] | task_weights(few, many)
    total = losses.coupled(z, s, classes, attributes, du2014(), weights=options).total
    each = losses.class_cross_entropy(z, classes, reduction="none")
    each = each + losses.attribute_binary_cross_entropy(s, attributes, reduction="none")
    assert_close(total, 2 * each.mean())
