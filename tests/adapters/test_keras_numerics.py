"""TensorFlow's search for infinities and NaNs: none enters the arithmetic, also where a label is missing."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from coupling import losses
from coupling.keras import _tensorflow as xp
from coupling.knowledge import du2014

Z, S = np.eye(3, 7, dtype="float32"), np.eye(3, 17, dtype="float32")
MISSING = np.where(np.eye(3, 17) > 0, 1.0, np.full((3, 17), -1.0)).astype("float32")
MATCHINGS = [
    {"divergence": divergence} for divergence in ("cross_entropy", "binary_cross_entropy", "kl", "js")
] + [{"matching": "class_mean"}]
ANNOTATIONS = [
    {"soft_label": soft_label, "divergence": divergence}
    for soft_label, divergence in itertools.product(
        ("indicator", "posterior"), ("cross_entropy", "js", "distillation")
    )
]


@pytest.fixture
def checked():
    tf.debugging.enable_check_numerics()
    yield
    tf.debugging.disable_check_numerics()


def gradient(loss, *arrays, **options):
    logits, others = map(tf.constant, arrays)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(logits, others, du2014(), xp=xp, **options)
    return tape.gradient(value, logits).numpy()


@pytest.mark.parametrize("options", MATCHINGS, ids=str)
@pytest.mark.usefixtures("checked")
def test_matching(options):
    assert np.isfinite(gradient(losses.distribution_matching, Z, S, **options)).all()


@pytest.mark.parametrize("options", ANNOTATIONS, ids=str)
@pytest.mark.usefixtures("checked")
def test_annotation(options):
    assert np.isfinite(gradient(losses.soft_co_annotation, Z, MISSING, **options)).all()
