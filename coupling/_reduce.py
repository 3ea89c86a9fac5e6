"""The one reduction of the losses."""

from __future__ import annotations

from typing import Literal

from coupling._namespace import Array, Namespace
from coupling._numeric import Sum, peak

Reduction = Literal["mean", "sum", "none"]
REDUCTIONS = ("mean", "sum", "none")


def reduce(
    values: Array,
    weight: Array,
    reduction: Reduction,
    *,
    log_weight: Sum | None = None,
    normalizer: Array | None = None,
    xp: Namespace,
) -> Array:
    """Σ weight · values / Σ weight, or its numerator, or its summands.

    What has weight 0 takes no part, whatever its value; where nothing takes part the result is 0.

    Args:
        values: (N,).
        weight: (N,), at least 0.
        reduction: "mean", "sum" or "none".
        log_weight: (N,), the logarithm of a further factor of the weight.
        normalizer: (N,), what the mean divides by the sum of; `weight` by default.
        xp: the namespace.
    """
    takes_part = weight > 0
    if log_weight is not None:
        if reduction == "mean":
            # A mean does not depend on the scale of its weights, and this scale keeps them from underflow.
            top = peak(log_weight.large, axis=0, where=takes_part, xp=xp)
            log_weight = Sum(log_weight.large - top, log_weight.small)
        weight = weight * xp.exp(xp.where(takes_part, log_weight.large + log_weight.small, 0.0))
    weighted = weight * xp.where(takes_part, values, 0.0)
    if reduction == "none":
        return weighted
    total = xp.sum(weighted)
    if reduction == "sum":
        return total
    count = xp.sum(weight if normalizer is None else normalizer)
    nothing = count == 0  # which NaN is not: what went wrong shows in the mean
    count = xp.where(nothing, 1.0, count)
    mean = total / count
    if log_weight is not None:
        # What the values are beyond their mean adds up to 0, and has the slope of the weights without the
        # cancellation that the quotient brings.
        mean = mean + xp.sum(weight * xp.where(takes_part, values - mean, 0.0)) / count
    return xp.where(nothing, 0.0, mean)
