"""Half precision: computed in float32, and gradients of the inputs' own dtype."""

import numpy as np
import pytest
from compare import TOLERANCE

from backends import jax, jax_adapter, needs, tensorflow, tf, torch, torch_adapter
from coupling import losses
from coupling.knowledge import du2014

FORMS = {
    "dm": ("distribution_matching", {"relatedness": du2014()}),
    "dm-js": ("distribution_matching", {"relatedness": du2014(), "divergence": "js"}),
    "dm-class_mean": ("distribution_matching", {"relatedness": du2014(), "matching": "class_mean"}),
    "sca": ("soft_co_annotation", {"relatedness": du2014()}),
    "sca-posterior": ("soft_co_annotation", {"relatedness": du2014(), "soft_label": "posterior"}),
    "classes": ("class_cross_entropy", {}),
    "attributes": ("attribute_binary_cross_entropy", {}),
    "coupled": ("coupled", {"relatedness": du2014(), "sca": {"source": "both"}}),
}
INPUTS = {
    "distribution_matching": ("class_logits", "attribute_logits"),
    "soft_co_annotation": ("class_logits", "attribute_labels"),
    "class_cross_entropy": ("class_logits", "class_labels"),
    "attribute_binary_cross_entropy": ("attribute_logits", "attribute_labels"),
    "coupled": ("class_logits", "attribute_logits", "class_labels", "attribute_labels"),
}
forms = pytest.mark.parametrize(("loss", "options"), FORMS.values(), ids=FORMS)
half_precisions = pytest.mark.parametrize("dtype", ["float16", "bfloat16"])


def batch(loss):
    """Numbers that bfloat16 holds exactly, up to those whose exponential float16 does not."""
    rng = np.random.default_rng(0)
    arrays = {
        "class_logits": rng.integers(-16, 17, (4, 7)) / 4,
        "attribute_logits": rng.integers(-16, 17, (4, 17)) * 1.0,
        "class_labels": np.asarray([0, 6, -1, 3]),
        "attribute_labels": rng.integers(-1, 3, (4, 17)) / 2,
    }
    arrays["class_logits"][0, 0] = 2.0**13
    return {name: arrays[name] for name in INPUTS[loss]}


def expected(loss, options):
    single = {name: x.astype(np.float32) if x.dtype.kind == "f" else x for name, x in batch(loss).items()}
    return np.asarray(getattr(losses, loss)(**single, **options))


def assert_single(got, expected):
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=TOLERANCE[got.dtype], atol=TOLERANCE[got.dtype])


@forms
def test_numpy(loss, options):
    half = {name: x.astype(np.float16) if x.dtype.kind == "f" else x for name, x in batch(loss).items()}
    assert_single(np.asarray(getattr(losses, loss)(**half, **options)), expected(loss, options))


@needs(torch_adapter)
@forms
@half_precisions
def test_torch(loss, options, dtype):
    dtype = getattr(torch, dtype)
    tensors = {name: torch.asarray(x) for name, x in batch(loss).items()}
    half = {name: x.to(dtype) if x.is_floating_point() else x for name, x in tensors.items()}
    logits = [x.requires_grad_() for name, x in half.items() if name.endswith("_logits")]
    result = getattr(torch_adapter.module, loss)(**half, **options)
    terms = result if isinstance(result, tuple) else [result]
    assert_single(
        np.asarray([x.detach().numpy() for x in terms]), expected(loss, options).reshape(len(terms))
    )
    for slope in torch.autograd.grad(terms[0], logits):
        assert slope.dtype == dtype
        assert torch.isfinite(slope).all()


@needs(jax_adapter)
@forms
@half_precisions
def test_jax(loss, options, dtype):
    jnp = jax.numpy
    arrays = {name: jnp.asarray(x) for name, x in batch(loss).items()}
    half = {name: x.astype(dtype) if x.dtype.kind == "f" else x for name, x in arrays.items()}
    logits = {name: x for name, x in half.items() if name.endswith("_logits")}

    @jax.jit
    def function(logits):
        result = getattr(jax_adapter.module, loss)(**(half | logits), **options)
        terms = result if isinstance(result, tuple) else (result,)
        return terms[0], jnp.stack(terms)

    slopes, terms = jax.grad(function, has_aux=True)(logits)
    assert_single(np.asarray(terms), expected(loss, options).reshape(terms.shape))
    assert all(slope.dtype == dtype and jnp.isfinite(slope).all() for slope in slopes.values())


@needs(tensorflow)
@forms
@half_precisions
def test_tensorflow(loss, options, dtype):
    tensors = {name: tf.constant(x) for name, x in batch(loss).items()}
    half = {name: tf.cast(x, dtype) if x.dtype.is_floating else x for name, x in tensors.items()}
    logits = [x for name, x in half.items() if name.endswith("_logits")]
    with tf.GradientTape() as tape:
        tape.watch(logits)
        result = getattr(tensorflow.module, loss)(**half, from_logits=True, **options)
    terms = result if isinstance(result, tuple) else (result,)
    assert_single(tf.stack(terms).numpy(), expected(loss, options).reshape(len(terms)))
    for slope in tape.gradient(terms[0], logits):
        assert slope.dtype == dtype
        assert tf.reduce_all(tf.math.is_finite(slope))
