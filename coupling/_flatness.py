"""How flat the soft labels of equation 5 are, whatever the attribute labels."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from coupling._fields import Matrix

Vector = npt.NDArray[np.float64]


def normalised(weights: Matrix) -> Matrix:
    """Return rows that sum to 1, or to 0: what equation 4 sees of the weights where every label is there."""
    total = weights.sum(axis=1, keepdims=True)
    return weights / np.where(total > 0, total, 1.0)


def soft_labels(weights: Matrix, temperature: float) -> Vector:
    """Return q of each class where the attributes that it relates to are on and all others off."""
    row_shares, own = normalised(weights).T, (weights > 0).astype(np.float64)
    q = np.empty(len(weights))
    block = weights.shape[1]  # rows at a time: never classes by classes in memory
    for start in range(0, len(weights), block):
        score = own[start : start + block] @ row_shares
        q[start : start + block] = _largest(score, own[start : start + block].max(axis=1), temperature)
    return q


def few_labels(weights: Matrix, temperature: float) -> float:
    """Return the largest q where one attribute is labelled on, and at most one more is labelled, off."""
    if not len(weights):
        return 0.0
    q = limit(_fewest(weights), len(weights), temperature)
    for off in weights.T:
        total = weights + off[:, None]
        score = weights / np.where(total > 0, total, 1.0)
        q = max(q, float(_largest(score.T, score.max(axis=0), temperature).max()))
    return q


def _fewest(weights: Matrix) -> int:
    """Return how many classes relate to the attribute that the fewest do; all where none relates to any."""
    related = (weights > 0).sum(axis=0)
    return int(related[related > 0].min(initial=len(weights)))


def _largest(score: Matrix, top: Vector, temperature: float) -> Vector:
    """Return the largest q of each row of scores, of which the largest score is `top`."""
    score -= top[:, None]
    with np.errstate(over="ignore"):
        score /= temperature
    np.minimum(score, 0.0, out=score)
    q: Vector = 1 / np.exp(score, out=score).sum(axis=1)
    return q


def limit(ones: int, classes: int, temperature: float) -> float:
    """Return q of a class with I = 1, as have `ones` of the `classes`, the others I = 0."""
    return 1 / (ones + (classes - ones) * math.exp(-1 / temperature)) if classes else 0.0
