"""Every loss checks each of its arrays, and takes the namespace that it is given."""

import importlib
from types import SimpleNamespace

import array_api_compat.numpy as compat_numpy
import array_api_strict
import numpy as np
import pytest
from compare import assert_close

from coupling import Attributes, Classes, CouplingGraph, Relatedness, directed, losses, task_weights
from coupling.losses._coupled_graph import _check_arrays

TABLE = Relatedness([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]])
Z, S, CLASSES, ATTRIBUTES = np.zeros((4, 3)), np.ones((4, 2)), np.asarray([0, 1, 2, -1]), np.eye(4, 2)
POSTERIOR = {"soft_label": "posterior"}
# The arrays in order with their letters, and other arguments.
LOSSES = {
    "distribution_matching": ({"class_logits": Z, "attribute_logits": S}, {"relatedness": TABLE}),
    "soft_co_annotation": ({"class_logits": Z, "attribute_labels": ATTRIBUTES}, {"relatedness": TABLE}),
    "categorical_distribution_matching": (
        {"class_logits": Z, "category_logits": S},
        {"relatedness": TABLE},
    ),
    "categorical_soft_co_annotation": (
        {"class_logits": Z, "category_labels": np.asarray([0, 1, -1, 1])},
        {"relatedness": TABLE},
    ),
    "class_cross_entropy": ({"class_logits": Z, "class_labels": CLASSES}, {}),
    "attribute_binary_cross_entropy": ({"attribute_logits": S, "attribute_labels": ATTRIBUTES}, {}),
}
VECTORS = {
    "class_weight": ("class_cross_entropy", 3, {}),
    "pos_weight": ("attribute_binary_cross_entropy", 2, {}),
    "attribute_mask": ("distribution_matching", 2, {}),
    "prior": ("soft_co_annotation", 3, POSTERIOR),
}
each = pytest.mark.parametrize("loss", LOSSES)


def call(loss, **changes):
    arrays, options = LOSSES[loss]
    return getattr(losses, loss)(**arrays | options | changes)


@each
@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("where", np.ones(3, bool), ValueError, r"where should have shape \(B,\) with B = 4, got \(3,\)"),
        ("where", np.ones((4, 1), bool), ValueError, r"where should have shape \(B,\) with B = 4, got"),
        ("where", np.ones(4), TypeError, "where should have a dtype that is bool, got float64"),
        ("sample_weight", np.ones(3), ValueError, r"sample_weight should have shape \(B,\) with B = 4, got"),
        ("sample_weight", np.ones(4, bool), TypeError, "sample_weight should have a dtype that is real"),
        ("sample_weight", np.ones(4, complex), TypeError, "sample_weight should have a dtype that is real"),
        ("reduction", "median", ValueError, "reduction should be one of 'mean', 'sum', 'none', got 'median'"),
    ],
)
def test_refused(loss, name, value, error, message):
    with pytest.raises(error, match=f"^{message}"):
        call(loss, **{name: value})


@each
def test_each_array_has_its_shape_and_dtype(loss):
    for name, array in LOSSES[loss][0].items():
        with pytest.raises(ValueError, match=f"^{name} should have shape"):
            call(loss, **{name: array[..., None]})
        with pytest.raises(TypeError, match=f"^{name} should have a dtype that is"):
            call(loss, **{name: array.astype(complex)})
        if array.ndim == 2:
            with pytest.raises(ValueError, match=f"^{name} should have shape .*, got \\(4, 0\\)"):
                call(loss, **{name: array[:, :0]})


@each
def test_batches_of_one_size(loss):
    (first, x), (second, y) = LOSSES[loss][0].items()
    with pytest.raises(ValueError, match=f"^{second} should have shape .* B = 4.*, got \\(3"):
        call(loss, **{second: y[:3]})
    call(loss, **{first: x[:3], second: y[:3]})


@each
def test_the_namespace_that_is_given(loss):
    with pytest.raises(TypeError, match="should be an array of Own, got numpy"):
        call(loss, xp=SimpleNamespace(library="Own", is_array=lambda x: False))


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_of_another_library(name):
    loss, size, options = VECTORS[name]
    vector = np.ones(size, bool if name == "attribute_mask" else float)
    assert call(loss, **options, **{name: vector}) == call(loss, **options, **{name: vector.tolist()})
    with pytest.raises(TypeError, match=f"^{name} should be of the same library as"):
        call(loss, **options, **{name: array_api_strict.asarray(vector)})


@each
def test_where_and_weights(loss):
    """A sample that is left out, one of weight 0 and none are the same; one of weight 2 is two."""
    arrays, options = LOSSES[loss]
    rng = np.random.default_rng(0)
    arrays = {name: x + rng.normal(size=x.shape) if "logits" in name else x for name, x in arrays.items()}
    twice = {name: np.concatenate([x[:2], x[1:2]]) for name, x in arrays.items()}
    for reduction in ("mean", "sum"):
        expected = getattr(losses, loss)(**twice, **options, reduction=reduction)
        weights = (
            {"sample_weight": np.asarray([1, 2, 0, 0])},
            {
                "sample_weight": np.asarray([1.0, 2.0, 5.0, 5.0]),
                "where": np.asarray([True, True, False, False]),
            },
        )
        for weighted in weights:
            got = getattr(losses, loss)(**arrays, **options, **weighted, reduction=reduction)
            assert_close(np.asarray(got), expected)


def unknown(*shape):
    """An array whose values, and some of whose sizes, are not known while tracing."""
    return SimpleNamespace(shape=shape, dtype=None)


TRACING = SimpleNamespace(is_array=lambda x: True, isdtype=lambda dtype, kind: True, read=lambda x: None)


def test_the_number_of_classes_has_to_be_known():
    with pytest.raises(
        ValueError, match=r"^class_logits should have a known number of classes, got \(2, None"
    ):
        losses.class_cross_entropy(unknown(2, None), unknown(2), xp=TRACING)


def test_a_graph_of_batches_whose_size_is_not_known():
    graph = CouplingGraph({"a": Classes(["x", "y"]), "b": Attributes(["z"])}, [])
    logits = {"a": unknown(None, 2), "b": unknown(None, 1)}
    assert _check_arrays(logits, {"a": unknown(None), "b": unknown(None, 1)}, graph, TRACING) is TRACING
    with pytest.raises(
        ValueError, match=r"^labels\['b'\] should have shape \(B, A\) with B = 3, A = 1, got \(2"
    ):
        _check_arrays(logits | {"b": unknown(3, 1)}, {"a": unknown(None), "b": unknown(2, 1)}, graph, TRACING)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (POSTERIOR | {"empty_row": "complement"}, "empty_row is not taken with soft_label='posterior'"),
        (POSTERIOR | {"temperature": 2.0}, "temperature is not taken with soft_label='posterior', got 2.0"),
        ({"prior": [0.25, 0.5, 0.25]}, "prior is not taken with soft_label='indicator'"),
    ],
)
def test_options_of_the_other_soft_label(options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call("soft_co_annotation", **options)


def test_a_weight_may_be_an_array():
    weighted = [
        losses.coupled(Z, S, CLASSES, ATTRIBUTES, TABLE, weights={"classes": weight}).total
        for weight in (0.5, np.asarray(0.5))
    ]
    assert_close(*weighted)


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ((0, 0), ValueError, "class_labelled + attribute_labelled should be above 0, got 0"),
        ((-1, 2), ValueError, "class_labelled should be at least 0, got -1"),
        ((2, 1.0), TypeError, "attribute_labelled should be an integer, got float"),
    ],
)
@pytest.mark.parametrize("weigh", [directed, task_weights])
def test_counts_of_labels(weigh, counts, error, message):
    with pytest.raises(error) as caught:
        weigh(*counts)
    assert str(caught.value) == message


@pytest.mark.parametrize(("counts", "share"), [((1, 0), 0), ((0, 1), 1), ((5, 5), 0.5), ((1, 3), 0.75)])
def test_shares_of_labels(counts, share):
    weights = directed(*counts)["weights"]
    assert weights == {"distribution_matching": 0.3 * (1 - share), "soft_co_annotation": 0.3 * share}
    assert task_weights(*counts) == {"classes": 2 * (1 - share), "attributes": 2 * share}


def test_class_weights_by_hand():
    """The mean divides by the weights of the labels."""
    z, labels = np.log([[1.0, 1.0], [1.0, 3.0], [5.0, 1.0]]), np.asarray([0, 1, -1])
    one, other = np.log(2.0), 3.0 * np.log(4 / 3)
    assert_close(losses.class_cross_entropy(z, labels), (one + other / 3.0) / 2.0)
    assert_close(losses.class_cross_entropy(z, labels, class_weight=[1.0, 3.0]), (one + other) / 4.0)


def test_attributes_by_hand():
    """A sample's mean over its labels, then the mean over the samples that have any."""
    s, labels = np.log([[3.0, 1.0], [1.0, 1.0], [1.0, 3.0]]), [[1.0, np.nan], [np.nan, -1.0], [0.0, 0.0]]
    values = [np.log(4 / 3), 0.0, (np.log(2.0) + np.log(4.0)) / 2.0]
    call = losses.attribute_binary_cross_entropy
    assert_close(call(s, np.asarray(labels), reduction="none"), np.asarray(values))
    assert_close(call(s, np.asarray(labels)), sum(values) / 2.0)
    assert_close(call(s, np.asarray(labels), pos_weight=[2.0, 1.0]), (2.0 * values[0] + values[2]) / 2.0)


@each
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_nothing_widens_the_result(loss, dtype):
    """Not the weights, nor the options, in float64."""
    arrays, _ = LOSSES[loss]
    logits = {name: x.astype(dtype) for name, x in arrays.items() if "logits" in name}
    vectors = [{}] + [
        more | {name: np.ones(size, bool if name == "attribute_mask" else float)}
        for name, (of, size, more) in VECTORS.items()
        if of == loss
    ]
    for vector in vectors:
        for reduction in ("mean", "sum", "none"):
            value = call(loss, **logits, **vector, sample_weight=np.ones(4), reduction=reduction)
            assert value.dtype == "float32"


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_are_checked_by_the_namespace_that_is_given(name):
    loss, size, options = VECTORS[name]
    vector = array_api_strict.ones(size, dtype=array_api_strict.bool if name == "attribute_mask" else None)
    with pytest.raises(TypeError, match=f"^{name} should be an array of Own, got array_api_strict"):
        call(loss, **options, **{name: vector}, xp=namespace())


COUPLINGS = [loss for loss in LOSSES if "relatedness" in LOSSES[loss][1]]
each_coupling = pytest.mark.parametrize("loss", COUPLINGS)


def namespace(**hooks):
    """NumPy's own, as an adapter would bring it."""
    hooks = {"read": np.asarray, "stop_gradient": np.asarray} | hooks
    is_array = {"library": "Own", "is_array": lambda x: isinstance(x, np.ndarray)}
    return SimpleNamespace(**vars(compat_numpy), **is_array, **hooks)


@each_coupling
def test_options_are_checked_before_any_array(loss):
    kind = "matching" if "matching" in loss else "soft_label"
    bad = {"divergence": "l2", kind: "x", "detach": "both", "reduction": "median", "relatedness": "K"}
    bad |= {"eps": 0.5} if kind == "matching" else {"temperature": 0.0}
    nothing = dict.fromkeys(LOSSES[loss][0])
    for name, value in bad.items():
        with pytest.raises((TypeError, ValueError), match=f"^{name} should be"):
            call(loss, **nothing, **{name: value})


@each_coupling
def test_the_defaults_pass_their_own_check(loss):
    module = importlib.import_module(f"coupling.losses._{loss}")
    check = getattr(module, f"check_{loss}")
    check(TABLE)
    if "annotation" in loss:
        check(TABLE, **POSTERIOR)
        with pytest.raises(ValueError, match=r"^prior\[1\] should be in"):
            check(TABLE, **POSTERIOR, prior=[0.5, 0.0, 0.5])


@each_coupling
def test_the_sizes_are_those_of_the_relatedness(loss):
    sizes = {"class": "C = 3", "attribute": "A = 2", "category": "D = 2"}
    for name, array in LOSSES[loss][0].items():
        if array.ndim == 2:
            wider = np.concatenate([array, array[:, :1]], axis=1)
            with pytest.raises(ValueError, match=f"^{name} should have shape .*{sizes[name.split('_')[0]]}"):
                call(loss, **{name: wider})


@each_coupling
def test_the_head_that_is_held(loss):
    for head, array in zip(("classes", "attributes"), LOSSES[loss][0].values(), strict=True):
        held = []
        head = head if head == "classes" or "categorical" not in loss else "categories"
        call(loss, detach=head, xp=namespace(stop_gradient=lambda x, held=held: held.append(x) or x))
        assert [x is array for x in held] == [True]


@pytest.mark.parametrize("loss", [loss for loss in COUPLINGS if "categorical" in loss])
def test_rows_are_distributions_where_values_can_be_read(loss):
    table = {"relatedness": Relatedness([[0.5, 0.25]] * 3)}
    with pytest.raises(ValueError, match=r"^relatedness should have rows of conditional that sum to 1"):
        call(loss, **table)
    unread = namespace(read=lambda x: None if isinstance(x, np.ndarray) else np.zeros(1))
    assert np.isfinite(call(loss, **table, xp=unread))
