from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import digits
from benchmarks.samples import Size
from benchmarks.training import CHUNK, Predictions, predicted, pseudo_labelled


def test_pseudo_labels_fill_in_only_what_is_missing():
    samples = digits.training_set(Size(2, 3), seed=0)
    class_logits = np.eye(10)[[3, 3, 4, 5, 6]]
    teacher = Predictions(class_logits, np.full((5, 7), np.log(3)))
    filled = pseudo_labelled(samples, {"classes": teacher, "attributes": teacher})
    np.testing.assert_array_equal(filled.class_labels, [*samples.class_labels[:2], 4, 5, 6])
    np.testing.assert_allclose(filled.attribute_labels[:2], 0.75)
    np.testing.assert_array_equal(filled.attribute_labels[2:], samples.attribute_labels[2:])


@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_predictions_come_in_chunks_of_one_shape(count):
    images = np.random.default_rng(0).normal(size=(count, 5))
    shapes = set()

    def call(chunk):
        shapes.add(chunk.shape)
        return chunk[:, :2], -chunk

    job = SimpleNamespace(batches=SimpleNamespace(dtype=np.float64))
    made = predicted(call, images, job)
    np.testing.assert_array_equal(made.class_logits, images[:, :2])
    np.testing.assert_array_equal(made.attribute_logits, -images)
    assert shapes == {(CHUNK, 5)}
