"""A small network of two tasks and a batch of it, for the methods of the benchmarks."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.networks import Shapes
from benchmarks.networks.torch import Network, build
from coupling import Relatedness
from coupling.torch import CoupledLoss, CoupledTerms

SHAPES = Shapes((5,), 3, 4)
RELATEDNESS = Relatedness(np.eye(3, 4))
UNCOUPLED = {"distribution_matching": 0.0, "soft_co_annotation": 0.0}

Terms = Callable[[nn.Module], tuple[Tensor, CoupledTerms]]


def mlp() -> Network:
    """The network of the digits, for other shapes, in float64."""
    return build("mlp", SHAPES, seed=0, dtype=torch.float64)


def batch(missing: str | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Six images and their labels, without those of one task where that is asked for."""
    rng = np.random.default_rng(1)
    images = torch.as_tensor(rng.normal(size=(6, 5)))
    class_labels = torch.as_tensor(rng.integers(3, size=6))
    attribute_labels = torch.as_tensor(rng.integers(2, size=(6, 4))).double()
    if missing == "classes":
        class_labels[:] = -1
    if missing == "attributes":
        attribute_labels[:] = torch.nan
    return images, class_labels, attribute_labels


def toy(missing: str | None = None, *, loss: CoupledLoss | None = None) -> tuple[Network, Terms]:
    """Return a network, and what gives its features and losses of a batch, without coupling by default."""
    images, *labels = batch(missing)
    coupled = loss or CoupledLoss(RELATEDNESS, weights=UNCOUPLED)

    def terms_of(network: nn.Module) -> tuple[Tensor, CoupledTerms]:
        features, *logits = network(images)
        return features, coupled(*logits, *labels)

    return mlp(), terms_of
