"""The losses as functions of Keras tensors, on whichever backend Keras runs.

Each is the function of the same name in `coupling.losses`, which has the formula and the options, with what
Keras users are used to: predictions are probabilities unless ``from_logits=True``, arrays may be tensors of
the backend, NumPy arrays or lists, and what there is one of for each sample may be (B,) or (B, 1). Results
are float32, or float64 where a prediction is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coupling import losses
from coupling._namespace import Array
from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.keras import _devices, _inputs
from coupling.keras._categorical import categorical_distribution_matching, categorical_soft_co_annotation
from coupling.keras._graph import coupled_graph
from coupling.keras._namespace import xp
from coupling.keras._task import attribute_binary_cross_entropy, class_cross_entropy
from coupling.losses import CoupledTerms
from coupling.losses._annotation import ClassDivergence, EmptyRow, SoftLabel
from coupling.losses._common import Detach
from coupling.losses._distribution_matching import AttributeDivergence
from coupling.losses._matching import Matching

__all__ = [
    "CoupledTerms",
    "attribute_binary_cross_entropy",
    "categorical_distribution_matching",
    "categorical_soft_co_annotation",
    "class_cross_entropy",
    "coupled",
    "coupled_graph",
    "distribution_matching",
    "soft_co_annotation",
]


def distribution_matching(
    class_logits: Any,
    attribute_logits: Any,
    relatedness: Relatedness,
    *,
    from_logits: bool = False,
    divergence: AttributeDivergence = "cross_entropy",
    matching: Matching = "sample",
    where: Any = None,
    attribute_mask: Any = None,
    eps: float = 1e-7,
    sample_weight: Any = None,
    detach: Detach = None,
    synchronized: bool = False,
    reduction: Reduction = "mean",
) -> Array:
    """Match the predicted attributes with those that the predicted classes imply (equations 2 and 3).

    See `coupling.losses.distribution_matching` for the formula and the options.

    Args:
        class_logits: (B, C), real floating, the classes' probabilities or logits.
        attribute_logits: (B, A), real floating, the attributes' probabilities or logits.
        relatedness: of C classes and A attributes.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        divergence: "cross_entropy", "binary_cross_entropy", "kl" or "js".
        matching: "sample" or "class_mean".
        attribute_mask: (A,) boolean, the attributes that take part; all by default.
        eps: in (0, 0.5), how near the implied probabilities may come to 0 (and 1).
        where: (B,) boolean, the samples that take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".

    Returns:
        A scalar, or (B,) for ``reduction="none"``.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, or logits where probabilities should be.

    Example:
        >>> from coupling.knowledge import du2014
        >>> happy = [[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
        >>> table = du2014().align(attributes=["AU12"])
        >>> round(float(distribution_matching(happy, [[0.5]], table, divergence="js")), 4)
        0.2158

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 2 and 3.
    """
    return losses.distribution_matching(
        _inputs.class_logits(class_logits, from_logits),
        _inputs.attribute_logits(attribute_logits, from_logits),
        relatedness,
        divergence=divergence,
        matching=matching,
        where=_inputs.vector("where", where),
        attribute_mask=attribute_mask,
        eps=eps,
        sample_weight=_inputs.vector("sample_weight", sample_weight),
        detach=detach,
        normalizer=_devices.over(synchronized, reduction),
        reduction=reduction,
        xp=xp,
    )


def soft_co_annotation(
    class_logits: Any,
    attribute_labels: Any,
    relatedness: Relatedness,
    *,
    from_logits: bool = False,
    divergence: ClassDivergence = "cross_entropy",
    soft_label: SoftLabel = "indicator",
    temperature: float = 1.0,
    empty_row: EmptyRow = "zero",
    prior: Any = None,
    where: Any = None,
    sample_weight: Any = None,
    detach: Detach = None,
    synchronized: bool = False,
    reduction: Reduction = "mean",
) -> Array:
    """Match the predicted classes with those that a sample's attribute labels imply (equations 4 to 6).

    See `coupling.losses.soft_co_annotation` for the formula and the options.

    Args:
        class_logits: (B, C), real floating, the classes' probabilities or logits.
        attribute_labels: (B, A), real: a label where in [0, 1], missing elsewhere (NaN, -1, 999).
        relatedness: of C classes and A attributes.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        divergence: "cross_entropy", "distillation" or "js".
        soft_label: "indicator" (equations 4 and 5) or "posterior".
        temperature: at least 1e-8, of the indicator's softmax.
        empty_row: what the indicator of a known class without any weight is: "zero" or "complement".
        prior: (C,), above 0, the classes' prior of the posterior; uniform by default.
        where: (B,) boolean, the samples that may take part; all by default.
        sample_weight: (B,), at least 0, what each sample counts; 1 by default.
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        reduction: "mean" over the samples that take part (0 where none does), "sum", or "none".

    Returns:
        A scalar, or (B,) for ``reduction="none"``.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, or logits where probabilities should be.

    Example:
        >>> from coupling.knowledge import du2014
        >>> float(soft_co_annotation([[1 / 7] * 7], [[-1] * 17], du2014()))  # nothing is annotated
        0.0

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 4 to 6.
    """
    return losses.soft_co_annotation(
        _inputs.class_logits(class_logits, from_logits),
        _inputs.tensor("attribute_labels", attribute_labels),
        relatedness,
        divergence=divergence,
        soft_label=soft_label,
        temperature=temperature,
        empty_row=empty_row,
        prior=prior,
        where=_inputs.vector("where", where),
        sample_weight=_inputs.vector("sample_weight", sample_weight),
        detach=detach,
        normalizer=_devices.over(synchronized, reduction),
        reduction=reduction,
        xp=xp,
    )


def coupled(
    class_logits: Any,
    attribute_logits: Any,
    class_labels: Any,
    attribute_labels: Any,
    relatedness: Relatedness,
    *,
    from_logits: bool = False,
    weights: Mapping[str, Any] | None = None,
    dm: Mapping[str, Any] | None = None,
    sca: Mapping[str, Any] | None = None,
    sample_weight: Any = None,
    synchronized: bool = False,
) -> CoupledTerms:
    """Return the four losses of a network that is trained on both tasks, and their weighted sum (equation 1).

    See `coupling.losses.coupled` for the formula and the options.

    Args:
        class_logits: (B, C), real floating, the classes' probabilities or logits.
        attribute_logits: (B, A), real floating, the attributes' probabilities or logits.
        class_labels: (B,) integers, the class of each sample; negative means missing.
        attribute_labels: (B, A), real: a label where in [0, 1], missing elsewhere (NaN, -1, 999).
        relatedness: of C classes and A attributes.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        weights: factors by the names "classes", "attributes", "distribution_matching" and
            "soft_co_annotation", at least 0; 1 each by default. A part whose weight is 0 is not computed.
        dm: "divergence", "matching", "attribute_mask", "eps" and "detach", as of `distribution_matching`.
        sca: "divergence", "soft_label", "temperature", "empty_row", "prior" and "detach", as of
            `soft_co_annotation`, and "source": "labels", "predictions" or "both".
        sample_weight: (B,), at least 0, what each sample counts, or a mapping of such by the names of the
            parts; 1 by default.
        synchronized: whether means are taken over all replicas, as in `keras.layers.BatchNormalization`.

    Returns:
        CoupledTerms of scalars: ``total`` weighted, the parts unweighted.

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a wrong rank, size or option, a label of C or more, or logits where probabilities
            should be.

    Example:
        >>> from coupling.knowledge import du2014
        >>> terms = coupled([[1 / 7] * 7], [[0.5] * 17], [0], [[float("nan")] * 17], du2014())
        >>> round(float(terms.classes), 4), float(terms.attributes)  # log 7; no attribute is annotated
        (1.9459, 0.0)

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """
    return losses.coupled(
        _inputs.class_logits(class_logits, from_logits),
        _inputs.attribute_logits(attribute_logits, from_logits),
        _inputs.vector("class_labels", class_labels),
        _inputs.tensor("attribute_labels", attribute_labels),
        relatedness,
        weights=weights,
        dm=dm,
        sca=sca,
        sample_weight=_inputs.vectors("sample_weight", sample_weight),
        normalizer=_devices.over(synchronized),
        xp=xp,
    )
