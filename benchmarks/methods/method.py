"""What a method is: a network, its way to the logits, and how its gradients are taken."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from benchmarks.settings import TASKS
from coupling.torch import CoupledTerms


class Method(nn.Module):
    """A network as it is trained without any method: by the gradients of the sum of its losses.

    Args:
        network: images to features, class logits and attribute logits.
        seed: of what the method draws.
        steps: how many the training has.
        factor: of what the method itself has to choose, 1 for its default.
    """

    def __init__(self, network: nn.Module, *, seed: int, steps: int, factor: float = 1.0) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the features that the heads share, and the logits of both."""
        features, class_logits, attribute_logits = self.network(images)
        return features, class_logits, attribute_logits

    def backward(self, features: Tensor, terms: CoupledTerms) -> None:
        """Give every parameter of the network its gradient; called once at every step."""
        terms.total.backward()

    def state(self) -> dict[str, Tensor]:
        """Return all that the next step depends on: parameters and buffers, each once, by their number.

        Names will not do: Keras counts those of random seeds through the whole process.
        """
        return {str(number): own for number, own in enumerate([*self.parameters(), *self.buffers()])}

    @torch.no_grad()
    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take it back."""
        for number, tensor in Method.state(self).items():
            tensor.copy_(state[number])


class PerTask(Method):
    """A network that each task goes through in its own way, one after the other.

    Attributes:
        task: whose turn it is, by its position in `TASKS`.
    """

    task = 0

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the features of the first task, and the logits of each task by its own features."""
        made = []
        for self.task in reversed(range(len(TASKS))):  # the classes last: a network's own losses are theirs
            made.append(self.network(images))
        (_, _, attribute_logits), (features, class_logits, _) = made
        return features, class_logits, attribute_logits


def losses_of(terms: CoupledTerms) -> Tensor:
    """Return the loss of each task (T,)."""
    return torch.stack([getattr(terms, task) for task in TASKS])
