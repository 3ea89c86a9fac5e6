"""The one reduction of the losses."""

from __future__ import annotations

from typing import Literal

from coupling._namespace import Array, Namespace
from coupling._normalizer import Normalizer, average, exponentials
from coupling._numeric import Sum

Reduction = Literal["mean", "sum", "none"]
REDUCTIONS = ("mean", "sum", "none")


def reduce(
    values: Array,
    weight: Array,
    reduction: Reduction,
    *,
    log_weight: Sum | None = None,
    divisor: Array | None = None,
    normalizer: Normalizer | None = None,
    xp: Namespace,
) -> Array:
    """Σ weight · values / Σ weight, or its numerator, or its summands.

    What has weight 0 takes no part, whatever its value; where nothing takes part the result is 0.

    Args:
        values: (N,).
        weight: (N,), at least 0.
        reduction: "mean", "sum" or "none".
        log_weight: (N,), the logarithm of a further factor of the weight.
        divisor: (N,), what the mean divides by the sum of; `weight` by default.
        normalizer: what turns that sum into the average of such sums over all devices.
        xp: the namespace.
    """
    takes_part = weight > 0
    if log_weight is not None and reduction == "mean":
        # A mean does not depend on the scale of its weights, and this scale keeps them from underflow.
        weight = weight * exponentials(log_weight, where=takes_part, normalizer=normalizer, xp=xp)[0]
    elif log_weight is not None:
        weight = weight * xp.exp(xp.where(takes_part, log_weight.large + log_weight.small, 0.0))
    weighted = weight * xp.where(takes_part, values, 0.0)
    if reduction == "none":
        return weighted
    total = xp.sum(weighted)
    if reduction == "sum":
        return total
    count = average(xp.sum(weight if divisor is None else divisor), normalizer, xp)
    nothing = count == 0  # which NaN is not: what went wrong shows in the mean
    count = xp.where(nothing, 1.0, count)
    mean = total / count
    if log_weight is not None and normalizer is None:
        # What the values are beyond their mean adds up to 0, and has the slope of the weights without the
        # cancellation that the quotient brings.
        mean = mean + xp.sum(weight * xp.where(takes_part, values - mean, 0.0)) / count
    return xp.where(nothing, 0.0, mean)
