"""Training in PyTorch."""

from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from benchmarks.checkpoints import State, part
from benchmarks.methods import find
from benchmarks.networks.torch import build, keras_images, kernels, predict
from benchmarks.samples import Array, Samples
from benchmarks.suites import Schedule
from benchmarks.torch_state import chance, moments, set_chance, set_moments
from benchmarks.training import Job, Trained, run, smoothing
from coupling.torch import CoupledLoss
from coupling.torch.functional import class_cross_entropy

packages = ("torch", "torchjd")


def device() -> str:
    """Name the GPU if there is one, else the CPU."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def train(job: Job) -> Trained:
    """Train a network; see `benchmarks.training.Framework`."""
    return run(job, Learner(job))


class Learner:
    """A network, the method and the optimiser that train it; see `benchmarks.training.Learner`."""

    def __init__(self, job: Job) -> None:
        self.place = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = getattr(torch, job.batches.dtype.name)
        self.network = build(job.suite.network, job.shapes, seed=job.seed, dtype=dtype, parity=job.parity)
        self.method = find(job.setting.method)(
            self.network, seed=job.seed, steps=len(job.batches), factor=job.setting.factor
        ).to(self.place)
        self.coupled = CoupledLoss(job.relatedness, **job.setting.options).to(self.place)
        self.added = _added(self.network, job)
        self.optimizer = _optimizer(self.network, job.suite.schedule, job.parity)

    def learn(self, batch: Samples) -> Sequence[Tensor]:
        """Take a step."""
        images, class_labels, attribute_labels, weights = (
            None if part is None else torch.as_tensor(part, device=self.place) for part in batch
        )
        features, class_logits, attribute_logits = self.method(images)
        terms = self.coupled(
            class_logits, attribute_logits, class_labels, attribute_labels, sample_weight=weights
        )
        for add in self.added:
            more = add(class_logits, class_labels, weights)
            terms = terms._replace(total=terms.total + more, classes=terms.classes + more)
        self.optimizer.zero_grad()
        self.method.backward(features, terms)
        self.optimizer.step()
        return [term.detach() for term in terms]

    def predict(self, images: Array) -> tuple[Array, Array]:
        """Return the logits of both tasks."""
        return predict(self.method, self.place, images)

    def kernels(self) -> list[Array]:
        """Return those of the heads."""
        return kernels(self.network)

    def weights(self) -> list[Array]:
        """Return them in Keras' order."""
        return keras_images().weights(self.network.model)

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Take them."""
        keras_images().set_weights(self.network.model, weights)

    def state(self) -> State:
        """Return the state of the method, of the optimiser and of what the network draws from."""
        parts = {"method": self.method.state(), "moments": moments(self.optimizer), "chance": chance()}
        return {
            f"{name}/{key}": value.numpy(force=True)
            for name, own in parts.items()
            for key, value in own.items()
        }

    def restore(self, state: State) -> None:
        """Take it back."""
        tensors = {name: torch.as_tensor(value) for name, value in state.items()}
        self.method.restore(part("method", tensors))
        set_moments(self.optimizer, part("moments", tensors))
        set_chance(part("chance", tensors))


def _added(network: nn.Module, job: Job) -> list[Callable[[Tensor, Tensor, Tensor | None], Tensor]]:
    """Return what joins the class loss, by logits, labels and weights: smoothing, and a network's own."""
    smooth = smoothing(job.suite.schedule, job.setting, class_cross_entropy)
    added = [smooth] if smooth else []
    weight = job.setting.options["weights"].get("classes", 1.0)
    if weight and hasattr(network, "auxiliary"):
        auxiliary = cast(Callable[[Tensor, Tensor | None], Tensor], network.auxiliary)
        added.append(lambda logits, labels, weights: weight * auxiliary(labels, weights))
    return added


def _optimizer(network: nn.Module, schedule: Schedule, parity: bool) -> torch.optim.Optimizer:
    if parity:
        return torch.optim.SGD(network.parameters(), lr=schedule.sgd_rate, momentum=schedule.momentum)
    return torch.optim.Adam(network.parameters(), lr=schedule.learning_rate, fused=True)
