"""AdaShare: every task learns which blocks of a shared trunk to take and which to skip."""

from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, logsigmoid, pad

from benchmarks.checkpoints import named, part
from benchmarks.methods.layers import Block, blocks, channel_axis
from benchmarks.methods.method import PerTask
from benchmarks.settings import TASKS
from benchmarks.torch_state import moments, set_moments
from coupling.torch import CoupledTerms

WARM_UP, SETTLED = 0.25, 0.75
"""The parts of the training between which policies are learned: before, all blocks are taken."""
TEMPERATURES = 5.0, 0.5


class AdaShare(PerTask):
    """Policies of each task over the blocks: take a block's output u F(x) + (1 - u) x, u in [0, 1].

    u is a sample of the Gumbel-softmax distribution with P(take) = σ(logit), one for a batch and task, its
    temperature falling while the policies are learned together with the network, by the losses, `sparsity`
    Σ log P(take) and `sharing` times `disagreement`. Afterwards a block is taken where P(take) >= 1/2.

    An adaptation: the published network is trained anew once its policies are known, and its blocks join in
    one by one; here it is warmed up with all blocks, then learns its policies, then trains on under them, for
    a quarter, a half and a quarter of the steps. The published blocks are residual ones. Keras' ResNet50 has
    these; in a chain of layers every layer with a kernel begins a block, and where its output has another
    shape, what skips it is averaged over parts of the image and filled with channels of zero.

    Source: Sun et al., AdaShare: Learning What to Share for Efficient Deep Multi-Task Learning, NeurIPS 2020.

    Args:
        network: see `Method`.
        seed: of the samples.
        steps: see `Method`.
        factor: of `sparsity` and `sharing`.
        sparsity: weight of what is paid for taking blocks.
        sharing: weight of what is paid for policies that differ.
        rate: of Adam, for the policies.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        seed: int,
        steps: int,
        factor: float = 1.0,
        sparsity: float = 0.005,
        sharing: float = 0.05,
        rate: float = 0.02,
    ) -> None:
        super().__init__(network, seed=seed, steps=steps)
        found = blocks(network)
        self.steps, self.sparsity, self.sharing = steps, factor * sparsity, factor * sharing
        self.step = 0
        self.logits = nn.Parameter(torch.zeros(len(TASKS), len(found)))
        self.choices = torch.ones(len(TASKS), len(found))
        self.optimizer = torch.optim.Adam([self.logits], lr=rate)
        self.generator = torch.Generator().manual_seed(seed)
        self.entering: dict[int, Tensor] = {}
        for number, block in enumerate(found):
            self._watch(number, block)

    @property
    def progress(self) -> float:
        """How far the policies have been learned: below 0 not at all yet, from 1 on to the end."""
        return (self.step / self.steps - WARM_UP) / (SETTLED - WARM_UP)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Choose blocks, then send the images through those of each task."""
        self.choices = self._chosen()
        return super().forward(images)

    def backward(self, features: Tensor, terms: CoupledTerms) -> None:
        """Take the gradients of the losses and of what the policies pay, then a step of the policies."""
        learning = 0 <= self.progress < 1
        total = terms.total
        if learning:
            total = total + self.sparsity * logsigmoid(self.logits).sum()
            total = total + self.sharing * disagreement(self.logits.sigmoid())
        self.optimizer.zero_grad()
        total.backward()
        if learning:
            self.optimizer.step()
        self.step += 1

    def state(self) -> dict[str, Tensor]:
        """Return also what the policies are learned and drawn by."""
        own = {"step": torch.tensor(self.step), "generator": self.generator.get_state()}
        return {**super().state(), **own, **named("moments", moments(self.optimizer))}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take it back."""
        super().restore(state)
        self.step = int(state["step"])
        self.generator.set_state(state["generator"])
        set_moments(self.optimizer, part("moments", state))

    def _chosen(self) -> Tensor:
        if self.progress < 0:
            return torch.ones_like(self.logits)
        if not self.training or self.progress >= 1:
            return (self.logits >= 0).to(self.logits)
        first, last = TEMPERATURES
        uniform = torch.rand(self.logits.shape, generator=self.generator).clamp(1e-6, 1 - 1e-6)
        noise = uniform.logit().to(self.logits)  # the difference of two Gumbel variables
        temperature = first * (last / first) ** self.progress
        return ((self.logits + noise) / temperature).sigmoid()

    def _watch(self, number: int, block: Block) -> None:
        if not block.residual:
            block.first.register_forward_pre_hook(partial(self._enter, number))
        block.last.register_forward_hook(partial(self._leave, number, block))

    def _enter(self, number: int, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.entering[number] = inputs[0]

    def _leave(
        self, number: int, block: Block, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor
    ) -> Tensor:
        chosen = self.choices[self.task, number].to(output)
        if block.residual:
            return chosen * output
        skipping = fitted(self.entering.pop(number), output.shape, channel_axis(block.first))
        return chosen * output + (1 - chosen) * skipping


def disagreement(taken: Tensor) -> Tensor:
    """Return Σ_l (L - l) / L |P_1(take l) - P_2(take l)| of two tasks, l from 0: low blocks weigh most."""
    count = taken.shape[1]
    weights = 1 - torch.arange(count, device=taken.device) / count
    return (weights * (taken[0] - taken[1]).abs()).sum()


def fitted(values: Tensor, shape: torch.Size, axis: int) -> Tensor:
    """Average images to a smaller size, fill in channels of zero or cut some off; the same where it fits."""
    if values.shape == shape:
        return values
    values = values.movedim(axis, 1)
    size = torch.empty(shape, device="meta").movedim(axis, 1).shape
    if values.ndim == 4:
        values = adaptive_avg_pool2d(values, (size[2], size[3]))
    values = values[:, : size[1]]
    values = pad(values, [0, 0] * (values.ndim - 2) + [0, size[1] - values.shape[1]])
    return values.movedim(1, axis)
