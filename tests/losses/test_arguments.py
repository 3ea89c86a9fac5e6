"""Every loss checks each of its arrays, and takes the namespace that it is given."""

from types import SimpleNamespace

import array_api_strict
import numpy as np
import pytest
from compare import assert_close

from coupling import Relatedness, losses

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
