"""What must hold of every loss in every form, whatever the numbers."""

from functools import partial

import numpy as np
import pytest
from agreement import FLOATS, assert_agree, by_shape
from compare import assert_close, assert_outcome
from differentiate import target
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import MISSING, batches, only, relatednesses, shapes

from backends import (
    jax_adapter,
    jax_core,
    numpy,
    tensorflow,
    tf,
    torch,
    torch_adapter,
    torch_core,
)
from coupling import Relatedness

HEADS = ("class_logits", "attribute_logits")
WEIGHTED = ("where", "sample_weight")
INPUTS = {
    "distribution_matching": (*HEADS, *WEIGHTED),
    "soft_co_annotation": ("class_logits", "attribute_labels", *WEIGHTED),
    "class_cross_entropy": ("class_logits", "class_labels", *WEIGHTED),
    "attribute_binary_cross_entropy": ("attribute_logits", "attribute_labels", *WEIGHTED),
    "coupled": (*HEADS, "class_labels", "attribute_labels", "sample_weight"),
}
RELATED = ("distribution_matching", "soft_co_annotation", "coupled")
FORMS = {
    "dm": ("distribution_matching", {}),
    "dm-binary": ("distribution_matching", {"divergence": "binary_cross_entropy"}),
    "dm-kl": ("distribution_matching", {"divergence": "kl"}),
    "dm-js": ("distribution_matching", {"divergence": "js"}),
    "dm-class_mean": ("distribution_matching", {"matching": "class_mean"}),
    "sca": ("soft_co_annotation", {}),
    "sca-complement": ("soft_co_annotation", {"divergence": "distillation", "empty_row": "complement"}),
    "sca-posterior": ("soft_co_annotation", {"divergence": "js", "soft_label": "posterior"}),
    "classes": ("class_cross_entropy", {"label_smoothing": 0.25}),
    "attributes": ("attribute_binary_cross_entropy", {}),
    "coupled": ("coupled", {"sca": {"source": "both"}}),
}
REDUCED = {name: form for name, form in FORMS.items() if name != "coupled"}
LABELLED = {name: form for name, form in FORMS.items() if "attribute_labels" in INPUTS[form[0]]}


def each(forms):
    return pytest.mark.parametrize(("loss", "options"), forms.values(), ids=forms)


def call(backend, loss, options, table, batch):
    options = options | ({"relatedness": table} if loss in RELATED else {})
    return backend.prepare(loss, options)(only(batch, *INPUTS[loss]))


@st.composite
def examples(draw):
    shape = draw(shapes)
    return draw(batches(shape, everything=True)), draw(relatednesses(*shape[1:]))


def reordered(batch, table, samples, classes, attributes):
    moved = {name: x[samples] for name, x in batch.items()}
    moved["class_logits"] = moved["class_logits"][:, classes]
    moved["class_labels"] = np.append(np.argsort(classes), -1)[np.maximum(moved["class_labels"], -1)]
    for name in ("attribute_logits", "attribute_labels"):
        moved[name] = moved[name][:, attributes]
    places = np.ix_(classes, attributes)
    return moved, Relatedness(table.conditional[places], table.weights[places], known=table.known[classes])


@each(FORMS)
@settings(max_examples=20)
@given(data=st.data())
def test_order_of_samples_classes_and_attributes(loss, options, data):
    batch, table = data.draw(examples())
    sizes = (*batch["class_logits"].shape, batch["attribute_logits"].shape[1])
    orders = [np.asarray(data.draw(st.permutations(range(size))), np.int64) for size in sizes]
    original = call(numpy, loss, options, table, batch)
    moved, moved_table = reordered(batch, table, *orders)
    assert_close(call(numpy, loss, options, moved_table, moved).value, original.value)


@each(REDUCED)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@settings(max_examples=15)
@given(data=st.data())
def test_samples_that_take_no_part(loss, options, reduction, data):
    batch, table = data.draw(examples())
    shape = (2, *table.conditional.shape)
    absent = data.draw(batches(shape, everything=True)) | {"where": np.zeros(2, bool)}
    more = {name: np.concatenate([x, absent[name]]) for name, x in batch.items()}
    run = partial(call, numpy, loss, options | {"reduction": reduction}, table)
    assert_close(run(more).value, run(batch).value)


@each({name: form for name, form in REDUCED.items() if name != "dm-class_mean"})
@settings(max_examples=15)
@given(data=st.data())
def test_reductions(loss, options, data):
    """The sum is that of the samples, and weights of one size make the mean a mean of the samples."""
    batch, table = data.draw(examples())
    value = {
        reduction: call(numpy, loss, options | {"reduction": reduction}, table, batch).value
        for reduction in ("none", "sum", "mean")
    }
    assert_close(value["sum"], value["none"].sum())
    assert np.all(value["none"][~batch["where"]] == 0)
    doubled = batch | {"sample_weight": 2 * batch["sample_weight"]}
    run = partial(call, numpy, loss, table=table, batch=doubled)
    assert_close(run(options=options | {"reduction": "none"}).value, 2 * value["none"])
    assert_close(run(options=options | {"reduction": "sum"}).value, 2 * value["sum"])
    assert_close(run(options=options | {"reduction": "mean"}).value, value["mean"])


@each(LABELLED)
@pytest.mark.parametrize("backend", [torch_adapter, jax_adapter, tensorflow], ids=repr)
def test_missing_labels_are_all_the_same(backend, loss, options):
    rng = np.random.default_rng(0)
    table = Relatedness(rng.random((4, 5)))
    labels = [[1.0, np.nan, 0.25, 0.0, np.nan], [np.nan] * 5, [np.nan, 1.0, 1.0, np.nan, 0.0]]
    batch = {
        "class_logits": rng.normal(size=(3, 4)),
        "attribute_logits": rng.normal(size=(3, 5)),
        "class_labels": np.asarray([2, 0, -1]),
        "attribute_labels": np.asarray(labels),
        "where": np.ones(3, bool),
        "sample_weight": np.ones(3),
    }
    expected = call(backend, loss, options, table, batch)
    for sentinel in (*MISSING, np.nextafter(1.0, 2.0), -np.finfo(float).tiny):
        labels = np.nan_to_num(batch["attribute_labels"], nan=sentinel)
        got = call(backend, loss, options, table, batch | {"attribute_labels": labels})
        assert_outcome(got, expected, np.float64)


BIG = {
    "class_logits": [[1e4, -1e4, 0, 0], [1e4, 1e4, 1e4, -1e4], [-1e4, -1e4, -1e4, 1e4]],
    "attribute_logits": [[1e4, -1e4, 0, 1e4, -1e4], [-1e4, 1e4, 1e4, 0, 1e4], [1e4, 1e4, -1e4, -1e4, 0]],
    "attribute_labels": [[0, 1, 1, 0.5, np.nan], [0, 1, 0, 1, 0.25], [np.nan, np.nan, np.nan, 1, 0]],
}
BINARY = [[1, 0, 1, 0, 1], [0, 0, 0, 0, 1], [1, 1, 0, 0, 1], [0, 1, 1, 0, 1]]


@each(FORMS)
@FLOATS
def test_finite_at_large_logits(dtype, loss, options):
    """Certainty, right and wrong, in every head, with zeros and ones in K; the oracle says what is right."""
    batch = {name: np.asarray(x, np.float64) for name, x in BIG.items()}
    batch = only(batch | {"class_labels": np.asarray([1, 0, -1])}, *INPUTS[loss])
    for known in ([True] * 4, [True, True, True, False]):
        related = {"relatedness": Relatedness(BINARY, known=known)} if loss in RELATED else {}
        assert_agree([numpy, torch_adapter, *by_shape], loss, batch, options | related, dtype)


NOBODY = {
    "absent": {"where": np.zeros(3, bool)},
    "weightless": {"sample_weight": np.zeros(3)},
    "unlabelled": {"class_labels": np.full(3, -1), "attribute_labels": np.full((3, 5), np.nan)},
}


@each(FORMS | {"coupled": ("coupled", {})})
@pytest.mark.parametrize("backend", [torch_core, jax_core], ids=repr)
def test_core_without_an_adapter(backend, loss, options):
    """The namespace is found; JAX stays in float32 where float64 is switched on."""
    batch = {name: np.asarray(x, np.float32) for name, x in BIG.items()}
    batch = only(batch | {"class_labels": np.asarray([1, 0, -1])}, *INPUTS[loss])
    related = {"relatedness": Relatedness(BINARY)} if loss in RELATED else {}
    assert_agree([backend], loss, batch, options | related, np.float32)


def nobody():
    """Forms, and what takes every sample out of them."""
    for name, (loss, options) in FORMS.items():
        for how, absent in NOBODY.items():
            if absent.keys() & set(INPUTS[loss]) and not (how == "unlabelled" and loss == "coupled"):
                yield pytest.param(loss, options, absent, True, id=f"{name}-{how}")
        if loss in RELATED and loss != "coupled":
            yield pytest.param(loss, options, {}, False, id=f"{name}-unknown")


def torch_gradients(function, arrays):
    tensors = {name: torch.asarray(x) for name, x in arrays.items()}
    logits = [x.requires_grad_() for name, x in tensors.items() if name in HEADS]
    value = target(function(**tensors))
    value.backward()
    return [value.detach(), *(x.grad for x in logits)]


def tensorflow_gradients(function, arrays):
    tensors = {name: tf.constant(x) for name, x in arrays.items()}
    logits = [x for name, x in tensors.items() if name in HEADS]
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = target(function(**tensors, from_logits=True))
    return [value, *tape.gradient(value, logits)]


@pytest.mark.parametrize(("loss", "options", "absent", "known"), list(nobody()))
@pytest.mark.parametrize(
    ("gradients", "backend"),
    [(torch_gradients, torch_adapter), (tensorflow_gradients, tensorflow)],
    ids=["torch", "tensorflow"],
)
def test_nobody_takes_part(gradients, backend, loss, options, absent, known):
    """A zero that is still a function of the logits, with zero gradients, whatever these are."""
    batch = {name: np.asarray(x, np.float64) for name, x in BIG.items()}
    batch |= {"class_labels": np.zeros(3, np.int64)} | absent
    if loss in RELATED:
        options = options | {"relatedness": Relatedness(BINARY, known=np.full(4, known))}
    function = partial(getattr(backend.module, loss), **options)
    broken = {name: np.full_like(batch[name], np.nan) for name in HEADS if known}
    for tried, samples in ((batch, 3), (batch | broken, 3), (batch, 0)):
        arrays = {name: x[:samples] for name, x in only(tried, *INPUTS[loss]).items()}
        for x in gradients(function, arrays):
            assert_close(np.asarray(x), np.zeros(x.shape))


@pytest.mark.nan
@each(FORMS)
@pytest.mark.parametrize("backend", [numpy, torch_adapter, tensorflow], ids=repr)
def test_a_logit_that_is_nan_shows(backend, loss, options):
    """Unless its sample takes no part."""
    batch = {
        "class_logits": np.zeros((2, 3)),
        "attribute_logits": np.zeros((2, 2)),
        "class_labels": np.asarray([0, 1]),
        "attribute_labels": np.asarray([[1.0, 0.0], [0.5, 1.0]]),
    }
    table = Relatedness([[1, 0.5], [0.25, 0], [0, 1]])
    logits = next(name for name in INPUTS[loss] if name in HEADS)
    broken = batch | {logits: np.where([[True], [False]], np.nan, batch[logits])}
    assert np.isnan(np.atleast_1d(call(backend, loss, options, table, broken).value)[0])
    if loss != "coupled":
        left_out = {"where": np.asarray([False, True])}
        expected = call(backend, loss, options, table, batch | left_out)
        assert_outcome(call(backend, loss, options, table, broken | left_out), expected, np.float64)


@each(FORMS)
@pytest.mark.parametrize("size", [1e38, 3.4e38])
@pytest.mark.parametrize("backend", [torch_adapter, tensorflow], ids=repr)
def test_finite_up_to_the_largest_logits(backend, size, loss, options):
    extreme = np.asarray([[size, -size, 0.0], [-size, size, size]], np.float32)
    batch = {
        "class_logits": extreme,
        "attribute_logits": extreme[:, :2],
        "class_labels": np.asarray([1, 0]),
        "attribute_labels": np.asarray([[0.0, 1.0], [1.0, 0.5]], np.float32),
    }
    table = Relatedness([[1, 0.5], [0.25, 0], [0, 1]], known=[True, True, False])
    outcome = call(backend, loss, options, table, batch)
    assert np.isfinite(outcome.value).all()
    for name, slope in outcome.gradients.items():
        assert np.isfinite(slope).all(), name


def test_one_sample_that_is_certain_of_a_class_about_which_nothing_is_known():
    """A mean does not depend on how little is left for the other classes."""
    table = Relatedness([[0.5]] * 3, known=[True, True, False])
    for certainty in (1.0, 100.0, 1000.0):
        batch = {"class_logits": np.asarray([[0, 0, certainty]]), "attribute_logits": np.zeros((1, 1))}
        assert_close(call(numpy, "distribution_matching", {}, table, batch).value, np.log(2) / 2)
