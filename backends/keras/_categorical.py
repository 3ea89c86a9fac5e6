"""The coupling losses of categories for Keras; see `coupling.keras.functional`."""

from __future__ import annotations

from typing import Any

from coupling import losses
from coupling._namespace import Array
from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.keras import _devices, _inputs
from coupling.keras._namespace import xp
from coupling.losses._annotation import ClassDivergence, SoftLabel
from coupling.losses._categorical_distribution_matching import CategoryDivergence
from coupling.losses._common import DetachCategories
from coupling.losses._matching import Matching


def categorical_distribution_matching(
    class_logits: Any,
    category_logits: Any,
    relatedness: Relatedness,
    *,
    from_logits: bool = False,
    divergence: CategoryDivergence = "cross_entropy",
    matching: Matching = "sample",
    where: Any = None,
    eps: float = 1e-7,
    sample_weight: Any = None,
    detach: DetachCategories = None,
    synchronized: bool = False,
    reduction: Reduction = "mean",
) -> Array:
    """Match the predicted categories of an attribute with the mixture that the predicted classes imply.

    See `coupling.losses.categorical_distribution_matching` for the formula and the options.

    Args:
        class_logits: (B, C), real floating, the classes' probabilities or logits.
        category_logits: (B, D), real floating, the categories' probabilities or logits.
        relatedness: of C classes and D categories; its rows of known classes sum to 1.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        divergence: "cross_entropy", "kl" or "js".
        matching: "sample" or "class_mean".
        where: (B,) boolean, the samples that take part; all by default.
        eps: in (0, 0.5), how near the implied probabilities may come to 0.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "categories" or None.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".

    Returns:
        A scalar, or (B,) for ``reduction="none"``.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, logits where probabilities should be, or rows that do
            not sum to 1.

    Example:
        >>> necklines = Relatedness([[0.75, 0.25], [0.1, 0.9]])
        >>> loss = categorical_distribution_matching(
        ...     [[1.0, 0.0]], [[0.5, 0.5]], necklines, divergence="kl"
        ... )
        >>> round(float(loss), 4)
        0.1438

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 2 and 3.
    """
    return losses.categorical_distribution_matching(
        _inputs.class_logits(class_logits, from_logits),
        _inputs.category_logits(category_logits, from_logits),
        relatedness,
        divergence=divergence,
        matching=matching,
        where=_inputs.vector("where", where),
        eps=eps,
        sample_weight=_inputs.vector("sample_weight", sample_weight),
        detach=detach,
        normalizer=_devices.over(synchronized, reduction),
        reduction=reduction,
        xp=xp,
    )


def categorical_soft_co_annotation(
    class_logits: Any,
    category_labels: Any,
    relatedness: Relatedness,
    *,
    from_logits: bool = False,
    divergence: ClassDivergence = "cross_entropy",
    soft_label: SoftLabel = "indicator",
    temperature: float = 1.0,
    prior: Any = None,
    where: Any = None,
    sample_weight: Any = None,
    detach: DetachCategories = None,
    synchronized: bool = False,
    reduction: Reduction = "mean",
) -> Array:
    """Match the predicted classes with the soft class label that a sample's category implies.

    See `coupling.losses.categorical_soft_co_annotation` for the formula and the options.

    Args:
        class_logits: (B, C), real floating, the classes' probabilities or logits.
        category_labels: (B,) integers, negative where missing; or (B, D) real, the probability of each
            category, missing where one is not in [0, 1].
        relatedness: of C classes and D categories; its rows of known classes sum to 1.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        divergence: "cross_entropy", "distillation" or "js".
        soft_label: "indicator" (equations 4 and 5) or "posterior".
        temperature: at least 1e-8, of the indicator's softmax.
        prior: (C,), above 0, the classes' prior of the posterior; uniform by default.
        where: (B,) boolean, the samples that may take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "categories" or None.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".

    Returns:
        A scalar, or (B,) for ``reduction="none"``; NaN where a label of D or more could not be raised for.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, a label of D or more, logits where probabilities should
            be, or rows that do not sum to 1.

    Example:
        >>> necklines = Relatedness([[0.75, 0.25], [0.25, 0.75]])
        >>> float(categorical_soft_co_annotation([[0.5, 0.5]], [-1], necklines))  # nothing is annotated
        0.0

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 4 to 6.
    """
    return losses.categorical_soft_co_annotation(
        _inputs.class_logits(class_logits, from_logits),
        _inputs.vector("category_labels", category_labels),
        relatedness,
        divergence=divergence,
        soft_label=soft_label,
        temperature=temperature,
        prior=prior,
        where=_inputs.vector("where", where),
        sample_weight=_inputs.vector("sample_weight", sample_weight),
        detach=detach,
        normalizer=_devices.over(synchronized, reduction),
        reduction=reduction,
        xp=xp,
    )
