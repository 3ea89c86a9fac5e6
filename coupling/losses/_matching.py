"""What the forms of distribution matching share: equation 2, and expectations, for outcomes of any kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from coupling._check import check_number, check_option
from coupling._divergence import Divergence, kl
from coupling._namespace import Array, Namespace
from coupling._normalizer import Normalizer, average, exponentials
from coupling._numeric import Probability, clipped, log_softmax, logsumexp
from coupling._reduce import REDUCTIONS, Reduction, reduce
from coupling._relatedness import Relatedness
from coupling.losses._common import check_relatedness

Matching = Literal["sample", "class_mean"]
MATCHINGS = ("sample", "class_mean")
Outcome = tuple[Probability, Array]
"""Probabilities (B, N) that a head predicts for N outcomes, and those (C, N) given each class."""


def check_match(
    relatedness: Relatedness,
    divergence: str,
    divergences: Iterable[str],
    matching: str,
    eps: float,
    reduction: str,
) -> None:
    """Check the options of `match`, as users spell them."""
    check_relatedness(relatedness)
    check_option("divergence", divergence, divergences)
    check_option("matching", matching, MATCHINGS)
    check_option("reduction", reduction, REDUCTIONS)
    check_number("eps", eps, 0.0, 0.5)
    if matching == "class_mean":
        if divergence != "cross_entropy":
            raise ValueError(f"divergence is not taken with matching='class_mean', got {divergence!r}")
        if reduction == "none":
            raise ValueError("reduction should be 'mean' or 'sum' with matching='class_mean', got 'none'")


def match(
    z: Array,
    outcomes: Sequence[Outcome],
    known: Array,
    related: Array,
    weight: Array,
    *,
    divergence: Divergence | None,
    bounds: tuple[float, float],
    normalizer: Normalizer | None,
    reduction: Reduction,
    xp: Namespace,
) -> Array:
    """Match predicted outcomes with those that the classes imply.

    Args:
        z: (B, C), the class logits.
        outcomes: of each column: both outcomes of an attribute, or the one that a category is.
        known: (C,) boolean.
        related: (N,) boolean, the columns that take part.
        weight: (B,), what each sample counts.
        divergence: of the samples' predictions; None matches the classes' expectations by KL.
        bounds: what implied probabilities are kept in.
        normalizer: what turns a sum over this batch into the average of such sums over all devices.
        reduction: "mean", "sum" or "none".
        xp: the namespace.
    """
    # A bound that is 0 in this precision would be none.
    bounds = max(float(bounds[0]), float(xp.finfo(z.dtype).smallest_normal)), float(bounds[1])
    if divergence is not None:
        terms, log_weight = _match_samples(z, outcomes, known, divergence, bounds, xp)
    else:
        terms, log_weight, anybody = _match_class_means(z, outcomes, weight, bounds, normalizer, xp)
        weight = xp.astype(known & anybody, weight.dtype)
        normalizer = None  # every device has the same from here on
    values = xp.sum(xp.where(xp.expand_dims(related, axis=0), terms, 0.0), axis=1)
    return reduce(values, weight, reduction, log_weight=log_weight, normalizer=normalizer, xp=xp)


def _match_samples(
    z: Array,
    outcomes: Sequence[Outcome],
    known: Array,
    divergence: Divergence,
    bounds: tuple[float, float],
    xp: Namespace,
) -> tuple[Array, Array]:
    """Return the divergences of p and q = π K, (B, N), and the log-probability of the known classes."""
    known = xp.expand_dims(known, axis=0)
    pi = xp.where(known, xp.exp(log_softmax(z, where=known, xp=xp)), 0.0)
    terms = [divergence(p, clipped(xp.matmul(pi, k), *bounds, xp), xp) for p, k in outcomes]
    return sum(terms), logsumexp(log_softmax(z, xp=xp), axis=1, where=known, xp=xp)


def _match_class_means(
    z: Array,
    outcomes: Sequence[Outcome],
    weight: Array,
    bounds: tuple[float, float],
    normalizer: Normalizer | None,
    xp: Namespace,
) -> tuple[Array, Array, Array]:
    """Return the divergences of K and m, (C, N), the log of the number of samples expected, and if any is."""
    takes_part = xp.expand_dims(weight > 0, axis=1)
    log_weight = xp.expand_dims(xp.log(xp.where(weight > 0, weight, 1.0)), axis=1)
    joint = log_softmax(z, xp=xp) + log_weight
    # Scaled before the sum, so that a class nobody is predicted in has a mean as well.
    share, top = exponentials(joint, axis=0, where=takes_part, normalizer=normalizer, xp=xp)
    expected = average(xp.sum(share, axis=0), normalizer, xp)
    anybody = ~(expected == 0)
    expected = xp.where(anybody, expected, 1.0)
    terms = []
    for p, k in outcomes:
        total = average(xp.matmul(xp.matrix_transpose(share), p.value), normalizer, xp)
        m = total / xp.expand_dims(expected, axis=1)
        terms.append(kl(clipped(k, *bounds, xp), clipped(m, *bounds, xp), xp))
    return sum(terms), xp.sum(xp.log(xp.expand_dims(expected, axis=0)) + top, axis=0), anybody
