"""The task losses of equation 1: each over the samples and labels that are there."""

from __future__ import annotations

from typing import Any

import numpy as np

from coupling._check import (
    BOOLEAN,
    FLOATING,
    INTEGRAL,
    LABELS,
    NUMERIC,
    check_arrays,
    check_library,
    check_number,
    check_option,
    check_vector,
)
from coupling._namespace import Array, Namespace, compute_dtype, constant
from coupling._normalizer import Normalizer, check_normalizer
from coupling._numeric import log_softmax, softplus
from coupling._reduce import REDUCTIONS, Reduction, reduce
from coupling.losses._common import annotated, check_labels, masked, one_hot, participation


def class_cross_entropy(
    class_logits: Array,
    class_labels: Array,
    *,
    label_smoothing: float = 0.0,
    class_weight: Any = None,
    where: Array | None = None,
    sample_weight: Array | None = None,
    normalizer: Normalizer | None = None,
    reduction: Reduction = "mean",
    xp: Namespace | None = None,
) -> Array:
    r"""Cross-entropy of the classes over the samples that have a class label.

    .. math:: \ell_n = -\sum_c w_c t_{nc} \log \pi_{nc}, \qquad
              t_n = (1 - \varepsilon)\, \mathrm{onehot}(y_n) + \varepsilon / C

    with π = softmax(class_logits), ε the label smoothing and w the class weights. The mean divides by the sum
    of w_{y_n}, as in PyTorch.

    Args:
        class_logits: (B, C), real floating.
        class_labels: (B,) integers, the class of each sample; negative means missing.
        label_smoothing: ε in [0, 1].
        class_weight: (C,), at least 0; 1 by default.
        where: (B,) boolean, the samples that may take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        normalizer: what turns a sum over this batch into the average of such sums over all devices, the
            identity by default; only with ``reduction="mean"``.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".
        xp: the arrays' namespace, found from them by default.

    Returns:
        A scalar, or (B,) for ``reduction="none"``, float32 or (for float64 logits) float64; NaN where a label
        of C or more could not be raised for.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, and for a label of C or more where values can be read.

    Example:
        >>> import numpy as np
        >>> logits = np.log(np.array([[0.25, 0.75], [0.5, 0.5]]))
        >>> float(class_cross_entropy(logits, np.array([1, -1])).round(4))  # -log 0.75
        0.2877

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """
    check_number("label_smoothing", label_smoothing, 0.0, 1.0, closed="low, high")
    check_option("reduction", reduction, REDUCTIONS)
    check_normalizer(normalizer, reduction)
    xp = check_arrays(
        xp,
        {},
        class_logits=(class_logits, "BC", FLOATING),
        class_labels=(class_labels, "B", INTEGRAL),
        where=(where, "B", BOOLEAN),
        sample_weight=(sample_weight, "B", NUMERIC),
    )
    count = class_logits.shape[1]
    if count is None:
        raise ValueError(f"class_logits should have a known number of classes, got {class_logits.shape}")
    if class_weight is not None:
        check_vector("class_weight", class_weight, count)
        check_library(xp, class_logits, class_weight=class_weight)
    check_labels("class_labels", class_labels, "C", count, xp)

    dtype = compute_dtype((class_logits,), xp)
    weight = participation(class_logits, where, sample_weight, dtype=dtype, xp=xp)
    weight = xp.where(class_labels >= 0, weight, 0.0)
    z = masked(class_logits, weight, dtype=dtype, xp=xp)
    chosen, beyond = one_hot(class_labels, count, xp)
    factor = constant(np.ones(count) if class_weight is None else class_weight, z, dtype=dtype, xp=xp)
    factor = xp.expand_dims(factor, axis=0)

    surprise = -factor * log_softmax(z, xp=xp)
    smoothing = float(label_smoothing)
    values = (1.0 - smoothing) * xp.sum(xp.where(chosen, surprise, 0.0), axis=1)
    values = values + xp.sum(surprise * (smoothing / count), axis=1)
    # A label of C or more has no loss, nor anything to divide by: both are NaN, so that the mean is.
    nowhere = xp.where(beyond, float("nan"), xp.ones_like(values))
    divisor = weight * xp.sum(xp.where(chosen, factor, 0.0), axis=1) * nowhere
    values = values * nowhere
    return reduce(values, weight, reduction, divisor=divisor, normalizer=normalizer, xp=xp)


def attribute_binary_cross_entropy(
    attribute_logits: Array,
    attribute_labels: Array,
    *,
    pos_weight: Any = None,
    where: Array | None = None,
    sample_weight: Array | None = None,
    normalizer: Normalizer | None = None,
    reduction: Reduction = "mean",
    xp: Namespace | None = None,
) -> Array:
    r"""Binary cross-entropy of the attributes: over the labels of a sample, then over the samples with any.

    .. math:: \ell_n = -\frac{\sum_i \delta_{ni} [w_i y_{ni} \log p_{ni} + (1 - y_{ni}) \log(1 - p_{ni})]}
                             {\sum_i \delta_{ni}}

    with p = sigmoid(attribute_logits), y the labels, δ marking those that are there and w the weights of the
    positive labels.

    Args:
        attribute_logits: (B, A), real floating.
        attribute_labels: (B, A), real: a value in [0, 1] is a label, hard or soft; any other (NaN, -1, 999)
            is missing.
        pos_weight: (A,), at least 0; 1 by default.
        where: (B,) boolean, the samples that may take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
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
        >>> import numpy as np
        >>> labels = np.array([[1.0, np.nan], [np.nan, np.nan]])
        >>> float(attribute_binary_cross_entropy(np.zeros((2, 2)), labels).round(4))  # log 2
        0.6931

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """
    check_option("reduction", reduction, REDUCTIONS)
    check_normalizer(normalizer, reduction)
    xp = check_arrays(
        xp,
        {},
        attribute_logits=(attribute_logits, "BA", FLOATING),
        attribute_labels=(attribute_labels, "BA", LABELS),
        where=(where, "B", BOOLEAN),
        sample_weight=(sample_weight, "B", NUMERIC),
    )
    count = attribute_logits.shape[1]
    if pos_weight is not None:
        check_vector("pos_weight", pos_weight, count)
        check_library(xp, attribute_logits, pos_weight=pos_weight)

    dtype = compute_dtype((attribute_logits,), xp)
    weight = participation(attribute_logits, where, sample_weight, dtype=dtype, xp=xp)
    there, y = annotated(attribute_labels, dtype=dtype, xp=xp)
    weight = xp.where(xp.any(there, axis=1), weight, 0.0)
    s = masked(attribute_logits, weight, dtype=dtype, xp=xp)
    present = y * softplus(-s, xp)
    if pos_weight is not None:
        present = xp.expand_dims(constant(pos_weight, s, dtype=dtype, xp=xp), axis=0) * present
    terms = xp.where(there, present + (1.0 - y) * softplus(s, xp), 0.0)
    labels = xp.sum(xp.astype(there, dtype), axis=1)
    values = xp.sum(terms, axis=1) / xp.where(labels > 0, labels, 1.0)
    return reduce(values, weight, reduction, normalizer=normalizer, xp=xp)
