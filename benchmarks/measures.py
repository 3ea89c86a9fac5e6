"""Scores of predictions, and how far they vary when seeds and test images are drawn again."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from benchmarks.digits import CONDITIONAL, Array

RESAMPLES = 2000


class Resamples(NamedTuple):
    """How often each draw holds each seed (draws, seeds) and each test image (draws, images)."""

    seeds: Array
    images: Array


class Difference(NamedTuple):
    """A difference of means with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def metrics(truth: Array, classes: Array | None, attributes: Array | None) -> dict[str, float]:
    """Score one run's predictions of the tasks that it was trained on; `truth` holds classes."""
    scores = {}
    if classes is not None:
        scores["class_accuracy"] = accuracy_score(truth, classes)
    if attributes is not None:
        segments = CONDITIONAL[truth]
        scores["attribute_f1"] = f1_score(segments, attributes, average="macro", zero_division=0.0)
        scores["attribute_accuracy"] = accuracy_score(segments.ravel(), attributes.ravel())
    return {name: float(score) for name, score in scores.items()}


def draw(seeds: int, images: int, *, count: int = RESAMPLES) -> Resamples:
    """Draw seeds and test images with replacement, both in each draw; the first is everything once."""
    rng = np.random.default_rng(0)

    def drawn(size: int) -> Array:
        return np.vstack([np.ones(size), rng.multinomial(size, np.full(size, 1 / size), count)])

    return Resamples(drawn(seeds), drawn(images))


def scores(task: str, truth: Array, predictions: Array, images: Array) -> Array:
    """Score each seed's predictions (seeds, images, ...) on weighted images (draws, images): (draws, seeds).

    The classes are scored by accuracy, the attributes by macro F1.
    """
    if task == "classes":
        accuracy: Array = images @ (predictions == truth).T / images.sum(1, keepdims=True)
        return accuracy
    segments: Array = CONDITIONAL[truth]

    def counts(values: Array) -> Array:
        summed: Array = np.tensordot(images, values, axes=(1, 1))
        return summed

    both, either = counts(predictions * segments), counts(predictions + segments)
    f1: Array = np.divide(2 * both, either, out=np.zeros_like(both), where=either > 0).mean(-1)
    return f1


def difference(mine: Array, other: Array, draws: Resamples) -> Difference:
    """Compare two settings by their `scores` on the same draws."""
    paired = ((mine - other) * draws.seeds).sum(1) / draws.seeds.sum(1)
    low, high = np.percentile(paired[1:], (2.5, 97.5))
    return Difference(float(paired[0]), float(low), float(high))
