"""Bad input raises before any arithmetic, and says which argument, what was expected and what came."""

import numpy as np
import pytest
from bad_arrays import ARRAYS, ATTRIBUTES, CLASSES, COUPLED, DM, SCA, TABLE, VALID
from bad_losses import LOSSES, WHILE_TRACING, call

from backends import (
    TRACED,
    jax_adapter,
    lazy_strict,
    needs,
    numpy,
    strict,
    tensorflow,
    tf,
    torch,
    torch_adapter,
    torch_core,
)
from coupling import losses

READABLE = (numpy, strict, lazy_strict, torch_adapter, jax_adapter, tensorflow)


def bad(rows):
    return pytest.mark.parametrize("wrong", rows, ids=[f"{own.loss}-{own.kind}" for own in rows])


def each(backends):
    return pytest.mark.parametrize("backend", backends, ids=repr)


@each(READABLE)
@bad(LOSSES)
def test_bad_input(backend, wrong):
    with pytest.raises(wrong.error, match=wrong.message):
        call(backend, wrong.loss, **{wrong.name: wrong.value})


@each(TRACED)
@bad(WHILE_TRACING)
def test_bad_input_while_tracing(backend, wrong):
    """PyTorch wraps the error of a function that it captures as a whole, and quotes it."""
    wrapped = (torch._dynamo.exc.Unsupported,) if "torch" in backend.name else ()
    with pytest.raises((wrong.error, *wrapped), match=wrong.message):
        call(backend, wrong.loss, **{wrong.name: wrong.value})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"divergence": "kl"}, "divergence is not taken with matching='class_mean', got 'kl'"),
        ({"reduction": "none"}, "reduction should be 'mean' or 'sum' with matching='class_mean', got 'none'"),
    ],
)
def test_class_mean_takes_neither(options, message):
    with pytest.raises(ValueError, match=message):
        call(numpy, DM, matching="class_mean", **options)


@pytest.mark.parametrize(
    ("loss", "name", "value", "message"),
    [
        (CLASSES, "class_weight", [1.0, -1.0, 1.0], r"class_weight\[1\] should be in \[0.0, inf\), got -1.0"),
        (ATTRIBUTES, "pos_weight", [1.0, np.nan], r"pos_weight\[1\] should be in \[0.0, inf\), got nan"),
        (SCA, "prior", [0.5, 0.5, 0.0], r"prior\[2\] should be in \(0.0, inf\), got 0.0"),
        (SCA, "prior", [0.5, 0.5], r"prior should .* 3, got \(2,\)"),
    ],
)
def test_bad_vector(loss, name, value, message):
    options = {"soft_label": "posterior"} if loss == SCA else {}
    with pytest.raises(ValueError, match=message):
        call(numpy, loss, **{name: np.asarray(value)}, **options)


@each(READABLE)
@pytest.mark.parametrize("loss", [CLASSES, COUPLED])
def test_labels_beyond_the_classes(backend, loss):
    with pytest.raises(ValueError, match=r"class_labels should be below C = 3 .*, got 3"):
        call(backend, loss, class_labels=np.asarray([0, 3, -1, 0]))


@pytest.mark.nan
@each(TRACED)
def test_labels_beyond_the_classes_while_tracing(backend):
    labels = np.asarray([0, 3, -1, 0])
    values = call(backend, CLASSES, class_labels=labels, reduction="none")
    assert np.isnan(values).tolist() == [False, True, False, False]
    assert np.isnan(call(backend, CLASSES, class_labels=labels))
    assert np.isnan(call(backend, CLASSES, class_labels=np.asarray([3, -1, 9, -1])))
    assert np.isnan(call(backend, COUPLED, class_labels=labels)).tolist() == [True, True, *[False] * 3]


WEIGHTED = pytest.mark.parametrize("loss", [DM, SCA, CLASSES, ATTRIBUTES, COUPLED])


@each(READABLE)
@WEIGHTED
def test_a_negative_sample_weight(backend, loss):
    with pytest.raises(ValueError, match=r"^sample_weight should be at least 0, got -0.5$"):
        call(backend, loss, sample_weight=np.asarray([1.0, -0.5, 2.0, 0.0]))


@pytest.mark.nan
@each(TRACED)
@WEIGHTED
def test_a_negative_sample_weight_while_tracing(backend, loss):
    weight = np.asarray([1.0, 1.0, -0.5, 1.0])
    assert np.isnan(call(backend, loss, sample_weight=weight)).all()
    if loss != COUPLED:
        values = call(backend, loss, sample_weight=weight, reduction="none")
        assert np.isnan(values).tolist() == [False, False, True, False]


@each([torch_adapter, jax_adapter, tensorflow])
@needs(torch_adapter)
@needs(jax_adapter)
def test_mixed_libraries(backend):
    """Keras takes NumPy arrays for tensors, but not the tensors of another of its backends."""
    other = (jax_adapter if backend is torch_adapter else torch_adapter).asarray
    z, s = ARRAYS["class_logits"], ARRAYS["attribute_logits"]
    loss = backend.loss(DM, TABLE)
    with pytest.raises(TypeError, match=r"attribute_logits should be an? .* of \w+.*, got (torch|jax)"):
        loss({"class_logits": backend.asarray(z), "attribute_logits": other(s)})
    with pytest.raises(TypeError, match=r"class_logits should be an? .* of \w+.*, got (torch|jax)"):
        loss({"class_logits": other(z), "attribute_logits": backend.asarray(s)})


@each([numpy, strict, torch_core])
@needs(torch_core)
def test_mixed_libraries_in_the_core(backend):
    other = (torch_core if backend is numpy else numpy).asarray(ARRAYS["attribute_logits"])
    ours = backend.asarray(ARRAYS["class_logits"])
    with pytest.raises(TypeError, match="attribute_logits should be of the same library as class_logits"):
        losses.distribution_matching(ours, other, **TABLE)
    with pytest.raises(TypeError, match=r"class_logits should be an array of .*, got list"):
        losses.distribution_matching([[0.0] * 3], other, **TABLE)


@each([torch_adapter, jax_adapter, torch_core])
@needs(torch_adapter)
@needs(jax_adapter)
@pytest.mark.parametrize(
    ("loss", "name", "size"),
    [
        (CLASSES, "class_weight", 3),
        (ATTRIBUTES, "pos_weight", 2),
        (SCA, "prior", 3),
        (DM, "attribute_mask", 2),
    ],
)
def test_an_option_of_another_library(backend, loss, name, size):
    other = (torch_adapter if backend is jax_adapter else jax_adapter).asarray(np.ones(size))
    options = {"soft_label": "posterior"} if loss == SCA else {}
    value = other > 0 if name == "attribute_mask" else other
    names, table = VALID[loss]
    function = backend.loss(loss, {**table, **options, name: value})
    with pytest.raises(TypeError, match=f"{name} should be .*, got (torch|jax)"):
        function({key: backend.asarray(ARRAYS[key]) for key in names})


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.float64(-3.0), r"weights\['classes'\] should be in \[0.0, inf\), got"),
        (np.ones(2), r"weights\['classes'\] should have shape \(\), got \(2,\)"),
    ],
)
def test_a_weight_of_numpy(weight, message):
    with pytest.raises(ValueError, match=message):
        call(numpy, COUPLED, weights={"classes": weight})


@each([numpy, torch_adapter])
@pytest.mark.parametrize(
    "changes",
    [
        {"class_labels": np.asarray([0, 3, 0, 0])},
        {"class_logits": np.zeros((4, 4))},
        {"class_labels": np.zeros((4, 1), int)},
        {"attribute_labels": np.zeros((1, 2))},
        {"attribute_logits": np.zeros((3, 2)), "attribute_labels": np.zeros((3, 2))},
    ],
)
def test_what_has_no_weight_is_checked_too(backend, changes):
    """In every part, before any is computed."""
    nothing = dict.fromkeys(("classes", "attributes", "distribution_matching", "soft_co_annotation"), 0.0)
    with pytest.raises(ValueError, match=r"(class|attribute)_\w+ should"):
        call(backend, COUPLED, weights=nothing, sca={"source": "both"}, **changes)


@needs(tensorflow)
def test_the_number_of_classes_has_to_be_known():
    @tf.function
    def traced(logits):
        return tensorflow.module.class_cross_entropy(logits, [0], from_logits=True)

    unknown = tf.TensorSpec([None, None], "float32")
    with pytest.raises(ValueError, match="class_logits should have a known number of classes"):
        traced.get_concrete_function(unknown)


@each(READABLE)
@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_is_none(backend, name):
    arrays = {key: backend.asarray(x) for key, x in ARRAYS.items()} | {name: None}
    with pytest.raises(TypeError, match=f"{name} should be .*, got None"):
        backend.loss(COUPLED, TABLE)(arrays)


@each(READABLE)
def test_labels_in_place_of_logits(backend):
    swapped = dict(zip(ARRAYS, [ARRAYS["class_labels"], ARRAYS["attribute_labels"]] * 2, strict=True))
    with pytest.raises(ValueError, match=r"class_logits should have shape \(B, C\) with C = 3, got \(4,\)"):
        call(backend, COUPLED, **swapped)


@each(READABLE)
def test_nothing_is_broadcast(backend):
    """One sample's labels do not do for four."""
    with pytest.raises(ValueError, match=r"attribute_labels .* B = 4, A = 2, got \(1, 2\)"):
        call(backend, SCA, attribute_labels=np.zeros((1, 2)))
