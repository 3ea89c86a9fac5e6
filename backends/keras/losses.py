"""The coupling losses as Keras loss objects: each holds a relatedness and options, and calls the function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import keras

from coupling._check import check_flag
from coupling._namespace import Array
from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.keras import functional
from coupling.keras._devices import check_synchronized
from coupling.keras._inputs import plain
from coupling.keras._namespace import per_replica
from coupling.losses._annotation import ClassDivergence, EmptyRow, SoftLabel
from coupling.losses._common import Detach
from coupling.losses._distribution_matching import AttributeDivergence, check_distribution_matching
from coupling.losses._matching import Matching
from coupling.losses._soft_co_annotation import check_soft_co_annotation


class _RelatednessLoss(keras.losses.Loss):
    """A loss with a relatedness, options of the function that it calls, and a configuration of plain values.

    The functions reduce by themselves, over the samples that take part, so the base class is left nothing
    to reduce.
    """

    def __init__(
        self,
        relatedness: Relatedness,
        options: Mapping[str, Any],
        *,
        from_logits: bool,
        reduction: Reduction,
        name: str | None,
    ) -> None:
        check_flag("from_logits", from_logits)
        check_synchronized(options["synchronized"], reduction)
        super().__init__(name=name, reduction=reduction)
        self.relatedness = relatedness
        self.from_logits = from_logits
        self.options = plain(options)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Array:
        loss = self.call(y_true, y_pred, sample_weight)
        return per_replica(loss) if self.reduction == "mean" else loss

    def _settings(self, sample_weight: Any) -> dict[str, Any]:
        own = {"from_logits": self.from_logits, "reduction": self.reduction}
        return {**self.options, **own, "sample_weight": sample_weight}

    def get_config(self) -> dict[str, Any]:
        """Return everything that the constructor takes, as lists, strings, numbers and booleans."""
        own = {"relatedness": self.relatedness.to_dict(), "from_logits": self.from_logits}
        return {**super().get_config(), **own, **self.options}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the loss that `get_config` was called on."""
        return cls(**{**config, "relatedness": Relatedness.from_dict(config["relatedness"])})


@keras.saving.register_keras_serializable(package="coupling")
class DistributionMatchingLoss(_RelatednessLoss):
    """Distribution matching: the predicted attributes against those the predicted classes imply.

    `coupling.keras.functional.distribution_matching` as a loss for training loops of one's own; in a model,
    add the layer `coupling.keras.DistributionMatching`. See `coupling.losses.distribution_matching` for the
    formula.

    Args:
        relatedness: of C classes and A attributes.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        divergence: "cross_entropy" (equation 3), "binary_cross_entropy", "kl" or "js".
        matching: "sample" or "class_mean".
        attribute_mask: (A,) boolean, the attributes that take part; all by default.
        eps: in (0, 0.5), how near the implied probabilities may come to 0 (and 1).
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        reduction: "mean" over the samples that take part (0 where none does), "sum" or "none".
        name: of the loss.

    Shape:
        class_predictions (B, C), attribute_predictions (B, A), sample_weight (B,); a scalar, or (B,) for
        ``reduction="none"``.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an option out of range, or (when called) predictions of the wrong shape.

    Example:
        >>> from coupling.knowledge import du2014
        >>> loss = DistributionMatchingLoss(du2014().align(attributes=["AU12"]), divergence="js")
        >>> round(float(loss([[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]], [[0.5]])), 4)
        0.2158

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 2 and 3.
    """

    def __init__(
        self,
        relatedness: Relatedness,
        *,
        from_logits: bool = False,
        divergence: AttributeDivergence = "cross_entropy",
        matching: Matching = "sample",
        attribute_mask: Any = None,
        eps: float = 1e-7,
        detach: Detach = None,
        synchronized: bool = False,
        reduction: Reduction = "mean",
        name: str | None = "distribution_matching",
    ) -> None:
        options: dict[str, Any] = {
            "divergence": divergence,
            "matching": matching,
            "attribute_mask": attribute_mask,
            "eps": eps,
            "detach": detach,
        }
        check_distribution_matching(relatedness, reduction=reduction, **options)
        options["synchronized"] = synchronized
        super().__init__(relatedness, options, from_logits=from_logits, reduction=reduction, name=name)

    def call(self, class_predictions: Any, attribute_predictions: Any, sample_weight: Any = None) -> Array:
        """Return the loss."""
        return functional.distribution_matching(
            class_predictions, attribute_predictions, self.relatedness, **self._settings(sample_weight)
        )


@keras.saving.register_keras_serializable(package="coupling")
class SoftCoAnnotationLoss(_RelatednessLoss):
    """Soft co-annotation: the predicted classes against those the attribute labels imply.

    `coupling.keras.functional.soft_co_annotation` as a loss for `compile`: the attribute labels are its
    y_true, the class predictions its y_pred. See `coupling.losses.soft_co_annotation` for the formula.

    Args:
        relatedness: of C classes and A attributes.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        divergence: "cross_entropy" (equation 6), "distillation" or "js".
        soft_label: "indicator" (equations 4 and 5) or "posterior".
        temperature: at least 1e-8, of the indicator's softmax.
        empty_row: "zero" or "complement", the indicator of a class without any weight.
        prior: (C,), above 0, the classes' prior of the posterior; uniform by default.
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        synchronized: whether the mean is taken over all replicas, as in `keras.layers.BatchNormalization`.
        reduction: "mean" over the samples that take part (0 where none does), "sum" or "none".
        name: of the loss.

    Shape:
        attribute_labels (B, A) with missing ones outside [0, 1], class_predictions (B, C), sample_weight
        (B,); a scalar, or (B,) for ``reduction="none"``.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an option out of range, or (when called) arrays of the wrong shape.

    Example:
        >>> from coupling.knowledge import du2014
        >>> loss = SoftCoAnnotationLoss(du2014(), soft_label="posterior", divergence="distillation")
        >>> float(loss([[-1] * 17], [[1 / 7] * 7]))  # no label, no loss
        0.0

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 4 to 6.
    """

    def __init__(
        self,
        relatedness: Relatedness,
        *,
        from_logits: bool = False,
        divergence: ClassDivergence = "cross_entropy",
        soft_label: SoftLabel = "indicator",
        temperature: float = 1.0,
        empty_row: EmptyRow = "zero",
        prior: Any = None,
        detach: Detach = None,
        synchronized: bool = False,
        reduction: Reduction = "mean",
        name: str | None = "soft_co_annotation",
    ) -> None:
        options: dict[str, Any] = {
            "divergence": divergence,
            "soft_label": soft_label,
            "temperature": temperature,
            "empty_row": empty_row,
            "prior": prior,
            "detach": detach,
        }
        check_soft_co_annotation(relatedness, reduction=reduction, **options)
        options["synchronized"] = synchronized
        super().__init__(relatedness, options, from_logits=from_logits, reduction=reduction, name=name)

    def call(self, attribute_labels: Any, class_predictions: Any, sample_weight: Any = None) -> Array:
        """Return the loss."""
        return functional.soft_co_annotation(
            class_predictions, attribute_labels, self.relatedness, **self._settings(sample_weight)
        )
