"""The divergences, term by term: each takes the probability of one outcome under p and under q.

A sum over outcomes makes the divergence of two distributions; over both outcomes of a binary attribute, that
of two Bernoulli distributions.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log

from coupling._namespace import Array, Namespace
from coupling._numeric import Probability, softplus

Divergence = Callable[[Probability, Probability, Namespace], Array]


def cross_entropy(p: Probability, q: Probability, xp: Namespace) -> Array:
    """-p log q, the prediction p outside the logarithm (equations 3 and 6)."""
    return -p.value * q.log


def distillation(p: Probability, q: Probability, xp: Namespace) -> Array:
    """-q log p, the prediction p inside the logarithm (Hinton, Vinyals and Dean, 2015)."""
    return -q.value * p.log


def kl(p: Probability, q: Probability, xp: Namespace) -> Array:
    """p log(p / q), a term of KL(p ‖ q)."""
    return p.value * (p.log - q.log)


def bernoulli_cross_entropy(p: Probability, q: Probability, xp: Namespace) -> Array:
    """-p log q - p + q, a term of the cross-entropy of two Bernoulli distributions."""
    return cross_entropy(p, q, xp) + _excess(p, q, xp)


def bernoulli_kl(p: Probability, q: Probability, xp: Namespace) -> Array:
    """p log(p / q) - p + q, a term of KL(p ‖ q) of two Bernoulli distributions."""
    return kl(p, q, xp) + _excess(p, q, xp)


def _excess(p: Probability, q: Probability, xp: Namespace) -> Array:
    """q - p, which over both outcomes adds up to 0, by d = log p - log q: p expm1(-d), or -q expm1(d).

    It makes a term flat at p = q, so that what is rounded off q shows neither in the sum of many attributes
    nor in its gradient.
    """
    d = p.log - q.log
    above = d >= 0
    return xp.where(above, p.value, -q.value) * xp.expm1(xp.where(above, -d, d))


def js(p: Probability, q: Probability, xp: Namespace) -> Array:
    """½ p log(p / m) + ½ q log(q / m) with m = (p + q) / 2, a term of the Jensen-Shannon divergence.

    log(p / m) = log 2 - softplus(log q - log p) needs no m, which could underflow.
    """
    to_p = log(2.0) - softplus(q.log - p.log, xp)
    to_q = log(2.0) - softplus(p.log - q.log, xp)
    return 0.5 * (p.value * to_p + q.value * to_q)
