"""Soft co-annotation from categories: the classes predicted against those a multi-class label implies."""

from __future__ import annotations

from typing import Any

from coupling._check import BOOLEAN, FLOATING, INTEGRAL, LABELS, NUMERIC, check_arrays, check_option
from coupling._namespace import Array, Namespace, compute_dtype
from coupling._normalizer import Normalizer, check_normalizer
from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.losses._annotation import ClassDivergence, Labels, SoftLabel, check_co_annotate, co_annotate
from coupling.losses._common import (
    DETACH_CATEGORIES,
    DetachCategories,
    categories,
    check_distributions_here,
    check_labels,
    hold,
    participation,
)


def check_categorical_soft_co_annotation(
    relatedness: Relatedness,
    *,
    divergence: str = "cross_entropy",
    soft_label: str = "indicator",
    temperature: float = 1.0,
    prior: Any = None,
    detach: str | None = None,
    reduction: str = "mean",
) -> None:
    """Check the options of `categorical_soft_co_annotation`."""
    check_co_annotate(relatedness, divergence, soft_label, temperature, prior, reduction)
    check_option("detach", detach, DETACH_CATEGORIES)


def categorical_soft_co_annotation(
    class_logits: Array,
    category_labels: Array,
    relatedness: Relatedness,
    *,
    divergence: ClassDivergence = "cross_entropy",
    soft_label: SoftLabel = "indicator",
    temperature: float = 1.0,
    prior: Any = None,
    where: Array | None = None,
    sample_weight: Array | None = None,
    detach: DetachCategories = None,
    normalizer: Normalizer | None = None,
    reduction: Reduction = "mean",
    xp: Namespace | None = None,
) -> Array:
    r"""Match the predicted classes with the soft class label that a sample's category implies.

    .. math:: I_{nc} = \frac{\sum_d W_{cd} y_{nd}}{\sum_d W_{cd}}, \qquad
              q_n = \mathrm{softmax}(I_n / T), \qquad
              \mathcal{L}_{SCA} = \frac{1}{B} \sum_n d(\pi_n, q_n)

    with π = softmax(class_logits), y the label, one-hot, W = ``relatedness.weights``, I = 0 where its
    denominator is 0. The divergence d of a sample is

    ================ ====================================================
    "cross_entropy"  -Σ_c π_c log q_c (equation 6 as printed)
    "distillation"   -Σ_c q_c log π_c, the prediction inside the logarithm
    "js"             Jensen-Shannon divergence of π and q
    ================ ====================================================

    ``soft_label="posterior"`` takes Bayes' rule for q in place of equations 4 and 5:
    q_c ∝ prior_c Π_d K_cd^y_d, with K = ``relatedness.conditional`` kept in [0.05, 0.95].

    Classes that are not known get q = 0 and take no part: π is renormalised over the others. A sample without
    a label, or with one that no known class relates to, takes no part.

    Args:
        class_logits: (B, C), real floating.
        category_labels: (B,) integers, the category of each sample, negative where it is missing; or (B, D)
            real, the probability of each category, missing where one is not in [0, 1] (NaN, -1, 999).
        relatedness: of C classes and D categories; its rows of known classes sum to 1.
        divergence: one of the table's names.
        soft_label: "indicator" (equations 4 and 5) or "posterior".
        temperature: T, at least 1e-8, of the indicator's softmax.
        prior: (C,), above 0, the classes' prior of the posterior, uniform by default.
        where: (B,) boolean, the samples that may take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "categories" or None.
        normalizer: what turns a sum over this batch into the average of such sums over all devices, the
            identity by default; only with ``reduction="mean"``.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".
        xp: the arrays' namespace, found from them by default.

    Returns:
        A scalar, or (B,) for ``reduction="none"``, float32 or (for float64 logits) float64; NaN where a label
        of D or more could not be raised for.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, and, where values can be read, for a label of D or more
            and for rows that do not sum to 1.

    Example:
        A round neckline says dress rather than shirt.

        >>> import numpy as np
        >>> from coupling import Relatedness
        >>> necklines = Relatedness([[0.75, 0.25], [0.25, 0.75]], classes=["dress", "shirt"])
        >>> for favourite in ([[9.0, 0.0]], [[0.0, 9.0]]):
        ...     loss = categorical_soft_co_annotation(
        ...         np.array(favourite), np.array([0]), necklines, soft_label="posterior"
        ...     )
        ...     print(loss.round(3))
        0.288
        1.386

    References:
        Kollias, Sharmanska and Zafeiriou, "Distribution Matching for Multi-Task Learning of Classification
        Tasks", AAAI 2024, equations 4 to 6.
    """
    check_categorical_soft_co_annotation(
        relatedness,
        divergence=divergence,
        soft_label=soft_label,
        temperature=temperature,
        prior=prior,
        detach=detach,
        reduction=reduction,
    )
    check_normalizer(normalizer, reduction)
    count = len(relatedness.attributes)
    hard = len(getattr(category_labels, "shape", ())) == 1
    xp = check_arrays(
        xp,
        {"C": len(relatedness.classes), "D": count},
        class_logits=(class_logits, "BC", FLOATING),
        category_labels=(category_labels, "B", INTEGRAL) if hard else (category_labels, "BD", LABELS),
        where=(where, "B", BOOLEAN),
        sample_weight=(sample_weight, "B", NUMERIC),
    )
    check_distributions_here(relatedness, class_logits, xp)
    if hard:
        check_labels("category_labels", category_labels, "D", count, xp)

    class_logits, category_labels = hold(class_logits, category_labels, detach, xp)
    dtype = compute_dtype((class_logits,), xp)
    weight = participation(class_logits, where, sample_weight, dtype=dtype, xp=xp)
    there, y = categories(category_labels, count, dtype=dtype, xp=xp)
    return co_annotate(
        class_logits,
        Labels(present=y, absent=None, there=there, evidence=there & (y != 0.0)),
        relatedness,
        weight,
        divergence=divergence,
        soft_label=soft_label,
        temperature=temperature,
        prior=prior,
        normalizer=normalizer,
        reduction=reduction,
        xp=xp,
    )
