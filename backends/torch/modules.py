"""The losses as PyTorch modules: each holds a relatedness and options, and calls the function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from coupling._reduce import Reduction
from coupling._relatedness import Relatedness
from coupling.losses._common import Detach, check_relatedness
from coupling.losses._coupled import check_coupled
from coupling.losses._distribution_matching import (
    AttributeDivergence,
    Matching,
    check_distribution_matching,
)
from coupling.losses._soft_co_annotation import (
    ClassDivergence,
    EmptyRow,
    SoftLabel,
    check_soft_co_annotation,
)
from coupling.torch import functional
from coupling.torch.functional import CoupledTerms

MATRICES = ("conditional", "weights")


class _RelatednessModule(nn.Module):
    """A module with the matrices of a relatedness as buffers.

    The buffers are always the matrices themselves: a cast to half precision leaves them float64, and a
    checkpoint with other names or values is refused.
    """

    conditional: Tensor
    weights: Tensor

    def __init__(self, relatedness: Relatedness) -> None:
        super().__init__()
        check_relatedness(relatedness)
        self._relatedness = relatedness
        for name in MATRICES:
            self.register_buffer(name, self._matrix(name, torch.device("cpu")))

    def _matrix(self, name: str, device: torch.device) -> Tensor:
        dtype = torch.float32 if device.type == "mps" else torch.float64  # Metal has no float64
        return torch.tensor(getattr(self._relatedness, name), dtype=dtype).to(device)

    @property
    def relatedness(self) -> Relatedness:
        """The relatedness, with the buffers for matrices."""
        own = self._relatedness
        known = tuple(own.known.tolist())
        return Relatedness._of_arrays(
            self.conditional, self.weights, own.classes, own.attributes, known, own.source
        )

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> _RelatednessModule:
        for name in MATRICES:  # narrow ones, which any device can take, show where they are moved to
            self._buffers[name] = self._buffers[name].float()  # type: ignore[union-attr]
        super()._apply(fn, recurse)
        for name in MATRICES:
            self._buffers[name] = self._matrix(name, self._buffers[name].device)  # type: ignore[union-attr]
        return self

    def get_extra_state(self) -> Tensor:
        """Return the names as JSON in bytes, so that a checkpoint holds tensors only."""
        own = self._relatedness
        names = {"classes": own.classes, "attributes": own.attributes, "known": own.known.tolist()}
        return torch.tensor(list(json.dumps(names).encode()), dtype=torch.uint8)

    def set_extra_state(self, state: Any) -> None:
        """Do nothing: a checkpoint's names are compared with the module's, never taken over."""

    def _load_from_state_dict(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        local_metadata: Mapping[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        own = {**{name: self._buffers[name] for name in MATRICES}, "_extra_state": self.get_extra_state()}
        for name, expected in own.items():
            found = state_dict.get(prefix + name)
            if found is None:
                missing_keys.append(prefix + name)
                continue
            difference = _names_differ if name == "_extra_state" else _matrix_differs
            problem = difference(expected, found)
            if problem:
                error_msgs.append(f"{prefix}{name} should be that of {self._relatedness!r}, {problem}")
        if strict:
            names = {prefix + name for name in own}
            unexpected_keys += [key for key in state_dict if key.startswith(prefix) and key not in names]


def _names_differ(expected: Tensor, found: Any) -> str:
    own = json.loads(bytes(expected.tolist()))
    try:
        other = json.loads(bytes(found.tolist()))
        return next((f"got {key} {other[key]}" for key in own if own[key] != other[key]), "")
    except (AttributeError, KeyError, TypeError, ValueError):
        return "got names that cannot be read"


def _matrix_differs(expected: Tensor | None, found: Any) -> str:
    assert expected is not None
    if not isinstance(found, Tensor) or found.shape != expected.shape:
        return f"got shape {tuple(getattr(found, 'shape', ()))}"
    # A checkpoint may have been saved in a narrower type than the module keeps.
    if not torch.equal(expected.to("cpu", found.dtype), found.cpu()):
        return "got another matrix"
    return ""


class DistributionMatchingLoss(_RelatednessModule):
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

    Shape:
        class_logits (B, C), attribute_logits (B, A), where (B,) boolean, sample_weight (B,); a scalar, or (B,)
        for ``reduction="none"``.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an option out of range, or (when called) tensors of the wrong shape.

    Example:
        >>> import torch
        >>> from coupling.knowledge import du2014
        >>> loss = DistributionMatchingLoss(du2014(), divergence="js")
        >>> loss(torch.zeros(2, 7), torch.zeros(2, 17)).shape
        torch.Size([])
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
    ) -> None:
        super().__init__(relatedness)
        self.options: dict[str, Any] = {
            "divergence": divergence,
            "matching": matching,
            "attribute_mask": attribute_mask,
            "eps": eps,
            "detach": detach,
            "reduction": reduction,
        }
        check_distribution_matching(relatedness, **self.options)

    def extra_repr(self) -> str:
        """Return the relatedness and the options."""
        return _describe(self._relatedness, self.options)

    def forward(
        self,
        class_logits: Tensor,
        attribute_logits: Tensor,
        *,
        where: Tensor | None = None,
        sample_weight: Tensor | None = None,
    ) -> Tensor:
        """Return the loss."""
        loss: Tensor = functional.distribution_matching(
            class_logits,
            attribute_logits,
            self.relatedness,
            where=where,
            sample_weight=sample_weight,
            **self.options,
        )
        return loss


class SoftCoAnnotationLoss(_RelatednessModule):
    """Soft co-annotation: the predicted classes against those the attribute labels imply.

    `coupling.torch.functional.soft_co_annotation` as a module; see there for the formula and the options.

    Args:
        relatedness: of C classes and A attributes.
        divergence: "cross_entropy" (equation 6), "distillation" or "js".
        soft_label: "indicator" (equations 4 and 5) or "posterior".
        temperature: above 0, of the indicator's softmax.
        empty_row: "zero" or "complement", the indicator of a class without any weight.
        prior: (C,), above 0, the classes' prior of the posterior; uniform by default.
        detach: the head that this loss sends no gradient to: "classes", "attributes" or None.
        reduction: "mean" over the samples that take part, "sum" or "none".

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
    ) -> None:
        super().__init__(relatedness)
        self.options: dict[str, Any] = {
            "divergence": divergence,
            "soft_label": soft_label,
            "temperature": temperature,
            "empty_row": empty_row,
            "prior": prior,
            "detach": detach,
            "reduction": reduction,
        }
        check_soft_co_annotation(relatedness, **self.options)

    def extra_repr(self) -> str:
        """Return the relatedness and the options."""
        return _describe(self._relatedness, self.options)

    def forward(
        self,
        class_logits: Tensor,
        attribute_labels: Tensor,
        *,
        where: Tensor | None = None,
        sample_weight: Tensor | None = None,
    ) -> Tensor:
        """Return the loss."""
        loss: Tensor = functional.soft_co_annotation(
            class_logits,
            attribute_labels,
            self.relatedness,
            where=where,
            sample_weight=sample_weight,
            **self.options,
        )
        return loss


class CoupledLoss(_RelatednessModule):
    """Equation 1: both task losses, distribution matching and soft co-annotation, and their weighted sum.

    `coupling.torch.functional.coupled` as a module; see there for the formula.

    Args:
        relatedness: of C classes and A attributes.
        weights: factors by the names "classes", "attributes", "distribution_matching" and
            "soft_co_annotation"; 1 each by default. A part whose weight is 0 is not computed.
        dm: options of `DistributionMatchingLoss`.
        sca: options of `SoftCoAnnotationLoss`, and "source": "labels", "predictions" or "both".

    Shape:
        class_logits (B, C), attribute_logits (B, A), class_labels (B,) integers with missing ones negative,
        attribute_labels (B, A) with missing ones outside [0, 1]; CoupledTerms of scalars.

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
    """

    def __init__(
        self,
        relatedness: Relatedness,
        *,
        weights: Mapping[str, Any] | None = None,
        dm: Mapping[str, Any] | None = None,
        sca: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(relatedness)
        check_coupled(relatedness, weights=weights, dm=dm, sca=sca)
        self.options = {"weights": dict(weights or {}), "dm": dict(dm or {}), "sca": dict(sca or {})}

    def extra_repr(self) -> str:
        """Return the relatedness and the options."""
        return _describe(self._relatedness, self.options)

    def forward(
        self,
        class_logits: Tensor,
        attribute_logits: Tensor,
        class_labels: Tensor,
        attribute_labels: Tensor,
        *,
        sample_weight: Tensor | None = None,
    ) -> CoupledTerms:
        """Return the weighted total and the four unweighted parts."""
        return functional.coupled(
            class_logits,
            attribute_logits,
            class_labels,
            attribute_labels,
            self.relatedness,
            sample_weight=sample_weight,
            **self.options,
        )


def _describe(relatedness: Relatedness, options: Mapping[str, Any]) -> str:
    given = "".join(f", {name}={value!r}" for name, value in options.items() if value not in (None, {}))
    return f"{relatedness!r}{given}"
