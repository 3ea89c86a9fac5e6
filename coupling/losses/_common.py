"""What the losses share: held heads, samples that take part, labels that are there."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from coupling._namespace import Array, Namespace, compute_dtype, constant, describe_type, read, stop_gradient
from coupling._relatedness import Relatedness

Detach = Literal["classes", "attributes"] | None
DETACH = (None, "classes", "attributes")
DetachCategories = Literal["classes", "categories"] | None
DETACH_CATEGORIES = (None, "classes", "categories")
ROW_TOLERANCE = 1e-6
HEADROOM = 1e-8
"""The largest logit as a part of the largest number: a batch may add up a hundred million of them."""


def check_relatedness(relatedness: object) -> None:
    """Check that the argument is a Relatedness."""
    if not isinstance(relatedness, Relatedness):
        raise TypeError(f"relatedness should be a coupling.Relatedness, got {describe_type(relatedness)}")


def hold(class_logits: Array, others: Array, detach: str | None, xp: Namespace) -> tuple[Array, Array]:
    """Return both arrays, that of the head that `detach` names held fixed under differentiation."""
    if detach is None:
        return class_logits, others
    if detach == "classes":
        return stop_gradient(class_logits, xp), others
    return class_logits, stop_gradient(others, xp)


def participation(
    logits: Array, where: Array | None, sample_weight: Any, *, dtype: Any, xp: Namespace
) -> Array:
    """What each sample counts, (B,): `sample_weight`, 1 by default, and 0 where `where` does not hold.

    A negative weight is an error where values can be read, else NaN is what comes of it.
    """
    weight = xp.ones_like(logits[:, 0], dtype=dtype)
    if sample_weight is not None:
        weight = weight * constant(sample_weight, weight, dtype=dtype, xp=xp)
        values = read(weight, xp)
        if values is not None and (values < 0).any():
            raise ValueError(f"sample_weight should be at least 0, got {values.min()}")
        weight = xp.where(weight < 0, float("nan"), weight)
    return weight if where is None else xp.where(where, weight, 0.0)


def widened(logits: Array, xp: Namespace) -> Array:
    """Return logits in the dtype to compute in, so that gradients of many losses add up before rounding."""
    return xp.astype(logits, compute_dtype((logits,), xp))


def masked(x: Array, weight: Array, *, dtype: Any, xp: Namespace) -> Array:
    """Return `x` (B, N) as `dtype`, a safe input for what follows: 0 in the rows of weight 0.

    Logits so large that a difference or a sum of them would overflow are kept at the last that do not.
    """
    largest, infinite = float(xp.finfo(dtype).max) * HEADROOM, float("inf")
    x = xp.astype(x, dtype)
    x = xp.where((x > largest) & (x < infinite), largest, x)
    x = xp.where((x < -largest) & (x > -infinite), -largest, x)
    return xp.where(xp.expand_dims(weight > 0, axis=1), x, 0.0)


def annotated(attribute_labels: Array, *, dtype: Any, xp: Namespace) -> tuple[Array, Array]:
    """Return δ (B, A), True where a label is there, and the labels as `dtype`, 0 where one is missing.

    Compared in the labels' own dtype: a value just above 1 would otherwise round to a label.
    """
    if xp.isdtype(attribute_labels.dtype, "bool"):
        attribute_labels = xp.astype(attribute_labels, dtype)
    there = (attribute_labels >= 0) & (attribute_labels <= 1)
    return there, xp.astype(xp.where(there, attribute_labels, 0), dtype)


def check_labels(name: str, labels: Array, letter: str, count: int, xp: Namespace) -> None:
    """Raise for a label of `count` or more, where values can be read."""
    values = read(labels, xp)
    if values is not None and (values >= count).any():
        raise ValueError(
            f"{name} should be below {letter} = {count} (negative means missing), got {values.max()}"
        )


def one_hot(labels: Array, count: int, xp: Namespace) -> tuple[Array, Array]:
    """Return (B, count), True where a sample's label is, and (B,), True for a label of `count` or more."""
    if xp.iinfo(labels.dtype).bits < 32:  # too small, perhaps, to compare with `count`
        labels = xp.astype(labels, xp.int32)
    classes = xp.expand_dims(constant(np.arange(count), labels, dtype=labels.dtype, xp=xp), axis=0)
    return xp.expand_dims(labels, axis=1) == classes, labels >= count


def check_distributions(relatedness: Relatedness) -> None:
    """Check that K is a distribution over categories for every known class."""
    sums = relatedness.conditional.sum(axis=1)
    for name, known, total in zip(relatedness.classes, relatedness.known, sums, strict=True):
        if known and not abs(total - 1.0) <= ROW_TOLERANCE:
            raise ValueError(
                "relatedness should have rows of conditional that sum to 1 where categories exclude each "
                f"other, got {total:.7g} for {name!r}"
            )


def check_distributions_here(relatedness: Relatedness, like: Array, xp: Namespace) -> None:
    """Check the same where values can be read: those of a framework's own matrices were read before."""
    if isinstance(relatedness.conditional, np.ndarray) and read(like, xp) is not None:
        check_distributions(relatedness)


def categories(category_labels: Array, count: int, *, dtype: Any, xp: Namespace) -> tuple[Array, Array]:
    """Return δ and the labels as probabilities of `count` categories, both (B, D), 0 where one is missing.

    NaN is what comes of a label of `count` or more.
    """
    if len(category_labels.shape) == 1:
        chosen, beyond = one_hot(category_labels, count, xp)
        y = xp.where(xp.expand_dims(beyond, axis=1), float("nan"), xp.astype(chosen, dtype))
        there = xp.expand_dims(category_labels >= 0, axis=1)
    else:
        each, y = annotated(category_labels, dtype=dtype, xp=xp)
        there = ~xp.any(~each, axis=1, keepdims=True)
        y = xp.where(there, y, 0.0)
    return there & xp.ones_like(y, dtype=xp.bool), y
