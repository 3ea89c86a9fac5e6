"""Task Routing: every task has its own fixed way through the channels of a shared trunk."""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods.layers import NORMALIZATION, WEIGHTED, called, channel_axis, channels, trunk
from benchmarks.methods.method import PerTask
from benchmarks.samples import Array
from benchmarks.settings import TASKS


class TaskRouting(PerTask):
    """What a layer gives is multiplied by a binary mask over its channels, drawn once for each task.

    The masks come after every normalisation of the trunk, or after every convolution or hidden layer of a
    trunk that has none. An adaptation: the authors' code draws the mask of each task by itself, so that what
    two tasks share is left to chance; here exactly the share σ belongs to both and the rest is dealt out
    between them. Besides, every batch takes the ways of both tasks, as its images have labels of either.

    Source: Strezoski, van Noord and Worring, Many Task Learning with Task Routing, ICCV 2019, section 3.

    Args:
        network: see `Method`.
        seed: of the masks.
        steps: not used.
        factor: of σ / (1 - σ), how many channels are shared for each that is not.
        sharing: σ in [0, 1].
    """

    def __init__(
        self, network: nn.Module, *, seed: int, steps: int, factor: float = 1.0, sharing: float = 0.5
    ) -> None:
        super().__init__(network, seed=seed, steps=steps)
        sharing = factor * sharing / (factor * sharing + 1 - sharing)
        rng = np.random.default_rng([seed, 3])
        layers = trunk(network)
        routed = [layer for layer in layers if called(layer, *NORMALIZATION)]
        for number, layer in enumerate(routed or [layer for layer in layers if called(layer, *WEIGHTED)]):
            self.register_buffer(f"mask_{number}", torch.as_tensor(masks(channels(layer), sharing, rng)))
            layer.register_forward_hook(partial(self._route, number))

    def _route(self, number: int, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        mask = self.get_buffer(f"mask_{number}")[self.task].to(output)
        shape = [1] * output.ndim
        shape[channel_axis(layer)] = -1
        return output * mask.reshape(shape)


def masks(count: int, sharing: float, rng: np.random.Generator) -> Array:
    """Return which of `count` channels each task has (T, count): some are all tasks', each other is one's."""
    shared = round(sharing * count)
    owners = np.arange(count - shared) % len(TASKS)
    ways = np.concatenate([np.ones((len(TASKS), shared), bool), owners == np.arange(len(TASKS))[:, None]], 1)
    return rng.permutation(ways, axis=1)
