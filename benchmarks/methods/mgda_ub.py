"""MGDA-UB: the gradient that serves both tasks, found where the heads begin."""

import torch
from torch import Tensor, nn
from torchjd.aggregation import MGDAWeighting

from benchmarks.methods.method import Method, losses_of
from benchmarks.settings import TASKS
from coupling.torch import CoupledTerms


class MGDAUB(Method):
    """Multiple-gradient descent by its upper bound.

    The trunk follows Σ_t α_t ∇L_t with α = argmin ‖Σ_t α_t ∇_Z L_t‖² over the simplex, Z the features that
    the heads share (problem MGDA-UB, section 3.3); each head follows its own loss. A task without a label in
    the batch takes no part: its zero gradient would be the minimum, and the trunk would stand still.

    Source: Sener and Koltun, Multi-Task Learning as Multi-Objective Optimization, NeurIPS 2018; α by TorchJD.

    Args:
        network: see `Method`.
        seed: not used.
        steps: not used.
        factor: of the attributes' gradient among those, the scale of which the method depends on.
    """

    def __init__(self, network: nn.Module, *, seed: int, steps: int, factor: float = 1.0) -> None:
        super().__init__(network, seed=seed, steps=steps)
        self.factors = {"classes": 1.0, "attributes": factor}

    def backward(self, features: Tensor, terms: CoupledTerms) -> None:
        """Let the gradients of the losses pass, and put the common one in their place at the features."""
        gradients = [
            self.factors[task] * torch.autograd.grad(loss, features, retain_graph=True)[0]
            for task, loss in zip(TASKS, losses_of(terms), strict=True)
        ]
        common = common_gradient(torch.stack(gradients))
        handle = features.register_hook(lambda _: common)
        terms.total.backward()
        handle.remove()


def common_gradient(gradients: Tensor) -> Tensor:
    """Return the point of least norm of the convex hull of gradients (T, …), those of zero left out."""
    rows = gradients.flatten(1)
    rows = rows[rows.any(1)]
    if not len(rows):
        return torch.zeros_like(gradients[0])
    return (MGDAWeighting()(rows @ rows.T) @ rows).reshape(gradients.shape[1:])
