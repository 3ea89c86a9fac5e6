"""Soft co-annotation (equations 4 to 6): the classes predicted against those the attribute labels imply."""

from __future__ import annotations

from typing import Any

from coupling._check import BOOLEAN, FLOATING, LABELS, NUMERIC, check_arrays, check_option
from coupling._namespace import Array, Namespace, compute_dtype
from coupling._normalizer import Normalizer, check_normalizer
from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.losses._annotation import (
    EMPTY_ROWS,
    ClassDivergence,
    EmptyRow,
    Labels,
    SoftLabel,
    check_co_annotate,
    co_annotate,
)
from coupling.losses._common import DETACH, Detach, annotated, hold, participation


def check_soft_co_annotation(
    relatedness: Relatedness,
    *,
    divergence: str = "cross_entropy",
    soft_label: str = "indicator",
    temperature: float = 1.0,
    empty_row: str = "zero",
    prior: Any = None,
    detach: str | None = None,
    reduction: str = "mean",
) -> None:
    """Check the options of `soft_co_annotation`."""
    check_co_annotate(relatedness, divergence, soft_label, temperature, prior, reduction)
    check_option("empty_row", empty_row, EMPTY_ROWS)
    check_option("detach", detach, DETACH)
    if soft_label == "posterior" and empty_row != "zero":
        raise ValueError(f"empty_row is not taken with soft_label='posterior', got {empty_row!r}")


def soft_co_annotation(
    class_logits: Array,
    attribute_labels: Array,
    relatedness: Relatedness,
    *,
    divergence: ClassDivergence = "cross_entropy",
    soft_label: SoftLabel = "indicator",
    temperature: float = 1.0,
    empty_row: EmptyRow = "zero",
    prior: Any = None,
    where: Array | None = None,
    sample_weight: Array | None = None,
    detach: Detach = None,
    normalizer: Normalizer | None = None,
    reduction: Reduction = "mean",
    xp: Namespace | None = None,
) -> Array:
    r"""Match the predicted classes with the soft class label that a sample's attribute labels imply.

    .. math:: I_{nc} = \frac{\sum_i \delta_{ni} W_{ci} y_{ni}}{\sum_i \delta_{ni} W_{ci}}, \qquad
              q_n = \mathrm{softmax}(I_n / T), \qquad
              \mathcal{L}_{SCA} = \frac{1}{B} \sum_n d(\pi_n, q_n)

    with π = softmax(class_logits), y the labels, δ marking those that are there, W = ``relatedness.weights``,
    I = 0 where its denominator is 0. The divergence d of a sample is

    ================ ====================================================
    "cross_entropy"  -Σ_c π_c log q_c (equation 6 as printed)
    "distillation"   -Σ_c q_c log π_c, the prediction inside the logarithm
    "js"             Jensen-Shannon divergence of π and q
    ================ ====================================================

    ``soft_label="posterior"`` takes Bayes' rule for q in place of equations 4 and 5, as if attributes were
    independent given the class (naive Bayes):
    q_c ∝ prior_c Π_i K_ci^y_i (1 - K_ci)^(1 - y_i) over the labels that are there, with
    K = ``relatedness.conditional`` kept in [0.05, 0.95].

    Classes that are not known get q = 0 and take no part: π is renormalised over the others. A sample without
    any label that some known class relates to takes no part.

    Args:
        class_logits: (B, C), real floating.
        attribute_labels: (B, A), real: a value in [0, 1] is a label, hard or soft; any other (NaN, -1, 999)
            is missing.
        relatedness: of C classes and A attributes.
        divergence: one of the table's names.
        soft_label: "indicator" (equations 4 and 5) or "posterior".
        temperature: T, at least 1e-8, of the indicator's softmax.
        empty_row: what the indicator of a known class without any weight is: "zero", or "complement" for 1
            minus the largest of the others.
        prior: (C,), above 0, the classes' prior of the posterior, uniform by default.
        where: (B,) boolean, the samples that may take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        normalizer: what turns a sum over this batch into the average of such sums over all devices, the
            identity by default; only with ``reduction="mean"``.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".
        xp: the arrays' namespace, found from them by default.

    Returns:
        A scalar, or (B,) for ``reduction="none"``, float32 or (for float64 logits) float64.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option.

    Example:
        Lip corners up and lips apart, nothing else annotated: happiness most of all.

        >>> import numpy as np
        >>> from coupling.knowledge import du2014
        >>> labels = np.full((1, 17), np.nan)
        >>> labels[0, [du2014().attributes.index("AU12"), du2014().attributes.index("AU25")]] = 1
        >>> for favourite in ("happiness", "sadness"):
        ...     logits = 9.0 * np.array([[name == favourite for name in du2014().classes]], dtype=float)
        ...     print(favourite, soft_co_annotation(logits, labels, du2014()).round(3))
        happiness 1.498
        sadness 2.497

    References:
        Kollias, Sharmanska and Zafeiriou, "Distribution Matching for Multi-Task Learning of Classification
        Tasks", AAAI 2024, equations 4 to 6.
    """
    check_soft_co_annotation(
        relatedness,
        divergence=divergence,
        soft_label=soft_label,
        temperature=temperature,
        empty_row=empty_row,
        prior=prior,
        detach=detach,
        reduction=reduction,
    )
    check_normalizer(normalizer, reduction)
    xp = check_arrays(
        xp,
        {"C": len(relatedness.classes), "A": len(relatedness.attributes)},
        class_logits=(class_logits, "BC", FLOATING),
        attribute_labels=(attribute_labels, "BA", LABELS),
        where=(where, "B", BOOLEAN),
        sample_weight=(sample_weight, "B", NUMERIC),
    )

    class_logits, attribute_labels = hold(class_logits, attribute_labels, detach, xp)
    dtype = compute_dtype((class_logits,), xp)
    weight = participation(class_logits, where, sample_weight, dtype=dtype, xp=xp)
    there, y = annotated(attribute_labels, dtype=dtype, xp=xp)
    return co_annotate(
        class_logits,
        Labels(present=y, absent=xp.where(there, 1.0 - y, 0.0), there=there, evidence=there),
        relatedness,
        weight,
        divergence=divergence,
        soft_label=soft_label,
        temperature=temperature,
        empty_row=empty_row,
        prior=prior,
        normalizer=normalizer,
        reduction=reduction,
        xp=xp,
    )
