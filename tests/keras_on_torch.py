"""What the tests of the methods ask of Keras' networks on PyTorch, for a process with that backend."""

from typing import Any

import numpy as np
import torch
from toys import RELATEDNESS, UNCOUPLED

from benchmarks.methods import find
from benchmarks.methods.adashare import AdaShare
from benchmarks.methods.task_routing import TaskRouting
from benchmarks.networks import Shapes
from benchmarks.networks.torch import build
from coupling.torch import CoupledLoss

SHAPES = Shapes((16, 16, 3), 3, 4)


def _network(name: str = "small", shapes: Shapes = SHAPES) -> torch.nn.Module:
    return build(name, shapes, seed=0, dtype=torch.float32)


def _images(shapes: Shapes = SHAPES) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(0).normal(size=(8, *shapes.images)).astype(np.float32))


def trained(name: str, kind: str = "small") -> tuple[float, float, bool]:
    """Return the loss at first and in the end, and whether every weight has moved."""
    rng = np.random.default_rng(1)
    labels = torch.as_tensor(rng.integers(3, size=8)), torch.as_tensor(rng.integers(2, size=(8, 4))).float()
    method = find(name)(_network(kind), seed=0, steps=12)
    before = [parameter.clone() for parameter in method.network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(method.network.parameters(), lr=1e-2)
    losses = []
    for _ in range(12):
        features, *logits = method(_images())
        terms = CoupledLoss(RELATEDNESS, weights=UNCOUPLED)(*logits, *labels)
        if kind == "nts-net:small":
            more = method.network.auxiliary(labels[0])
            terms = terms._replace(total=terms.total + more, classes=terms.classes + more)
        optimizer.zero_grad()
        method.backward(features, terms)
        optimizer.step()
        losses.append(float(terms.total.detach()))
    after = [parameter for parameter in method.network.parameters() if parameter.requires_grad]
    moved = all(not torch.equal(old, new) for old, new in zip(before, after, strict=True))
    return losses[0], losses[-1], moved


def nts_net() -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Return what NTS-Net gives in training, again, by another seed and for parity, of images all alike."""
    made = []
    for seed, parity in ((0, False), (0, False), (1, False), (0, True)):
        network = build("nts-net:small", SHAPES, seed=seed, dtype=torch.float32, parity=parity)
        made.append([own.numpy(force=True) for own in network(torch.ones(8, *SHAPES.images))])
    return tuple(made)


def trunks() -> bool:
    """Tell whether NTS-Net's trunk has the weights of the network that it is of."""
    plain, own = _network().model.get_layer("backbone"), _network("nts-net:small").trunk.model
    pairs = zip(plain.get_weights(), own.get_weights(), strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


def small() -> tuple[list[int], list[float], Any, Any]:
    """Return the masks' sizes, what comes through where they are 0, and logits without and with masks."""
    plain = _network().eval()(_images())[1].numpy(force=True)
    method = TaskRouting(_network(), seed=0, steps=1)
    masks = [mask for name, mask in method.named_buffers() if name.startswith("mask")]
    silent: list[float] = []
    last = method.network.model.get_layer("backbone").get_layer("normalization_4")
    last.register_forward_hook(
        lambda layer, inputs, output: silent.append(float(output[..., ~masks[-1][method.task]].abs().sum()))
    )
    method(_images())
    routed = TaskRouting(_network(), seed=0, steps=1, sharing=1.0).eval()(_images())[1].numpy(force=True)
    return [mask.shape[1] for mask in masks], silent, plain, routed


def skipped_and_taken() -> tuple[Any, Any, Any, Any]:
    """Return features with all blocks, of the plain network, with no block, and the mean of the image."""
    with torch.no_grad():
        plain = _network().eval()(_images())[0]
        method = AdaShare(_network(), seed=0, steps=1).eval()
        taken = method(_images())[0]
        method.step = 1
        method.logits.fill_(-1)
        skipped = method(_images())[0]
    return tuple(made.numpy(force=True) for made in (taken, plain, skipped, _images().mean((1, 2))))


def blocks_of_resnet50() -> tuple[int, int, bool, bool]:
    """Return how many blocks and masks there are, and whether skipping the last tells and is the identity."""
    shapes = SHAPES._replace(images=(32, 32, 3))
    routing = TaskRouting(_network("resnet50", shapes), seed=0, steps=1)
    masks = sum(name.startswith("mask") for name, _ in routing.named_buffers())
    with torch.no_grad():
        method = AdaShare(_network("resnet50", shapes).eval(), seed=0, steps=1).eval()
        taken = method(_images(shapes))[0]
        method.step = 1
        method.logits[:, -1] = -1
        entering: list[torch.Tensor] = []
        backbone = method.network.model.get_layer("backbone")
        backbone.get_layer("conv5_block3_1_conv").register_forward_pre_hook(
            lambda layer, inputs: entering.append(inputs[0])
        )
        skipped = method(_images(shapes))[0]
    same = torch.allclose(skipped, entering[0].mean((1, 2)), rtol=1e-4)
    return method.logits.shape[1], masks, not torch.allclose(taken, skipped), same
