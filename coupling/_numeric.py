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


class Sum(NamedTuple):
    """A number as the sum of two, so that a difference of two large ones keeps what rounding took."""

    large: Array
    small: Array


def add(x: Array, y: Array) -> Sum:
    """x + y exactly (Knuth's sum of two floating-point numbers)."""
    large = x + y
    of_y = large - x
    return Sum(large, (x - (large - of_y)) + (y - of_y))


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
    lowest = -float(xp.finfo(x.dtype).max)  # -inf would stop those who look for infinities in an operation
    top = xp.max(xp.where(where, x, lowest), axis=axis, keepdims=True)
    top = xp.where(xp.any(where, axis=axis, keepdims=True), top, 0.0)
    return xp.where(top == lowest, -float("inf"), top)


def total_of_powers(power: Array, *, axis: int, xp: Namespace) -> Array:
    """Σ power along `axis`, which is kept, of numbers in [0, 1]; 1 where they are all 0.

    Many equal small numbers added to 1 one by one would all be rounded the same way, so what is near 1 is
    counted and only the differences are added up.
    """
    near = power > 0.5
    differences = xp.sum(xp.where(near, power - 1.0, power), axis=axis, keepdims=True)
    total = xp.sum(xp.where(near, xp.ones_like(power), 0.0), axis=axis, keepdims=True) + differences
    return xp.where(total > 0, total, 1.0)


def softmax(
    x: Array, rest: Array | None = None, *, axis: int = -1, where: Array | None = None, xp: Namespace
) -> Probability:
    """exp(x) / Σ exp(x) along `axis` over the entries where `where` holds.

    Elsewhere it is 0, and its logarithm finite, to be masked. `rest` is what x lacks, small numbers.
    """
    if where is None:
        where = xp.ones_like(x, dtype=xp.bool)
    shifted = x - peak(x, axis=axis, where=where, xp=xp)
    shifted = xp.where(where, shifted if rest is None else shifted + rest, 0.0)
    power = xp.where(where, xp.exp(shifted), 0.0)
    total = total_of_powers(power, axis=axis, xp=xp)
    return Probability(power / total, shifted - xp.log(total))


def log_softmax(x: Array, *, xp: Namespace) -> Array:
    """x - log Σ exp(x) along the last axis."""
    return softmax(x, xp=xp).log


def logsumexp(x: Array, rest: Array | None = None, *, axis: int, where: Array, xp: Namespace) -> Sum:
    """log Σ exp(x + rest) along `axis`, which is kept, over the entries where `where` holds; 0 of none."""
    top = peak(x, axis=axis, where=where, xp=xp)
    shifted = xp.where(where, x - top if rest is None else (x - top) + rest, 0.0)
    power = xp.where(where, xp.exp(shifted), 0.0)
    return Sum(top, xp.log(total_of_powers(power, axis=axis, xp=xp)))


def bernoulli(logits: Array, xp: Namespace) -> tuple[Probability, Probability]:
    """The probabilities of 1 and of 0 under sigmoid(logits)."""
    return (
        Probability(sigmoid(logits, xp), -softplus(-logits, xp)),
        Probability(sigmoid(-logits, xp), -softplus(logits, xp)),
    )


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
