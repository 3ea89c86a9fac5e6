"""What the forms of distribution matching share: equation 2, and expectations, for outcomes of any kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from coupling._check import check_number, check_option
from coupling._divergence import Divergence
from coupling._namespace import Array, Namespace
from coupling._normalizer import Normalizer, average, exponentials
from coupling._numeric import Probability, Sum, add, clipped, logsumexp, softmax
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
    divergence: Divergence,
    matching: Matching,
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
        divergence: of the predictions of a sample, or of the expectations of a class.
        matching: "sample" or "class_mean".
        bounds: what implied probabilities are kept in.
        normalizer: what turns a sum over this batch into the average of such sums over all devices.
        reduction: "mean", "sum" or "none".
        xp: the namespace.
    """
    # A bound that is 0 in this precision would be none.
    bounds = max(float(bounds[0]), float(xp.finfo(z.dtype).smallest_normal)), float(bounds[1])
    if matching == "sample":
        terms, log_weight = _match_samples(z, outcomes, known, divergence, bounds, xp)
    else:
        terms, log_weight, anybody = _match_class_means(
            z, outcomes, weight, divergence, bounds, normalizer, xp
        )
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
) -> tuple[Array, Sum]:
    """Return the divergences of p and q = π K, (B, N), and the log-probability of the known classes."""
    known = xp.expand_dims(known, axis=0)
    pi = softmax(z, where=known, xp=xp).value
    terms = [divergence(p, clipped(xp.matmul(pi, k), *bounds, xp), xp) for p, k in outcomes]
    return sum(terms), _log_mass(z, known, xp)


def _log_mass(z: Array, known: Array, xp: Namespace) -> Sum:
    """Return log Σ π over the known classes, (B,): -softplus(x), with x how far the others are ahead."""
    own = logsumexp(z, axis=1, where=known, xp=xp)
    other = logsumexp(z, axis=1, where=~known, xp=xp)
    lead, lost = add(other.large, -own.large)
    lost = lost + (other.small - own.small)
    x = lead + lost
    ahead = x > 0
    large = xp.where(ahead, -lead, 0.0)
    small = xp.where(ahead, -lost, 0.0) - xp.log1p(xp.exp(xp.where(ahead, -x, x)))
    mixed = xp.any(known) & xp.any(~known)
    return Sum(*(xp.sum(xp.where(mixed, part, 0.0), axis=1) for part in (large, small)))


def _match_class_means(
    z: Array,
    outcomes: Sequence[Outcome],
    weight: Array,
    divergence: Divergence,
    bounds: tuple[float, float],
    normalizer: Normalizer | None,
    xp: Namespace,
) -> tuple[Array, Sum, Array]:
    """Return the divergences of K and m, (C, N), the log of the number of samples expected, and if any is."""
    # Scaled before the sum, so that a class nobody is predicted in has a mean as well.
    takes_part = xp.expand_dims(weight > 0, axis=1)
    joint = _log_joint(z, weight, takes_part, xp)
    share, top = exponentials(joint, where=takes_part, normalizer=normalizer, xp=xp)
    expected = average(xp.sum(share, axis=0), normalizer, xp)
    anybody = ~(expected == 0)
    expected = xp.where(anybody, expected, 1.0)
    terms = []
    for p, k in outcomes:
        total = average(xp.matmul(xp.matrix_transpose(share), p.value), normalizer, xp)
        m = total / xp.expand_dims(expected, axis=1)
        terms.append(divergence(clipped(k, *bounds, xp), clipped(m, *bounds, xp), xp))
    return sum(terms), Sum(xp.sum(top, axis=0), xp.log(expected)), anybody


def _log_joint(z: Array, weight: Array, takes_part: Array, xp: Namespace) -> Sum:
    """Return log(weight π), (B, C)."""
    whole = logsumexp(z, axis=1, where=xp.ones_like(z, dtype=xp.bool), xp=xp)
    gap, lost = add(z, -whole.large)
    large, rounding = add(gap, xp.log(xp.where(takes_part, xp.expand_dims(weight, axis=1), 1.0)))
    return Sum(large, lost + rounding - whole.small)
