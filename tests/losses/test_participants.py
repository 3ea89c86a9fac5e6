"""How many samples each term is a mean over: by so much its sum is larger than its mean."""

from functools import partial

import array_api_strict as xp
import numpy as np
import pytest
from compare import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import batches, relatednesses

from coupling import Relatedness, losses
from coupling.losses._participants import Evidence, participants

NAN = np.nan
SCA = [{}, {"soft_label": "posterior"}, {"source": "labels"}]
# Nothing known relates to the last attribute; only K, and not W, says that a class relates to the second.
TABLE = Relatedness(
    [[0.5, 0.25, 0.0], [0.25, 0.5, 0.0], [0.0, 0.0, 1.0]],
    [[1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
    known=[True, True, False],
)


def counted(labels, couplings, sample_weight=None):
    labels = {task: xp.asarray(x) for task, x in labels.items()}
    counts = participants(labels, couplings, sample_weight, xp=xp)
    assert all(count.dtype == xp.float32 for count in counts.values())
    return {term: float(count) for term, count in counts.items()}


@pytest.mark.parametrize("sca", SCA)
@settings(max_examples=50)
@given(data=st.data())
def test_the_sum_is_so_often_the_mean(sca, data):
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(2, 4), st.integers(1, 4)))
    batch, table = data.draw(batches(shape, everything=True)), data.draw(relatednesses(*shape[1:]))
    weight = batch["sample_weight"]
    labels = {"classes": batch["class_labels"], "attributes": batch["attribute_labels"]}
    found = counted(labels, {"": Evidence("attributes", table, sca)}, xp.asarray(weight))
    z, s = np.zeros(shape[:2]), np.zeros((shape[0], shape[2]))
    options = {key: value for key, value in sca.items() if key != "source"}
    terms = {
        "classes": partial(losses.class_cross_entropy, z, labels["classes"]),
        "attributes": partial(losses.attribute_binary_cross_entropy, s, labels["attributes"]),
        "soft_co_annotation": partial(losses.soft_co_annotation, z, labels["attributes"], table, **options),
    }
    for term, loss in terms.items():
        summed, mean = (loss(sample_weight=weight, reduction=x) for x in ("sum", "mean"))
        assert_close(np.asarray(found[term] * mean), summed, scale=1e4)
    assert found["distribution_matching"] == np.float32(weight.sum())


@pytest.mark.parametrize(
    ("sca", "expected"),
    [({}, 2), ({"soft_label": "posterior"}, 3), ({"source": "predictions"}, 5), ({"source": "both"}, 5)],
)
def test_samples_with_evidence(sca, expected):
    labels = {
        "classes": [0, -1, 2, -5, 1],
        "attributes": [[1.0, NAN, NAN], [NAN, 0.0, 999.0], [NAN, NAN, 1.0], [0.5, 1.0, -1.0], [NAN] * 3],
    }
    found = counted(labels, {"": Evidence("attributes", TABLE, sca)})
    assert found == {
        "classes": 3,
        "attributes": 4,
        "distribution_matching": 5,
        "soft_co_annotation": expected,
    }


@pytest.mark.parametrize(
    ("sca", "expected"), [({}, 1), ({"soft_label": "posterior"}, 2), ({"source": "both"}, 4)]
)
def test_categories(sca, expected):
    """Of a category that is not there nothing follows."""
    couplings = {"a/b/": Evidence("b", TABLE, sca)}
    found = counted({"a": [0, 1, -1, 0], "b": [0, 1, 2, -1]}, couplings)
    assert found == {"a": 3, "b": 3, "a/b/distribution_matching": 4, "a/b/soft_co_annotation": expected}


def test_weights_by_term():
    labels = {"classes": [0, -1, 1], "attributes": [[1.0, 1.0, 1.0]] * 3}
    couplings = {"": Evidence("attributes", TABLE, {})}
    one = xp.asarray([1, 2, 4])
    assert counted(labels, couplings, one) == {
        "classes": 5,
        "attributes": 7,
        "distribution_matching": 7,
        "soft_co_annotation": 7,
    }
    by_term = {"classes": one, "soft_co_annotation": xp.asarray([0.5, 0.0, 0.0])}
    assert counted(labels, couplings, by_term) == {
        "classes": 5,
        "attributes": 3,
        "distribution_matching": 3,
        "soft_co_annotation": 0.5,
    }
