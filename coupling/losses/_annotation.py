"""What the forms of soft co-annotation share: equations 4 to 6, and Bayes' rule, for labels of any kind."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from coupling._check import check_library, check_number, check_option, check_vector
from coupling._divergence import cross_entropy, distillation, js
from coupling._namespace import Array, Namespace, constant
from coupling._normalizer import Normalizer
from coupling._numeric import categorical, clip, log_softmax, peak
from coupling._reduce import REDUCTIONS, Reduction, reduce
from coupling._relatedness import Relatedness
from coupling.losses._common import check_relatedness

ClassDivergence = Literal["cross_entropy", "distillation", "js"]
DIVERGENCES = {"cross_entropy": cross_entropy, "distillation": distillation, "js": js}
SoftLabel = Literal["indicator", "posterior"]
SOFT_LABELS = ("indicator", "posterior")
EmptyRow = Literal["zero", "complement"]
EMPTY_ROWS = ("zero", "complement")
POSTERIOR_FLOOR = 0.05
"""No single label makes a class more than 19 times as likely, nor rules it out."""


class Labels(NamedTuple):
    """What a sample's labels say of N attributes or categories; all (B, N), and 0 where none is there."""

    present: Array  # y
    absent: Array | None  # 1 - y, None for categories: of these one is present, which says all
    there: Array  # δ
    evidence: Array  # which of them let a sample take part, where some known class relates to them


def check_co_annotate(
    relatedness: Relatedness,
    divergence: str,
    soft_label: str,
    temperature: float,
    prior: Any,
    reduction: str,
) -> None:
    """Check the options of `co_annotate`."""
    check_relatedness(relatedness)
    check_option("divergence", divergence, DIVERGENCES)
    check_option("soft_label", soft_label, SOFT_LABELS)
    check_number("temperature", temperature, 0.0, float("inf"))
    check_option("reduction", reduction, REDUCTIONS)
    if prior is not None:
        check_vector("prior", prior, len(relatedness.classes), positive=True)
        if soft_label == "indicator":
            raise ValueError(f"prior is not taken with soft_label='indicator', got {prior!r}")
    if soft_label == "posterior" and temperature != 1.0:
        raise ValueError(f"temperature is not taken with soft_label='posterior', got {temperature!r}")


def co_annotate(
    z: Array,
    labels: Labels,
    relatedness: Relatedness,
    weight: Array,
    *,
    divergence: ClassDivergence,
    soft_label: SoftLabel,
    temperature: float,
    empty_row: EmptyRow = "zero",
    prior: Any,
    normalizer: Normalizer | None,
    reduction: Reduction,
    xp: Namespace,
) -> Array:
    """Match predicted classes, of logits z (B, C), with those that a sample's labels imply."""
    check_library(xp, z, prior=prior)
    known = constant(relatedness.known, z, dtype=xp.bool, xp=xp)
    matrix = relatedness.weights if soft_label == "indicator" else relatedness.conditional
    matrix = constant(matrix, z, dtype=z.dtype, xp=xp)
    weight = xp.where(has_evidence(labels.evidence, matrix, known, xp), weight, 0.0)
    if soft_label == "indicator":
        score = _indicator(labels, matrix, known, empty_row, xp) / float(temperature)
    else:
        score = _log_posterior(labels, matrix, prior, xp)

    known = xp.expand_dims(known, axis=0)
    pi = categorical(log_softmax(z, where=known, xp=xp), xp)
    q = categorical(log_softmax(score, where=known, xp=xp), xp)
    values = xp.sum(xp.where(known, DIVERGENCES[divergence](pi, q, xp), 0.0), axis=1)
    return reduce(values, weight, reduction, normalizer=normalizer, xp=xp)


def has_evidence(evidence: Array, matrix: Array, known: Array, xp: Namespace) -> Array:
    """Tell which samples, (B,), have a label that some known class relates to."""
    related = xp.any((matrix > 0) & xp.expand_dims(known, axis=1), axis=0, keepdims=True)
    return xp.any(evidence & related, axis=1)


def _indicator(labels: Labels, weights: Array, known: Array, empty_row: EmptyRow, xp: Namespace) -> Array:
    """Return I (B, C), equation 4 over the labels that are there."""
    transposed = xp.matrix_transpose(weights)
    present = xp.matmul(labels.present, transposed)
    possible = xp.matmul(xp.astype(labels.there, weights.dtype), transposed)
    score = xp.where(possible > 0, present / xp.where(possible > 0, possible, 1.0), 0.0)
    if empty_row == "zero":
        return score
    weighted = xp.expand_dims(xp.any(weights > 0, axis=1), axis=0)
    others = peak(score, axis=1, where=weighted & xp.expand_dims(known, axis=0), xp=xp)
    return xp.where(weighted, score, 1.0 - others)


def _log_posterior(labels: Labels, conditional: Array, prior: Any, xp: Namespace) -> Array:
    """Return log prior_c + Σ_i y_i log K_ci + (1 - y_i) log(1 - K_ci) over the labels there, (B, C).

    The second summand of an attribute has no counterpart for categories.
    """
    conditional = xp.matrix_transpose(clip(conditional, POSTERIOR_FLOOR, 1.0 - POSTERIOR_FLOOR, xp))
    score = xp.matmul(labels.present, xp.log(conditional))
    if labels.absent is not None:
        score = score + xp.matmul(labels.absent, xp.log1p(-conditional))
    if prior is None:
        return score
    return score + xp.expand_dims(xp.log(constant(prior, score, dtype=score.dtype, xp=xp)), axis=0)
