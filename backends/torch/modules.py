"""The losses as PyTorch modules: each holds a relatedness and options, and calls the function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from coupling._normalizer import Normalizer, Normalizers
from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.losses._annotation import ClassDivergence, EmptyRow, SoftLabel
from coupling.losses._common import Detach
from coupling.losses._coupled import check_coupled
from coupling.losses._distribution_matching import AttributeDivergence, check_distribution_matching
from coupling.losses._matching import Matching
from coupling.losses._soft_co_annotation import check_soft_co_annotation
from coupling.torch import functional
from coupling.torch._base import RelatednessModule
from coupling.torch.functional import CoupledTerms

if TYPE_CHECKING:
    from torch.distributed import ProcessGroup


class DistributionMatchingLoss(RelatednessModule):
    """Distribution matching: the predicted attributes against those the predicted classes imply.

    `coupling.torch.functional.distribution_matching` as a module; see there for the formula and the options.

    Args:
        relatedness: of C classes and A attributes.
        divergence: "cross_entropy" (equation 3), "binary_cross_entropy", "kl" or "js".
        matching: "sample" or "class_mean".
        attribute_mask: (A,) boolean, the attributes that take part; all by default.
        eps: in (0, 0.5), how near the implied probabilities may come to 0 (and 1).
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        reduction: "mean" over the samples that take part, "sum" or "none".
        process_group: the processes that the mean is taken over; this one alone by default.

    Shape:
        class_logits (B, C), attribute_logits (B, A), where (B,) boolean, sample_weight (B,); a scalar, or
        (B,) for ``reduction="none"``.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an option out of range, or (when called) tensors of the wrong shape.

    Example:
        >>> import torch
        >>> from coupling.knowledge import du2014
        >>> loss = DistributionMatchingLoss(du2014(), divergence="js")
        >>> loss(torch.zeros(2, 7), torch.zeros(2, 17)).shape
        torch.Size([])

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 3.
    """

    def __init__(
        self,
        relatedness: Relatedness,
        *,
        divergence: AttributeDivergence = "cross_entropy",
        matching: Matching = "sample",
        attribute_mask: Any = None,
        eps: float = 1e-7,
        detach: Detach = None,
        reduction: Reduction = "mean",
        process_group: ProcessGroup | None = None,
    ) -> None:
        options: dict[str, Any] = {
            "divergence": divergence,
            "matching": matching,
            "attribute_mask": attribute_mask,
            "eps": eps,
            "detach": detach,
            "reduction": reduction,
        }
        check_distribution_matching(relatedness, **options)
        super().__init__(relatedness, options, process_group)

    def forward(
        self,
        class_logits: Tensor,
        attribute_logits: Tensor,
        *,
        where: Tensor | None = None,
        sample_weight: Tensor | None = None,
        normalizer: Normalizer | None = None,
    ) -> Tensor:
        """Return the loss."""
        loss: Tensor = functional.distribution_matching(
            class_logits,
            attribute_logits,
            self._in_buffers,
            where=where,
            sample_weight=sample_weight,
            normalizer=normalizer,
            process_group=self.process_group,
            **self.options,
        )
        return loss


class SoftCoAnnotationLoss(RelatednessModule):
    """Soft co-annotation: the predicted classes against those the attribute labels imply.

    `coupling.torch.functional.soft_co_annotation` as a module; see there for the formula and the options.

    Args:
        relatedness: of C classes and A attributes.
        divergence: "cross_entropy" (equation 6), "distillation" or "js".
        soft_label: "indicator" (equations 4 and 5) or "posterior".
        temperature: at least 1e-8, of the indicator's softmax.
        empty_row: "zero" or "complement", the indicator of a class without any weight.
        prior: (C,), above 0, the classes' prior of the posterior; uniform by default.
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        reduction: "mean" over the samples that take part, "sum" or "none".
        process_group: the processes that the mean is taken over; this one alone by default.

    Shape:
        class_logits (B, C), attribute_labels (B, A) with missing ones outside [0, 1], where (B,) boolean,
        sample_weight (B,); a scalar, or (B,) for ``reduction="none"``.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an option out of range, or (when called) tensors of the wrong shape.

    Example:
        >>> import torch
        >>> from coupling.knowledge import du2014
        >>> loss = SoftCoAnnotationLoss(du2014(), soft_label="posterior", divergence="distillation")
        >>> loss(torch.zeros(1, 7), torch.full((1, 17), torch.nan))  # no label, no loss
        tensor(0.)

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equations 4 to 6.
    """

    def __init__(
        self,
        relatedness: Relatedness,
        *,
        divergence: ClassDivergence = "cross_entropy",
        soft_label: SoftLabel = "indicator",
        temperature: float = 1.0,
        empty_row: EmptyRow = "zero",
        prior: Any = None,
        detach: Detach = None,
        reduction: Reduction = "mean",
        process_group: ProcessGroup | None = None,
    ) -> None:
        options: dict[str, Any] = {
            "divergence": divergence,
            "soft_label": soft_label,
            "temperature": temperature,
            "empty_row": empty_row,
            "prior": prior,
            "detach": detach,
            "reduction": reduction,
        }
        check_soft_co_annotation(relatedness, **options)
        super().__init__(relatedness, options, process_group)

    def forward(
        self,
        class_logits: Tensor,
        attribute_labels: Tensor,
        *,
        where: Tensor | None = None,
        sample_weight: Tensor | None = None,
        normalizer: Normalizer | None = None,
    ) -> Tensor:
        """Return the loss."""
        loss: Tensor = functional.soft_co_annotation(
            class_logits,
            attribute_labels,
            self._in_buffers,
            where=where,
            sample_weight=sample_weight,
            normalizer=normalizer,
            process_group=self.process_group,
            **self.options,
        )
        return loss


class CoupledLoss(RelatednessModule):
    """Equation 1: both task losses, distribution matching and soft co-annotation, and their weighted sum.

    `coupling.torch.functional.coupled` as a module; see there for the formula.

    Args:
        relatedness: of C classes and A attributes.
        weights: factors by the names "classes", "attributes", "distribution_matching" and
            "soft_co_annotation"; 1 each by default. A part whose weight is 0 is not computed.
        dm: "divergence", "matching", "attribute_mask", "eps" and "detach", as of `DistributionMatchingLoss`.
        sca: "divergence", "soft_label", "temperature", "empty_row", "prior" and "detach", as of
            `SoftCoAnnotationLoss`, and "source": "labels", "predictions" or "both".
        process_group: the processes that means are taken over; this one alone by default.

    Shape:
        class_logits (B, C), attribute_logits (B, A), class_labels (B,) integers with missing ones negative,
        attribute_labels (B, A) with missing ones outside [0, 1], sample_weight (B,) or a mapping of such by
        the names of the parts; CoupledTerms of scalars.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an unknown name, an option out of range, or (when called) tensors of the wrong shape.

    Example:
        >>> import torch
        >>> from coupling import directed
        >>> from coupling.knowledge import du2014
        >>> loss = CoupledLoss(du2014(), **directed(20, 600))
        >>> labels = torch.tensor([3, -1]), torch.full((2, 17), torch.nan)
        >>> loss(torch.zeros(2, 7), torch.zeros(2, 17), *labels).classes
        tensor(1.9459)

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """

    def __init__(
        self,
        relatedness: Relatedness,
        *,
        weights: Mapping[str, Any] | None = None,
        dm: Mapping[str, Any] | None = None,
        sca: Mapping[str, Any] | None = None,
        process_group: ProcessGroup | None = None,
    ) -> None:
        check_coupled(relatedness, weights=weights, dm=dm, sca=sca)
        options = {"weights": dict(weights or {}), "dm": dict(dm or {}), "sca": dict(sca or {})}
        super().__init__(relatedness, options, process_group)

    def forward(
        self,
        class_logits: Tensor,
        attribute_logits: Tensor,
        class_labels: Tensor,
        attribute_labels: Tensor,
        *,
        sample_weight: Tensor | Mapping[str, Tensor] | None = None,
        normalizer: Normalizers = None,
    ) -> CoupledTerms:
        """Return the weighted total and the four unweighted parts."""
        return functional.coupled(
            class_logits,
            attribute_logits,
            class_labels,
            attribute_labels,
            self._in_buffers,
            sample_weight=sample_weight,
            normalizer=normalizer,
            process_group=self.process_group,
            **self.options,
        )
