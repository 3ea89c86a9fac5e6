"""The layers of a trunk, whichever library it is of."""

import re
from typing import Any, NamedTuple, cast

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from benchmarks.networks.nts import KerasMaps
from benchmarks.networks.torch import KerasNetwork

WEIGHTED = ("Conv", "Linear", "Dense")
"""What the classes of layers with a kernel are called, in PyTorch and in Keras."""
NORMALIZATION = ("BatchNorm",)
JOINING = ("Add", "Concatenate", "Multiply")
RESIDUAL = re.compile(r".+_block\d+_3_bn")
"""How the last layers of the residual branches are named in Keras' ResNet50, before their sum."""


class Block(NamedTuple):
    """A part of a trunk that can be skipped.

    Attributes:
        first: the layer that is given what comes in.
        last: the layer that gives what comes out.
        residual: whether the network itself adds that to what came in.
    """

    first: nn.Module
    last: nn.Module
    residual: bool


def trunk(network: nn.Module) -> list[nn.Module]:
    """Return the layers before the heads, in their order, down to the smallest."""
    keras = keras_trunk(network)
    if keras is not None:
        return list(keras.layers)
    return [
        layer for layer in network.get_submodule("trunk").modules() if not any(True for _ in layer.children())
    ]


def keras_trunk(network: nn.Module) -> Any:
    """Return the model that Keras has built for a trunk, None where another library has."""
    if isinstance(network, KerasNetwork):
        return cast(Any, network.model).get_layer("backbone")
    own = network.get_submodule("trunk")
    return own.model if isinstance(own, KerasMaps) else None


def called(layer: nn.Module, *kinds: str) -> bool:
    """Tell whether one of these is part of the name of the layer's class."""
    return any(kind in type(layer).__name__ for kind in kinds)


def last_kernel(network: nn.Module) -> torch.Tensor:
    """Return the kernel of the trunk's last layer that has one."""
    layer = [layer for layer in trunk(network) if called(layer, *WEIGHTED)][-1]
    return next(parameter for parameter in layer.parameters() if parameter.ndim > 1)


def channels(layer: nn.Module) -> int:
    """Return how many channels a layer with a kernel, or a normalisation, gives."""
    for name in ("num_features", "out_channels", "out_features", "filters", "units"):
        if hasattr(layer, name):
            return int(getattr(layer, name))
    return int(cast(Any, layer).moving_mean.shape[-1])


def channel_axis(layer: nn.Module) -> int:
    """Return which axis of what the layer gives are the channels: Keras has them last."""
    return 1 if isinstance(layer, _ConvNd | _BatchNorm) else -1


def blocks(network: nn.Module) -> list[Block]:
    """Return the residual branches of a trunk, or of a chain the layers with a kernel and what follows each.

    Pooling and flattening are in no block. Other networks are refused.
    """
    layers = trunk(network)
    branches = [layer for layer in layers if RESIDUAL.fullmatch(getattr(layer, "name", ""))]
    if branches:
        return [Block(layer, layer, residual=True) for layer in branches]
    chain = keras_trunk(network) is not None or isinstance(network.get_submodule("trunk"), nn.Sequential)
    if not chain or any(called(layer, *JOINING) for layer in layers):
        raise ValueError("network should be a chain of layers or a residual network of Keras, is neither")
    within = [layer for layer in layers if called(layer, *WEIGHTED, *NORMALIZATION, "ReLU")]
    starts = [place for place, layer in enumerate(within) if called(layer, *WEIGHTED)]
    ends = [*starts[1:], len(within)]
    return [
        Block(within[start], within[end - 1], residual=False) for start, end in zip(starts, ends, strict=True)
    ]
