"""GradNorm: weights of the losses that keep their gradients in balance."""

import torch
from torch import Tensor, nn

from benchmarks.methods.layers import last_kernel
from benchmarks.methods.method import Method, losses_of
from benchmarks.settings import TASKS
from coupling.torch import CoupledTerms

FLOOR = 1e-3
"""What a weight is kept above, of which the paper says nothing: a long step could make it negative."""


class GradNorm(Method):
    """Gradient normalisation; see `balanced` for the formula.

    The norms are taken over W, the kernel of the last layer that the tasks share. A loss is measured against
    that of the first batch with a label of the task. The weights follow plain steps.

    Source: Chen et al., GradNorm: Gradient normalization for adaptive loss balancing in deep multitask
    networks, ICML 2018, equations 1 and 2 and algorithm 1.

    Args:
        network: see `Method`.
        seed: not used.
        steps: not used.
        factor: of `alpha`.
        alpha: how strongly tasks that learn slowly are pulled along.
        rate: of the steps of the weights.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        seed: int,
        steps: int,
        factor: float = 1.0,
        alpha: float = 1.5,
        rate: float = 0.025,
    ) -> None:
        super().__init__(network, seed=seed, steps=steps)
        self.alpha, self.rate = factor * alpha, rate
        self.weights: Tensor
        self.first: Tensor
        self.register_buffer("weights", torch.ones(len(TASKS)))
        self.register_buffer("first", torch.full((len(TASKS),), torch.nan))

    def backward(self, features: Tensor, terms: CoupledTerms) -> None:
        """Take the gradients of the weighted losses, then a step of the weights."""
        losses = losses_of(terms)
        kernel = last_kernel(self.network)
        norms = torch.stack(
            [torch.autograd.grad(loss, kernel, retain_graph=True)[0].norm() for loss in losses]
        )
        (self.weights * losses).sum().backward()
        losses = losses.detach()
        self.first = torch.where(self.first.isnan() & (norms > 0), losses, self.first)
        self.weights = balanced(self.weights, norms, losses / self.first, alpha=self.alpha, rate=self.rate)


def balanced(weights: Tensor, norms: Tensor, ratios: Tensor, *, alpha: float, rate: float) -> Tensor:
    """Return the weights after a step; a task whose gradient is zero keeps its own.

    With G_i = w_i ‖∇_W L_i‖ and r_i = (L_i / L_i(0)) / mean_j (L_j / L_j(0)), a step of size `rate` goes down
    Σ_i |G_i - mean_j(G_j) r_i^α|, the second part held fixed; then the weights are scaled to sum to their
    number.

    Args:
        weights: w (T,).
        norms: ‖∇_W L_i‖ (T,).
        ratios: L_i / L_i(0) (T,), not read where the norm is 0.
        alpha: α.
        rate: of the step.
    """
    there = norms > 0
    if not there.any():
        return weights
    scaled = weights * norms
    target = scaled[there].mean() * (ratios / ratios[there].mean()) ** alpha
    stepped = (weights - rate * torch.sign(scaled - target) * norms).clamp(min=FLOOR)
    left = len(weights) - weights[~there].sum()
    return torch.where(there, stepped * left / stepped[there].sum(), weights)
