"""Functions that the standard lacks, stable and with the mathematical derivative everywhere.

Absolute values, maxima with 0 and clips are built from `where`: the built-in ones have other derivatives
at ties in every library.
"""

from __future__ import annotations

from typing import NamedTuple

from coupling._namespace import Array, Namespace, compute_dtype

PROBABILITY_FLOOR = 1e-7
"""How near to 0 and 1 a probability is taken at its word where only probabilities are given."""


class Probability(NamedTuple):
    """A probability and its logarithm, each computed in its own stable way."""

    value: Array
    log: Array


def softplus(x: Array, xp: Namespace) -> Array:
    """log(1 + exp(x)), which is also -log sigmoid(-x)."""
    positive = x >= 0
    return xp.where(positive, x, 0.0) + xp.log1p(xp.exp(xp.where(positive, -x, x)))


def sigmoid(x: Array, xp: Namespace) -> Array:
    """1 / (1 + exp(-x))."""
    positive = x >= 0
    small = xp.exp(xp.where(positive, -x, x))
    return xp.where(positive, 1.0, small) / (1.0 + small)


def clip(x: Array, low: float, high: float, xp: Namespace) -> Array:
    """`x` kept in [low, high], with derivative 0 outside."""
    return xp.where(x < low, low, xp.where(x > high, high, x))


def peak(x: Array, *, axis: int, where: Array, xp: Namespace) -> Array:
    """The largest entry along `axis` of those where `where` holds, 0 where there is none (axis is kept)."""
    if x.shape[axis] == 0:
        return xp.sum(x, axis=axis, keepdims=True)
    top = xp.max(xp.where(where, x, -float("inf")), axis=axis, keepdims=True)
    return xp.where(xp.any(where, axis=axis, keepdims=True), top, 0.0)


def log_softmax(x: Array, *, axis: int = -1, where: Array | None = None, xp: Namespace) -> Array:
    """x - log Σ exp(x) along `axis` over the entries where `where` holds; elsewhere finite, to be masked."""
    if where is None:
        where = xp.ones_like(x, dtype=xp.bool)
    shifted = xp.where(where, x - peak(x, axis=axis, where=where, xp=xp), 0.0)
    total = xp.sum(xp.where(where, xp.exp(shifted), 0.0), axis=axis, keepdims=True)
    return shifted - xp.log(xp.where(total > 0, total, 1.0))


def logsumexp(x: Array, *, axis: int, where: Array, xp: Namespace) -> Array:
    """log Σ exp(x) along `axis` over the entries where `where` holds; 0 where there is none."""
    top = peak(x, axis=axis, where=where, xp=xp)
    total = xp.sum(xp.where(where, xp.exp(xp.where(where, x - top, 0.0)), 0.0), axis=axis, keepdims=True)
    return xp.sum(top + xp.log(xp.where(total > 0, total, 1.0)), axis=axis)


def bernoulli(logits: Array, xp: Namespace) -> tuple[Probability, Probability]:
    """The probabilities of 1 and of 0 under sigmoid(logits)."""
    return (
        Probability(sigmoid(logits, xp), -softplus(-logits, xp)),
        Probability(sigmoid(-logits, xp), -softplus(logits, xp)),
    )


def categorical(log_probability: Array, xp: Namespace) -> Probability:
    """A distribution from the logarithms of its probabilities."""
    return Probability(xp.exp(log_probability), log_probability)


def clipped(probability: Array, low: float, high: float, xp: Namespace) -> Probability:
    """A probability kept in [low, high], 0 < low, and its logarithm."""
    value = clip(probability, low, high, xp)
    return Probability(value, xp.log(value))


def logits_of_classes(probabilities: Array, xp: Namespace) -> Array:
    """log π, π kept in [1e-7, 1]: logits whose softmax is π."""
    pi = xp.astype(probabilities, compute_dtype((probabilities,), xp))
    return xp.log(clip(pi, PROBABILITY_FLOOR, 1.0, xp))


def logits_of_attributes(probabilities: Array, xp: Namespace) -> Array:
    """log p - log(1 - p), p kept in [1e-7, 1 - 1e-7]: logits whose sigmoid is p."""
    p = xp.astype(probabilities, compute_dtype((probabilities,), xp))
    p = clip(p, PROBABILITY_FLOOR, 1.0 - PROBABILITY_FLOOR, xp)
    return xp.log(p) - xp.log1p(-p)
