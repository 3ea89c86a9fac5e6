"""The network in PyTorch."""

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks import training
from benchmarks.digits import Array, Samples, relatedness
from benchmarks.settings import Setting
from benchmarks.training import Trained, Weights
from coupling.torch import CoupledLoss

packages = ("torch",)


class Network(nn.Module):
    """A trunk with a head for each task."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Linear(training.PIXELS, training.WIDTH),
            nn.ReLU(),
            nn.Linear(training.WIDTH, training.WIDTH),
            nn.ReLU(),
        )
        self.classes = nn.Linear(training.WIDTH, training.CLASSES)
        self.attributes = nn.Linear(training.WIDTH, training.ATTRIBUTES)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.trunk(images)
        return self.classes(features), self.attributes(features)


def device() -> str:
    """Name the GPU if there is one, else the CPU."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def train(
    setting: Setting, batches: Samples, images: Array, *, weights: Weights, parity: bool = False
) -> Trained:
    """Train the network; see `benchmarks.training.Framework`."""
    place = "cuda" if torch.cuda.is_available() else "cpu"
    network = Network().to(place, torch.as_tensor(images).dtype)
    _set_weights(network, weights)
    coupled = CoupledLoss(relatedness(), **setting.options).to(place)
    optimizer = _optimizer(network, parity)

    rows = []
    for batch_images, class_labels, attribute_labels in zip(
        *(torch.as_tensor(part, device=place) for part in batches), strict=True
    ):
        class_logits, attribute_logits = network(batch_images)
        terms = coupled(class_logits, attribute_logits, class_labels, attribute_labels)
        optimizer.zero_grad()
        terms.total.backward()
        optimizer.step()
        if parity:
            rows.append([float(term.detach()) for term in terms])

    with torch.inference_mode():
        class_logits, attribute_logits = network(torch.as_tensor(images, device=place))
    return Trained(class_logits.numpy(force=True), attribute_logits.numpy(force=True), np.array(rows))


def _optimizer(network: Network, parity: bool) -> torch.optim.Optimizer:
    if parity:
        return torch.optim.SGD(network.parameters(), lr=training.SGD_RATE, momentum=training.MOMENTUM)
    return torch.optim.Adam(network.parameters(), lr=training.LEARNING_RATE, fused=True)


def _set_weights(network: Network, weights: Weights) -> None:
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, (kernel, bias) in zip(layers, weights, strict=True):
            layer.weight.copy_(torch.as_tensor(kernel.T))
            layer.bias.copy_(torch.as_tensor(bias))
