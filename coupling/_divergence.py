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


def js(p: Probability, q: Probability, xp: Namespace) -> Array:
    """½ p log(p / m) + ½ q log(q / m) with m = (p + q) / 2, a term of the Jensen-Shannon divergence.

    log(p / m) = log 2 - softplus(log q - log p) needs no m, which could underflow.
    """
    to_p = log(2.0) - softplus(q.log - p.log, xp)
    to_q = log(2.0) - softplus(p.log - q.log, xp)
    return 0.5 * (p.value * to_p + q.value * to_q)
