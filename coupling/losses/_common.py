"""What the losses share: held heads, samples that take part, labels that are there."""

from __future__ import annotations

from typing import Any, Literal

from coupling._namespace import Array, Namespace, constant, describe_type, stop_gradient
from coupling._relatedness import Relatedness

Detach = Literal["classes", "attributes"] | None
DETACH = (None, "classes", "attributes")


def check_relatedness(relatedness: object) -> None:
    """Check that the argument is a Relatedness."""
    if not isinstance(relatedness, Relatedness):
        raise TypeError(f"relatedness should be a coupling.Relatedness, got {describe_type(relatedness)}")


def hold(class_logits: Array, attribute_logits: Array, detach: Detach, xp: Namespace) -> tuple[Array, Array]:
    """Return both logits, those of the head that `detach` names held fixed under differentiation."""
    if detach == "classes":
        return stop_gradient(class_logits, xp), attribute_logits
    if detach == "attributes":
        return class_logits, stop_gradient(attribute_logits, xp)
    return class_logits, attribute_logits


def participation(
    logits: Array, where: Array | None, sample_weight: Any, *, dtype: Any, xp: Namespace
) -> Array:
    """What each sample counts, (B,): `sample_weight`, 1 by default, and 0 where `where` does not hold."""
    weight = xp.ones_like(logits[:, 0], dtype=dtype)
    if sample_weight is not None:
        weight = weight * constant(sample_weight, weight, dtype=dtype, xp=xp)
    return weight if where is None else xp.where(where, weight, 0.0)


def masked(x: Array, weight: Array, *, dtype: Any, xp: Namespace) -> Array:
    """Return `x` (B, N) as `dtype` with the rows of weight 0 replaced by 0, a safe input for what follows."""
    return xp.where(xp.expand_dims(weight > 0, axis=1), xp.astype(x, dtype), 0.0)


def annotated(attribute_labels: Array, *, dtype: Any, xp: Namespace) -> tuple[Array, Array]:
    """Return δ (B, A), True where a label is there, and the labels as `dtype`, 0 where one is missing.

    Compared in the labels' own dtype: a value just above 1 would otherwise round to a label.
    """
    if xp.isdtype(attribute_labels.dtype, "bool"):
        attribute_labels = xp.astype(attribute_labels, dtype)
    there = (attribute_labels >= 0) & (attribute_labels <= 1)
    return there, xp.where(there, xp.astype(attribute_labels, dtype), 0.0)
