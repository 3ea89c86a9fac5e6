"""Dask arrays, in chunks of samples: nothing is computed before the values are asked for."""

import dask
import dask.array as da
import numpy as np
import oracle
import pytest
from autodiff import evaluate
from compare import assert_close

from coupling import Relatedness, losses

TABLE = Relatedness([[1.0, 0.25, 0.0], [0.0, 0.0, 0.0], [0.5, 0.75, 0.0]], known=[True, True, False])
FORMS = {
    "dm": ("distribution_matching", {}),
    "dm-js": ("distribution_matching", {"divergence": "js", "reduction": "none"}),
    "dm-class_mean": ("distribution_matching", {"matching": "class_mean"}),
    "sca": ("soft_co_annotation", {"empty_row": "complement"}),
    "sca-posterior": ("soft_co_annotation", {"soft_label": "posterior", "divergence": "js"}),
    "classes": ("class_cross_entropy", {"reduction": "none"}),
    "attributes": ("attribute_binary_cross_entropy", {"reduction": "sum"}),
    "coupled": ("coupled", {"sca": {"source": "both"}}),
}
INPUTS = {
    "distribution_matching": ("class_logits", "attribute_logits", "where"),
    "soft_co_annotation": ("class_logits", "attribute_labels", "where"),
    "class_cross_entropy": ("class_logits", "class_labels", "where"),
    "attribute_binary_cross_entropy": ("attribute_logits", "attribute_labels", "where"),
    "coupled": ("class_logits", "attribute_logits", "class_labels", "attribute_labels", "sample_weight"),
}


def batch(loss):
    rng = np.random.default_rng(0)
    arrays = {
        "class_logits": rng.normal(size=(5, 3)),
        "attribute_logits": rng.normal(size=(5, 3)) * 10,
        "class_labels": np.asarray([0, -1, 2, 1, -5]),
        "attribute_labels": rng.choice([0.0, 1.0, 0.25, np.nan, -1.0], size=(5, 3)),
        "where": np.asarray([True, True, False, True, True]),
        "sample_weight": np.asarray([1.0, 0.5, 0.0, 2.0, 1.0]),
    }
    return {name: arrays[name] for name in INPUTS[loss]}


def refuse(*_, **__):
    raise AssertionError("something was computed")


@pytest.mark.parametrize(("loss", "options"), FORMS.values(), ids=FORMS)
def test_lazy(loss, options):
    arrays = batch(loss)
    if "relatedness" in getattr(oracle, loss).__annotations__:
        options = options | {"relatedness": TABLE}
    chunked = {name: da.from_array(x, chunks=(2, *x.shape[1:])) for name, x in arrays.items()}
    with dask.config.set(scheduler=refuse):
        result = getattr(losses, loss)(**chunked, **options)
    terms = result if isinstance(result, tuple) else [result]
    assert all(isinstance(term, da.Array) for term in terms)
    values = np.asarray([term.compute(scheduler="synchronous") for term in terms])
    assert_close(values.squeeze(), evaluate(getattr(oracle, loss), arrays, options).value)


def test_labels_cannot_be_read():
    """A label of C or more is NaN, as nothing may be computed to find it."""
    labels = da.from_array(np.asarray([3, 0]), chunks=1)
    with dask.config.set(scheduler=refuse):
        values = losses.class_cross_entropy(da.zeros((2, 3), chunks=1), labels, reduction="none")
    assert np.isnan(values.compute(scheduler="synchronous")).tolist() == [True, False]
