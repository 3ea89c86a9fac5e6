"""What the forms of soft co-annotation share: equations 4 to 6, and Bayes' rule, for labels of any kind."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from coupling._check import check_library, check_number, check_option, check_vector
from coupling._divergence import cross_entropy, distillation, js
from coupling._namespace import Array, Namespace, constant
from coupling._normalizer import Normalizer
from coupling._numeric import Sum, add, clip, peak, softmax
from coupling._reduce import REDUCTIONS, Reduction, reduce
from coupling._relatedness import Relatedness
from coupling.losses._common import check_relatedness, masked

ClassDivergence = Literal["cross_entropy", "distillation", "js"]
DIVERGENCES = {"cross_entropy": cross_entropy, "distillation": distillation, "js": js}
SoftLabel = Literal["indicator", "posterior"]
SOFT_LABELS = ("indicator", "posterior")
EmptyRow = Literal["zero", "complement"]
EMPTY_ROWS = ("zero", "complement")
POSTERIOR_FLOOR = 0.05
"""No single label makes a class more than 19 times as likely, nor rules it out."""
COLDEST = 1e-8
"""The lowest temperature: below, what rounding leaves of a score would outgrow float32 once it is divided."""
GRAIN = 128.0
"""A product of two multiples of 1 / 128 has 14 binary digits: float32 adds a thousand such exactly."""


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
    check_number("temperature", temperature, COLDEST, float("inf"), closed="low")
    check_option("reduction", reduction, REDUCTIONS)
    if prior is not None:
        check_vector("prior", prior, len(relatedness.classes), positive=True)
        if soft_label == "indicator":
            raise ValueError(f"prior is not taken with soft_label='indicator', got {prior!r}")
    if soft_label == "posterior" and temperature != 1.0:
        raise ValueError(f"temperature is not taken with soft_label='posterior', got {temperature!r}")


def co_annotate(
    class_logits: Array,
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
    """Match predicted classes, of logits (B, C), with those that a sample's labels imply."""
    check_library(xp, class_logits, prior=prior)
    dtype = labels.present.dtype
    known = constant(relatedness.known, class_logits, dtype=xp.bool, xp=xp)
    matrix = relatedness.weights if soft_label == "indicator" else relatedness.conditional
    matrix = constant(matrix, class_logits, dtype=dtype, xp=xp)
    weight = xp.where(has_evidence(labels.evidence, matrix, known, xp), weight, 0.0)
    z = masked(class_logits, weight, dtype=dtype, xp=xp)
    if soft_label == "indicator":
        score = _indicator(labels, relatedness.weights, known, empty_row, xp)
        score = Sum(*(part / float(temperature) for part in score))
    else:
        score = _log_posterior(labels, relatedness.conditional, prior, xp)

    known = xp.expand_dims(known, axis=0)
    pi = softmax(z, where=known, xp=xp)
    # Over a low temperature, what the larger part lacks may be large itself.
    q = softmax(*add(*score), where=known, xp=xp)
    values = xp.sum(xp.where(known, DIVERGENCES[divergence](pi, q, xp), 0.0), axis=1)
    return reduce(values, weight, reduction, normalizer=normalizer, xp=xp)


def has_evidence(evidence: Array, matrix: Array, known: Array, xp: Namespace) -> Array:
    """Tell which samples, (B,), have a label that some known class relates to."""
    related = xp.any((matrix > 0) & xp.expand_dims(known, axis=1), axis=0, keepdims=True)
    return xp.any(evidence & related, axis=1)


def _indicator(labels: Labels, weights: Array, known: Array, empty_row: EmptyRow, xp: Namespace) -> Sum:
    """Return I (B, C), equation 4 over the labels that are there."""
    own = _namespace_of(weights, xp)
    largest = own.max(weights, axis=1, keepdims=True)
    weights = (weights / own.where(largest > 0, largest, 1.0)).T
    there = xp.astype(labels.there, labels.present.dtype)
    present, possible = _product(labels.present, weights, xp), _product(there, weights, xp)
    whole = possible.large + possible.small
    divisor = xp.where(whole > 0, whole, 1.0)
    # What a quotient of few digits leaves is exact, so that a low temperature magnifies no rounding.
    score = _split((present.large + present.small) / divisor, xp).large
    rest = (present.large - score * possible.large) + (present.small - score * possible.small)
    rest = rest / divisor
    if empty_row == "zero":
        return Sum(score, rest)
    weighted = xp.expand_dims(xp.any(constant(weights, score, dtype=score.dtype, xp=xp) > 0, axis=0), axis=0)
    others = peak(score + rest, axis=1, where=weighted & xp.expand_dims(known, axis=0), xp=xp)
    return Sum(xp.where(weighted, score, 1.0 - others), xp.where(weighted, rest, 0.0))


def _log_posterior(labels: Labels, conditional: Array, prior: Any, xp: Namespace) -> Sum:
    """Return log prior_c + Σ_i y_i log K_ci + (1 - y_i) log(1 - K_ci) over the labels there, (B, C).

    The second summand of an attribute has no counterpart for categories.
    """
    own = _namespace_of(conditional, xp)

    def log(k: Array) -> Array:
        return own.log(clip(k.T, POSTERIOR_FLOOR, 1.0 - POSTERIOR_FLOOR, own))

    score = _product(labels.present, log(conditional), xp)
    if labels.absent is not None:
        score = _plus(score, _product(labels.absent, log(1.0 - conditional), xp))
    if prior is not None:
        score = _plus(score, _split(xp.expand_dims(_log_prior(prior, score.large, xp), axis=0), xp))
    return score


def _log_prior(prior: Any, like: Array, xp: Namespace) -> Array:
    """Return log prior (C,), of numbers that the dtype may be too narrow to hold."""
    if isinstance(prior, (list, tuple)):
        return constant([math.log(own) for own in prior], like, dtype=like.dtype, xp=xp)
    if isinstance(prior, np.ndarray):
        return constant(np.log(prior.astype(np.float64)), like, dtype=like.dtype, xp=xp)
    return xp.log(constant(prior, like, dtype=like.dtype, xp=xp))


def _namespace_of(matrix: Array, xp: Namespace) -> Any:
    """Return NumPy for its own matrices, which have more digits than the logits may have, else `xp`."""
    return np if isinstance(matrix, np.ndarray) else xp


def _plus(x: Sum, y: Sum) -> Sum:
    """Return x + y, the large parts of which are multiples of 1 / GRAIN and add up exactly."""
    return Sum(x.large + y.large, x.small + y.small)


def _product(y: Array, table: Array, xp: Namespace) -> Sum:
    """Return y @ table, of numbers that are not large.

    Multiples of a small power of two are multiplied and added exactly, so that only what they leave is
    rounded, however many the labels.
    """
    own = _namespace_of(table, xp)
    whole, rest = (constant(part, y, dtype=y.dtype, xp=xp) for part in _split(table, own))
    y, y_rest = _split(y, xp)
    return Sum(xp.matmul(y, whole), xp.matmul(y, rest) + xp.matmul(y_rest, whole + rest))


def _split(x: Array, xp: Namespace) -> Sum:
    """Return `x` as a multiple of 1 / GRAIN and what is left."""
    large = xp.round(x * GRAIN) / GRAIN
    return Sum(large, x - large)
