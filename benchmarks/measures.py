"""Scores of predictions, and how far they vary when seeds and test images are drawn again."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, recall_score

from benchmarks.samples import Array, Samples

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


def metrics(truth: Samples, predictions: Mapping[str, Array]) -> dict[str, float]:
    """Score the predicted classes (N,) and attributes (N, A), of those of the two tasks that there are."""
    scores = {}
    if "classes" in predictions:
        scores |= class_metrics(truth.class_labels, predictions["classes"])
    if "attributes" in predictions:
        scores |= attribute_metrics(truth.attribute_labels, predictions["attributes"])
    return scores


def class_metrics(truth: Array, predicted: Array) -> dict[str, float]:
    """Score predicted classes (N,) where the truth is known, that is not negative."""
    there = truth >= 0
    truth, predicted = truth[there], predicted[there]
    there_are = np.unique(truth)
    scores = {
        "class_accuracy": accuracy_score(truth, predicted),
        "class_balanced_accuracy": recall_score(truth, predicted, average="macro", labels=there_are),
        "class_f1": f1_score(truth, predicted, average="macro", zero_division=0.0, labels=there_are),
    }
    return {name: float(score) for name, score in scores.items()}


def attribute_metrics(truth: Array, predicted: Array) -> dict[str, float]:
    """Score predicted attributes (N, A), each where the truth is known, that is not NaN.

    AFA is the paper's: the average of F1 and of the mean accuracy.
    """
    there = ~np.isnan(truth)
    if there.all():
        f1 = f1_score(truth, predicted, average="macro", zero_division=0.0)
        accuracy = accuracy_score(truth.ravel(), predicted.ravel())
    else:
        known = [column for column in range(truth.shape[1]) if there[:, column].any()]
        pairs = [(truth[there[:, own], own], predicted[there[:, own], own]) for own in known]
        f1 = np.mean([f1_score(own, made, zero_division=0.0) for own, made in pairs])
        accuracy = np.mean([accuracy_score(own, made) for own, made in pairs])
    scores = {"attribute_f1": f1, "attribute_accuracy": accuracy, "attribute_afa": (f1 + accuracy) / 2}
    return {name: float(score) for name, score in scores.items()}


def draw(seeds: int, images: int, *, count: int = RESAMPLES) -> Resamples:
    """Draw seeds and test images with replacement, both in each draw; the first is everything once."""
    rng = np.random.default_rng(0)

    def drawn(size: int) -> Array:
        return np.vstack([np.ones(size), rng.multinomial(size, np.full(size, 1 / size), count)])

    return Resamples(drawn(seeds), drawn(images))


def class_scores(truth: Array, predictions: Array, images: Array) -> Array:
    """Return the accuracies (draws, seeds) of predictions (seeds, N) on weighted images (draws, N).

    The truth is the same for all seeds, (N,), or each has its own, (seeds, N).
    """
    there = np.atleast_2d(truth >= 0)
    accuracy: Array = images @ ((predictions == truth) & there).T / (images @ there.T)
    return accuracy


def attribute_scores(truth: Array, predictions: Array, images: Array) -> Array:
    """Return the macro F1 (draws, seeds) of predictions (seeds, N, A) on weighted images (draws, N).

    The truth is the same for all seeds, (N, A), or each has its own, (seeds, N, A).
    """
    there = ~np.isnan(truth)
    truth, predictions = np.where(there, truth, 0), np.where(there, predictions, 0)

    def counts(values: Array) -> Array:
        summed: Array = np.tensordot(images, values, axes=(1, 1))
        return summed

    both, either = counts(predictions * truth), counts(predictions + truth)
    f1: Array = np.divide(2 * both, either, out=np.zeros_like(both), where=either > 0)
    known = there.any(-2)
    return np.where(known, f1, 0).sum(-1) / known.sum(-1)


SCORES = {"classes": class_scores, "attributes": attribute_scores}


def difference(mine: Array, other: Array, draws: Resamples) -> Difference:
    """Compare two settings by their scores on the same draws."""
    paired = ((mine - other) * draws.seeds).sum(1) / draws.seeds.sum(1)
    low, high = np.percentile(paired[1:], (2.5, 97.5))
    return Difference(float(paired[0]), float(low), float(high))


def confusion(truth: Array, predicted: Array, classes: int) -> Array:
    """Return how often a class (row) is taken for which (column), over all seeds' predictions (seeds, N)."""
    counts = np.zeros((classes, classes))
    truth = np.broadcast_to(truth, predicted.shape)
    there = truth >= 0
    np.add.at(counts, (truth[there], predicted[there]), 1)
    shares: Array = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return shares


def attributes_by_class(predicted: Array, attributes: Array, classes: int) -> Array:
    """Return how often each of the attributes (seeds, N, A) is predicted where a class (seeds, N) is."""
    chosen = predicted == np.arange(classes)[:, None, None]
    counts: Array = np.tensordot(chosen, attributes, axes=2) / np.maximum(chosen.sum((1, 2)), 1)[:, None]
    return counts
