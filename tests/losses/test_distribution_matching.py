"""Distribution matching: every form on every backend against the oracle, and what must hold of its values."""

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

from coupling import Relatedness, losses

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


@pytest.mark.parametrize("matching", ["sample", "class_mean"])
def test_another_device_without_samples(matching: str) -> None:
    """Its sums are 0: each loss counts twice, so that their average is that of all samples."""
    rng = np.random.default_rng(0)
    z, s, table = rng.normal(size=(4, 3)), rng.normal(size=(4, 2)), Relatedness(rng.random((3, 2)))
    options = {"relatedness": table, "matching": matching}
    alone = losses.distribution_matching(z, s, **options)
    beside = losses.distribution_matching(z, s, **options, normalizer=lambda total: total / 2)
    assert_close(beside, alone if matching == "class_mean" else 2 * alone)


def test_means_of_classes_beside_another_device() -> None:
    """One with a sample that is certainly of the first class, half with its attribute."""
    table = Relatedness([[0.5], [0.25]])

    def normalizer(total: np.ndarray) -> np.ndarray:
        other = {(2,): [1.0, 0.0], (2, 1): [[0.5], [0.0]]}[total.shape]
        return (total + np.asarray(other)) / 2

    options = {"relatedness": table, "matching": "class_mean"}
    z, s = np.asarray([[0.0, 1.0], [0.0, 2.0], [99.0, 0.0]]), np.asarray([[1.0], [0.5], [0.0]])
    beside = losses.distribution_matching(z[:2], s[:2], **options, normalizer=normalizer)
    assert_close(beside, losses.distribution_matching(z, s, **options))


@pytest.mark.parametrize("seed", range(3))
def test_weights_of_classes_next_to_impossible(seed: int) -> None:
    """They are logarithms, to which those of the samples are added without loss."""
    rng = np.random.default_rng(seed)
    z, s, weight = rng.normal(size=(6, 2)) - [5000, 0], rng.normal(size=(6, 3)), rng.random(6)
    single = [x.astype(np.float32) for x in (z, s, weight)]
    table = Relatedness(rng.random((2, 3)), known=[True, False])
    value, expected = (
        losses.distribution_matching(z, s, table, matching="class_mean", sample_weight=weight)
        for z, s, weight in (single, [x.astype(np.float64) for x in single])
    )
    np.testing.assert_allclose(value, expected, rtol=5e-7)
