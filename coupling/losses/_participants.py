"""How many samples each term of equation 1 is a mean over, so that means of batches can be averaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from coupling._namespace import Array, Namespace, constant
from coupling._relatedness import Relatedness
from coupling.losses._annotation import has_evidence
from coupling.losses._common import annotated, categories


class Evidence(NamedTuple):
    """What the classes of one task are co-annotated from."""

    target: str
    relatedness: Relatedness
    sca: Mapping[str, Any]


def from_labels(sca: Mapping[str, Any]) -> bool:
    """Tell whether classes are co-annotated from labels alone, so that only who has some takes part."""
    return bool(sca.get("source", "labels") == "labels")


def participants(
    labels: Mapping[str, Array],
    couplings: Mapping[str, Evidence],
    sample_weight: Array | Mapping[str, Array] | None,
    *,
    xp: Namespace,
) -> dict[str, Array]:
    """Return the samples that take part in each term, counted by their weights.

    Args:
        labels: of each task by its name, (B,) integers of classes or (B, A) of attributes.
        couplings: by what comes before the names of their two terms.
        sample_weight: (B,), or a mapping of such by the names of the terms; 1 by default.
        xp: the arrays' namespace.
    """
    dtype = xp.float32
    takes_part = {task: _labelled(own, xp) for task, own in labels.items()}
    everyone = xp.ones_like(next(iter(takes_part.values())), dtype=xp.bool)
    for prefix, evidence in couplings.items():
        takes_part[f"{prefix}distribution_matching"] = everyone
        takes_part[f"{prefix}soft_co_annotation"] = (
            _evident(labels[evidence.target], evidence, xp) if from_labels(evidence.sca) else everyone
        )
    counts = {}
    for term, who in takes_part.items():
        weight = sample_weight.get(term) if isinstance(sample_weight, Mapping) else sample_weight
        if weight is None:
            weight = xp.ones_like(who, dtype=dtype)
        counts[term] = xp.sum(xp.where(who, xp.astype(weight, dtype), 0.0))
    return counts


def _labelled(labels: Array, xp: Namespace) -> Array:
    if len(labels.shape) == 1:
        return labels >= 0
    return xp.any(annotated(labels, dtype=xp.float32, xp=xp)[0], axis=1)


def _evident(labels: Array, evidence: Evidence, xp: Namespace) -> Array:
    relatedness = evidence.relatedness
    if len(labels.shape) == 1:
        there, y = categories(labels, len(relatedness.attributes), dtype=xp.float32, xp=xp)
        there = there & (y != 0.0)
    else:
        there, _ = annotated(labels, dtype=xp.float32, xp=xp)
    posterior = evidence.sca.get("soft_label") == "posterior"
    matrix = constant(
        relatedness.conditional if posterior else relatedness.weights, there, dtype=xp.float32, xp=xp
    )
    return has_evidence(there, matrix, constant(relatedness.known, there, dtype=xp.bool, xp=xp), xp)
