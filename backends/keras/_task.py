"""The task losses for Keras; see `coupling.keras.functional`."""

from __future__ import annotations

from typing import Any

from coupling import losses
from coupling._namespace import Array
from coupling._reduce import Reduction
from coupling.keras import _devices, _inputs
from coupling.keras._namespace import xp


def class_cross_entropy(
    class_logits: Any,
    class_labels: Any,
    *,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    class_weight: Any = None,
    where: Any = None,
    sample_weight: Any = None,
    synchronized: bool = False,
    reduction: Reduction = "mean",
) -> Array:
    """Cross-entropy of the classes over the samples that have a class label.

    See `coupling.losses.class_cross_entropy` for the formula and the options.

    Args:
        class_logits: (B, C), real floating, the classes' probabilities or logits.
        class_labels: (B,) integers, the class of each sample; negative means missing.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        label_smoothing: in [0, 1].
        class_weight: (C,), at least 0; 1 by default.
        where: (B,) boolean, the samples that may take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".

    Returns:
        A scalar, or (B,) for ``reduction="none"``; NaN where a label of C or more could not be raised for.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, a label of C or more, or logits where probabilities
            should be.

    Example:
        >>> round(float(class_cross_entropy([[0.25, 0.75], [0.5, 0.5]], [1, -1])), 4)  # -log 0.75
        0.2877

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """
    return losses.class_cross_entropy(
        _inputs.class_logits(class_logits, from_logits),
        _inputs.vector("class_labels", class_labels),
        label_smoothing=label_smoothing,
        class_weight=class_weight,
        where=_inputs.vector("where", where),
        sample_weight=_inputs.vector("sample_weight", sample_weight),
        normalizer=_devices.over(synchronized, reduction),
        reduction=reduction,
        xp=xp,
    )


def attribute_binary_cross_entropy(
    attribute_logits: Any,
    attribute_labels: Any,
    *,
    from_logits: bool = False,
    pos_weight: Any = None,
    where: Any = None,
    sample_weight: Any = None,
    synchronized: bool = False,
    reduction: Reduction = "mean",
) -> Array:
    """Binary cross-entropy of the attributes: over the labels of a sample, then over the samples with any.

    See `coupling.losses.attribute_binary_cross_entropy` for the formula and the options.

    Args:
        attribute_logits: (B, A), real floating, the attributes' probabilities or logits.
        attribute_labels: (B, A), real: a label where in [0, 1], missing elsewhere (NaN, -1, 999).
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        pos_weight: (A,), at least 0; 1 by default.
        where: (B,) boolean, the samples that may take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".

    Returns:
        A scalar, or (B,) for ``reduction="none"``.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, or logits where probabilities should be.

    Example:
        >>> nan = float("nan")
        >>> round(float(attribute_binary_cross_entropy([[0.5, 0.9], [0.3, 0.2]], [[1, nan], [nan, nan]])), 4)
        0.6931

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """
    return losses.attribute_binary_cross_entropy(
        _inputs.attribute_logits(attribute_logits, from_logits),
        _inputs.tensor("attribute_labels", attribute_labels),
        pos_weight=pos_weight,
        where=_inputs.vector("where", where),
        sample_weight=_inputs.vector("sample_weight", sample_weight),
        normalizer=_devices.over(synchronized, reduction),
        reduction=reduction,
        xp=xp,
    )
