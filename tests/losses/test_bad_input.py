"""Bad input raises before any arithmetic, and says which argument, what was expected and what came."""

import numpy as np
import pytest

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
from coupling import Relatedness, losses

ARRAYS = {
    "class_logits": np.zeros((4, 3)),
    "attribute_logits": np.zeros((4, 2)),
    "class_labels": np.asarray([0, 1, 2, -1]),
    "attribute_labels": np.zeros((4, 2)),
}
TABLE = {"relatedness": Relatedness(np.full((3, 2), 0.5))}
VALID = {
    "distribution_matching": (("class_logits", "attribute_logits"), TABLE),
    "soft_co_annotation": (("class_logits", "attribute_labels"), TABLE),
    "class_cross_entropy": (("class_logits", "class_labels"), {}),
    "attribute_binary_cross_entropy": (("attribute_logits", "attribute_labels"), {}),
    "coupled": (tuple(ARRAYS), TABLE),
}
DM, SCA, CLASSES, ATTRIBUTES, COUPLED = VALID


def related(classes, attributes):
    return Relatedness(np.full((classes, attributes), 0.5))


# The loss, an argument, a bad value of it, and the message: a ValueError.
WRONG_SHAPE = [
    (DM, "class_logits", np.zeros(4), r"class_logits should have shape \(B, C\) with C = 3, got \("),
    (DM, "class_logits", np.zeros((4, 2)), r"class_logits .* C = 3, got \(\w+, 2\)"),
    (DM, "attribute_logits", np.zeros((4, 2, 1)), r"attribute_logits .*\(B, A\) .*A = 2, got \(\w+, 2, 1\)"),
    (DM, "attribute_logits", np.zeros((4, 3)), r"attribute_logits .* A = 2, got \(\w+, 3\)"),
    (DM, "relatedness", related(4, 2), r"class_logits .* C = 4, got \(\w+, 3\)"),
    (DM, "relatedness", related(3, 3), r"attribute_logits .* A = 3, got \(\w+, 2\)"),
    (DM, "where", np.ones((4, 2), bool), r"where should have shape \(B,\).*, got \(\w+, 2\)"),
    (DM, "sample_weight", np.ones((4, 2)), r"sample_weight should have shape \(B,\).*, got \(\w+, 2\)"),
    (DM, "attribute_mask", np.ones(3, bool), r"attribute_mask should .* 2, got \(3,\)"),
    (SCA, "class_logits", np.zeros((4, 3, 1)), r"class_logits .*\(B, C\) .*C = 3, got \(\w+, 3, 1\)"),
    (SCA, "attribute_labels", np.zeros(4), r"attribute_labels .*\(B, A\) .*A = 2, got \("),
    (SCA, "attribute_labels", np.zeros((4, 3)), r"attribute_labels .* A = 2, got \(\w+, 3\)"),
    (SCA, "relatedness", related(2, 2), r"class_logits .* C = 2, got \(\w+, 3\)"),
    (CLASSES, "class_logits", np.zeros(4), r"class_logits should have shape \(B, C\), got \("),
    (CLASSES, "class_labels", np.zeros((4, 2), int), r"class_labels .*\(B,\).*, got \(\w+, 2\)"),
    (CLASSES, "class_weight", np.ones(4), r"class_weight should .* 3, got \(4,\)"),
    (ATTRIBUTES, "attribute_labels", np.zeros((4, 3)), r"attribute_labels .* A = 2, got \(\w+, 3\)"),
    (ATTRIBUTES, "pos_weight", np.ones(3), r"pos_weight should .* 2, got \(3,\)"),
    (COUPLED, "relatedness", related(4, 2), r"class_logits .* C = 4, got \(\w+, 3\)"),
]
WRONG_BATCH = [
    (DM, "attribute_logits", np.zeros((3, 2)), r"attribute_logits .* B = 4, A = 2, got \(3, 2\)"),
    (DM, "where", np.ones(3, bool), r"where .* B = 4, got \(3,\)"),
    (SCA, "attribute_labels", np.zeros((3, 2)), r"attribute_labels .* B = 4, A = 2, got \(3, 2\)"),
    (SCA, "sample_weight", np.ones(5), r"sample_weight .* B = 4, got \(5,\)"),
    (CLASSES, "class_labels", np.zeros(3, int), r"class_labels .* B = 4, got \(3,\)"),
    (ATTRIBUTES, "attribute_labels", np.zeros((5, 2)), r"attribute_labels .* B = 4, A = 2, got \(5, 2\)"),
    (COUPLED, "class_labels", np.zeros(3, int), r"class_labels .* B = 4, got \(3,\)"),
]
ONE_OF = "should be one of .*, got "
WRONG_VALUE = [
    (DM, "divergence", "hellinger", f"divergence {ONE_OF}'hellinger'"),
    (DM, "matching", "batch", f"matching {ONE_OF}'batch'"),
    (DM, "detach", "both", f"detach {ONE_OF}'both'"),
    (DM, "reduction", "average", f"reduction {ONE_OF}'average'"),
    (DM, "eps", 0.0, r"eps should be in \(0.0, 0.5\), got 0.0"),
    (DM, "eps", 0.5, r"eps should be in \(0.0, 0.5\), got 0.5"),
    (DM, "eps", float("nan"), r"eps should be in \(0.0, 0.5\), got nan"),
    (SCA, "divergence", "kl", f"divergence {ONE_OF}'kl'"),
    (SCA, "soft_label", "bayes", f"soft_label {ONE_OF}'bayes'"),
    (SCA, "empty_row", "one", f"empty_row {ONE_OF}'one'"),
    (SCA, "detach", True, f"detach {ONE_OF}True"),
    (SCA, "temperature", 0.0, r"temperature should be in \(0.0, inf\), got 0.0"),
    (SCA, "temperature", -1.0, r"temperature should be in \(0.0, inf\), got -1.0"),
    (CLASSES, "label_smoothing", -0.1, r"label_smoothing should be in \[0.0, 1.0\], got -0.1"),
    (CLASSES, "label_smoothing", 1.5, r"label_smoothing should be in \[0.0, 1.0\], got 1.5"),
    (CLASSES, "reduction", None, f"reduction {ONE_OF}None"),
    (ATTRIBUTES, "reduction", "batchmean", f"reduction {ONE_OF}'batchmean'"),
    (COUPLED, "weights", {"dm": 1.0}, "weights should have keys among .*'classes'.*, got 'dm'"),
    (COUPLED, "weights", {"classes": -1.0}, r"weights\['classes'\] should be in \[0.0, inf\), got -1.0"),
    (COUPLED, "dm", {"weight": 0.1}, "dm should have keys among .*'divergence'.*, got 'weight'"),
    (COUPLED, "dm", {"matching": "none"}, f"matching {ONE_OF}'none'"),
    (COUPLED, "sca", {"source": "teacher"}, f"source {ONE_OF}'teacher'"),
    (COUPLED, "sca", {"temperature": 0}, r"temperature should be in \(0.0, inf\), got 0"),
]
WRONG_TYPE = [
    (DM, "class_logits", np.zeros((4, 3), int), "class_logits .*real floating, got .*int"),
    (DM, "attribute_logits", np.zeros((4, 2), int), "attribute_logits .*real floating, got .*int"),
    (DM, "relatedness", "du2014", r"relatedness should be a coupling\.Relatedness, got str"),
    (DM, "eps", "small", "eps should be a real number, got str"),
    (DM, "where", np.ones(4), "where .*bool, got .*float64"),
    (DM, "attribute_mask", np.ones(2), "attribute_mask should be bool.*, got .*float64"),
    (SCA, "class_logits", np.zeros((4, 3), int), "class_logits .*real floating, got .*int"),
    (CLASSES, "class_logits", np.zeros((4, 3), int), "class_logits .*real floating, got .*int"),
    (CLASSES, "class_labels", np.zeros(4), "class_labels .*integral, got .*float"),
    (ATTRIBUTES, "attribute_logits", np.zeros((4, 2), int), "attribute_logits .*real floating, got .*int"),
    (COUPLED, "class_labels", np.zeros(4), "class_labels .*integral, got .*float"),
    (COUPLED, "weights", [1, 1, 1, 1], "weights should be a mapping or None, got list"),
]
BAD = [(ValueError, *row) for row in WRONG_SHAPE + WRONG_BATCH + WRONG_VALUE] + [
    (TypeError, *row) for row in WRONG_TYPE
]
# One of each check; a batch size may be unknown while tracing, and is left out.
BAD_WHEN_TRACED = [
    (ValueError, *row)
    for row in (*WRONG_SHAPE[:2], *WRONG_SHAPE[4:6], WRONG_SHAPE[6], *WRONG_VALUE[:1], WRONG_VALUE[4])
] + [(TypeError, *row) for row in (*WRONG_TYPE[:1], WRONG_TYPE[8])]

READABLE = (numpy, strict, lazy_strict, torch_adapter, jax_adapter, tensorflow)


def bad(rows):
    ids = [f"{loss}-{name}-{place}" for place, (_, loss, name, _, _) in enumerate(rows)]
    return pytest.mark.parametrize(("error", "loss", "name", "value", "message"), rows, ids=ids)


def each(backends):
    return pytest.mark.parametrize("backend", backends, ids=repr)


def call(backend, loss, **changes):
    names, options = VALID[loss]
    batch = {name: ARRAYS[name] for name in names}
    moved = {"where", "sample_weight"} | batch.keys()
    options = options | {name: x for name, x in changes.items() if name not in moved}
    return backend.value(loss, options, batch | {name: x for name, x in changes.items() if name in moved})


@each(READABLE)
@bad(BAD)
def test_bad_input(backend, error, loss, name, value, message):
    with pytest.raises(error, match=message):
        call(backend, loss, **{name: value})


@each(TRACED)
@bad(BAD_WHEN_TRACED)
def test_bad_input_while_tracing(backend, error, loss, name, value, message):
    """PyTorch wraps the error of a function that it captures as a whole, and quotes it."""
    wrapped = (torch._dynamo.exc.Unsupported,) if "torch" in backend.name else ()
    with pytest.raises((error, *wrapped), match=message):
        call(backend, loss, **{name: value})


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
