"""How many samples each part of equation 1 is a mean over, so that means of batches can be averaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coupling._namespace import Array, Namespace, constant
from coupling._relatedness import Relatedness
from coupling.losses._common import annotated
from coupling.losses._soft_co_annotation import has_evidence


def participants(
    class_labels: Array,
    attribute_labels: Array,
    relatedness: Relatedness,
    *,
    sca: Mapping[str, Any],
    sample_weight: Array | Mapping[str, Array] | None,
    xp: Namespace,
) -> dict[str, Array]:
    """Return the samples that take part in each part of `coupled`, counted by their weights.

    Args:
        class_labels: (B,) integers; negative means missing.
        attribute_labels: (B, A), real: a label where in [0, 1].
        relatedness: of C classes and A attributes.
        sca: the options of soft co-annotation.
        sample_weight: (B,), or a mapping of such by the names of the parts; 1 by default.
        xp: the arrays' namespace.
    """
    dtype = xp.float32
    there, _ = annotated(attribute_labels, dtype=dtype, xp=xp)
    matrix = relatedness.conditional if sca.get("soft_label") == "posterior" else relatedness.weights
    known = constant(relatedness.known, there, dtype=xp.bool, xp=xp)
    everyone = xp.ones_like(class_labels, dtype=xp.bool)
    evidence = has_evidence(there, constant(matrix, there, dtype=dtype, xp=xp), known, xp)
    takes_part = {
        "classes": class_labels >= 0,
        "attributes": xp.any(there, axis=1),
        "distribution_matching": everyone,
        "soft_co_annotation": evidence if sca.get("source", "labels") == "labels" else everyone,
    }
    counts = {}
    for part, who in takes_part.items():
        weight = sample_weight.get(part) if isinstance(sample_weight, Mapping) else sample_weight
        if weight is None:
            weight = xp.ones_like(class_labels, dtype=dtype)
        counts[part] = xp.sum(xp.where(who, xp.astype(weight, dtype), 0.0))
    return counts
