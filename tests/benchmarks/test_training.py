from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import digits
from benchmarks.augmentations import mixaugment
from benchmarks.samples import Batches, Size
from benchmarks.settings import BASELINE, PRESET, SINGLE_TASK, settings
from benchmarks.suites import DIGITS, Schedule
from benchmarks.training import CHUNK, FRAMEWORKS, Job, Predictions, predicted, pseudo_labelled, smoothing
from coupling.losses import class_cross_entropy


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


SIZE = Size(20, 20)
SMOOTH = Schedule(steps=4, batch=16, label_smoothing=0.3)
LOGITS, LABELS = np.array([[2.0, -1.0, 0.5], [0.0, 1.0, 0.0]]), np.array([0, -1])


def test_smoothing_makes_the_class_loss_the_smoothed_one():
    setting = replace(settings(SIZE)[BASELINE], options={"weights": {"classes": 0.5}})
    added = smoothing(SMOOTH, setting, class_cross_entropy)(LOGITS, LABELS)
    plain, smoothed = (class_cross_entropy(LOGITS, LABELS, label_smoothing=own) for own in (0.0, 0.3))
    assert 0.5 * plain + added == pytest.approx(0.5 * smoothed)


@pytest.mark.parametrize(
    ("schedule", "name"),
    [(replace(SMOOTH, label_smoothing=0.0), BASELINE), (SMOOTH, SINGLE_TASK["attributes"])],
)
def test_nothing_is_added_where_there_is_nothing_to_smooth(schedule, name):
    assert smoothing(schedule, settings(SIZE)[name], class_cross_entropy) is None


@pytest.mark.parametrize(("mix", "name"), [(None, BASELINE), (mixaugment, PRESET)])
def test_frameworks_smooth_and_mix_alike(mix, name):
    batches = Batches(
        DIGITS.training_set(SIZE, seed=0), size=SMOOTH.batch, steps=SMOOTH.steps, seed=0, mix=mix
    )
    images = DIGITS.test_set().images[:5]

    def train(framework, schedule, batches=batches):
        suite = replace(DIGITS, schedule=schedule)
        job = Job(settings(SIZE)[name], suite, 0, batches, images, parity=True)
        return import_module(f"benchmarks.{framework}").train(job)

    made = [train(framework, SMOOTH) for framework in FRAMEWORKS]
    for own in made[1:]:
        np.testing.assert_allclose(own.predictions.class_logits, made[0].predictions.class_logits, atol=1e-4)
        np.testing.assert_allclose(own.terms[:, 0], made[0].terms[:, 0], rtol=1e-5)
        np.testing.assert_allclose(
            own.heads[1] - own.heads[0], made[0].heads[1] - made[0].heads[0], atol=1e-6
        )
    others = [train("torch", replace(SMOOTH, label_smoothing=0.0))]
    if mix is not None:
        alike = [batch._replace(weights=None) for batch in batches]
        others.append(train("torch", SMOOTH, Fixed(alike)))
    for own in others:
        assert np.abs(own.predictions.class_logits - made[0].predictions.class_logits).max() > 1e-3


class Fixed:
    """Batches that are there."""

    dtype = np.dtype(np.float32)

    def __init__(self, batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def after(self, step):
        return iter(self.batches[step:])
