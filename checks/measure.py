"""Errors in units in the last place of a term's scale, and how large they may be.

The scale of a value v is max(1, |v|): a loss of that size adds up numbers of that size, and one below 1 is a
difference of numbers of order 1. The scale of a gradient by one head's logits is max(1, |g|) with g its
largest entry, as its entries are what remains of products that cancel within a row.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import oracle
import oracle_graph
from autodiff import Loss, Outcome, evaluate

VALUE_BOUND = 8
GRADIENT_BOUND = 32
# What one rounding to half precision may add to a gradient: half a unit of the entry or the least number.
HALF = {"float16": (2.0**-11, 2.0**-25), "bfloat16": (2.0**-8, 2.0**-134)}


class Errors(NamedTuple):
    """The largest error of the values and of the gradients, None where a backend takes none."""

    value: float
    gradient: float | None

    def within(self) -> bool:
        """Tell whether both are as small as they should be (NaN is not)."""
        return self.value <= VALUE_BOUND and (self.gradient is None or self.gradient <= GRADIENT_BOUND)


def literal(loss: str) -> Loss:
    """Return the oracle of a loss."""
    found: Loss = getattr(oracle if hasattr(oracle, loss) else oracle_graph, loss)
    return found


def expected(loss: str, arrays: Mapping[str, np.ndarray], options: Mapping[str, Any]) -> Outcome:
    """Return what the oracle says of one batch."""
    return evaluate(literal(loss), arrays, options)


def expected_of_each(loss: str, arrays: Mapping[str, np.ndarray], options: Mapping[str, Any]) -> Outcome:
    """Return what the oracle says of each sample on its own."""
    count = len(next(iter(arrays.values())))
    each = [expected(loss, {name: x[n : n + 1] for name, x in arrays.items()}, options) for n in range(count)]
    return Outcome(
        np.concatenate([own.value for own in each]),
        {name: np.concatenate([own.gradients[name] for own in each]) for name in each[0].gradients},
    )


def ulps(error: np.ndarray, scale: np.ndarray, dtype: Any) -> float:
    """Return the largest error in units in the last place of its scale; infinity where one is not finite."""
    unit = np.spacing(np.maximum(scale, 1.0).astype(dtype)).astype(np.float64)
    found = np.where(np.isfinite(error), error / unit, np.inf)
    return float(np.max(found, initial=0.0))


def errors(actual: Outcome, expected: Outcome, *, each: bool, half: str | None = None) -> Errors:
    """Return the errors of a batch, or of `each` of its samples by the scale of its own gradient.

    Of a gradient in `half` precision it is what one rounding to that precision does not explain.
    """
    dtype = actual.value.dtype
    if actual.value.shape != expected.value.shape:
        raise ValueError(f"value should have shape {expected.value.shape}, got {actual.value.shape}")
    value = ulps(np.abs(actual.value - expected.value), np.abs(expected.value), dtype)
    if not actual.gradients:
        return Errors(value, None)
    found = []
    for name, right in expected.gradients.items():
        scale = np.max(np.abs(right), axis=1 if each else None, keepdims=True, initial=0.0)
        error = np.abs(actual.gradients[name].astype(np.float64) - right)
        if half is not None:
            relative, smallest = HALF[half]
            error = np.maximum(error - np.maximum(relative * np.abs(right), smallest), 0.0)
        found.append(ulps(error, scale, dtype))
    return Errors(value, max(found))


def worst(found: list[Errors]) -> Errors:
    """Return the largest of each kind."""
    slopes = [own.gradient for own in found if own.gradient is not None]
    return Errors(max(own.value for own in found), max(slopes) if slopes else None)
