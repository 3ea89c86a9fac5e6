"""The PyTorch modules that most tests of them share, and a batch for them."""

from collections.abc import Callable

import torch
from torch import Tensor

from coupling import Relatedness, directed
from coupling.torch import (
    CoupledLoss,
    CoupledTerms,
    DistributionMatchingLoss,
    SoftCoAnnotationLoss,
)

MODULES: dict[str, Callable[[Relatedness], torch.nn.Module]] = {
    "dm": lambda table: DistributionMatchingLoss(table, divergence="js"),
    "dm class_mean": lambda table: DistributionMatchingLoss(table, matching="class_mean", detach="classes"),
    "sca": lambda table: SoftCoAnnotationLoss(table, soft_label="posterior", divergence="distillation"),
    "coupled": lambda table: CoupledLoss(table),
    "directed": lambda table: CoupledLoss(table, **directed(20, 600)),
}


def batch(dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.bernoulli(torch.full((5, 17), 0.5), generator=generator)
    labels[:, ::3] = torch.nan
    labels[2] = -1
    return {
        "class_logits": torch.randn(5, 7, generator=generator).to(dtype).requires_grad_(),
        "attribute_logits": torch.randn(5, 17, generator=generator).to(dtype).requires_grad_(),
        "class_labels": torch.tensor([0, -1, 6, 3, -1]),
        "attribute_labels": labels,
    }


def call(module: torch.nn.Module, inputs: dict[str, Tensor]) -> Tensor:
    names = {
        DistributionMatchingLoss: ("class_logits", "attribute_logits"),
        SoftCoAnnotationLoss: ("class_logits", "attribute_labels"),
        CoupledLoss: tuple(inputs),
    }[type(module)]
    result = module(*(inputs[name] for name in names))
    return result.total if isinstance(result, CoupledTerms) else result
