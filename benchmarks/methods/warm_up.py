"""Coupling that sets in slowly."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from benchmarks.methods.method import Method, losses_of
from coupling.torch import CoupledTerms

SHARE = 0.5
"""Of the training, after which the coupling has its whole weight."""


class WarmUp(Method):
    """L_classes + L_attributes + r (L - L_classes - L_attributes), r rising from 0 to 1.

    L is the sum of all terms, in which both task losses have the weight 1; r = min(1, step / (steps / 2)).

    Args:
        network: see `Method`.
        seed: not used.
        steps: of the training.
        factor: of the share of the training after which r is 1.
    """

    def __init__(self, network: nn.Module, *, seed: int, steps: int, factor: float = 1.0) -> None:
        super().__init__(network, seed=seed, steps=steps)
        self.until = max(factor * SHARE * steps, 1.0)
        self.step: Tensor
        self.register_buffer("step", torch.zeros((), dtype=torch.float64))

    def backward(self, features: Tensor, terms: CoupledTerms) -> None:
        """Take the gradients of the sum at this step."""
        tasks = losses_of(terms).sum()
        ramp = (self.step / self.until).clamp(max=1.0).to(tasks.dtype)
        (tasks + ramp * (terms.total - tasks)).backward()
        self.step += 1
