"""The networks as PyTorch modules: images to features, and to the logits of both tasks."""

from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.networks import HEADS, MLP, WIDTH, Shapes, mlp_weights, nts

LIBRARIES = ("torchvision", "timm")


class Network(nn.Module):
    """A trunk with a head for each task."""

    def __init__(self, trunk: nn.Module, width: int, shapes: Shapes) -> None:
        super().__init__()
        self.trunk = trunk
        self.classes = nn.Linear(width, shapes.classes)
        self.attributes = nn.Linear(width, shapes.attributes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the features that the heads share, and the logits of both."""
        features = self.trunk(images)
        return features, self.classes(features), self.attributes(features)


class KerasNetwork(nn.Module):
    """A network that Keras has built on PyTorch, whose layers are modules."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the features that the heads share, and the logits of both."""
        outputs = self.model(images, training=self.training)
        return outputs["features"], outputs["classes"], outputs["attributes"]


class ChannelsFirst(nn.Module):
    """A trunk of a library that has the channels of images in front."""

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, images: Tensor) -> Tensor:
        """Return the features of images (B, H, W, 3)."""
        features: Tensor = self.trunk(images.movedim(-1, 1))
        return features


def build(name: str, shapes: Shapes, *, seed: int, dtype: torch.dtype, parity: bool = False) -> nn.Module:
    """Return a network with its initial weights.

    Args:
        name: "mlp", a network of `benchmarks.networks.images`, one of a library, "timm:resnet18", or that of
            `benchmarks.networks.nts`, "nts-net", with another trunk than its own "nts-net:small".
        shapes: of the images and the heads.
        seed: of the weights, and of what is drawn while it is trained.
        dtype: of the weights.
        parity: without what is random while it is trained, but for the networks of a library.
    """
    if name == MLP:
        return _mlp(shapes, seed).to(dtype)
    kind, _, model = name.partition(":")
    if model and kind != nts.NAME:
        return _of_a_library(name, shapes, seed).to(dtype)
    images = keras_images()
    if images.keras.backend.backend() != "torch":
        raise ValueError(f"KERAS_BACKEND should be 'torch' here, got {images.keras.backend.backend()!r}")
    images.keras.config.set_floatx(str(dtype).removeprefix("torch."))
    if kind == nts.NAME:
        return nts.build(model or nts.BACKBONE, shapes, seed=seed, parity=parity).to(dtype)
    return KerasNetwork(images.build(name, shapes, seed=seed, parity=parity))


def keras_images() -> Any:
    """Import `benchmarks.networks.images`, for which the network of the digits need not wait."""
    return import_module("benchmarks.networks.images")


def _mlp(shapes: Shapes, seed: int) -> nn.Module:
    (pixels,) = shapes.images
    trunk = nn.Sequential(nn.Linear(pixels, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU())
    network = Network(trunk, WIDTH, shapes).double()
    linear = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer, (kernel, bias) in zip(linear, mlp_weights(shapes, seed=seed), strict=True):
            layer.weight.copy_(torch.as_tensor(kernel.T))
            layer.bias.copy_(torch.as_tensor(bias))
    return network


def _of_a_library(name: str, shapes: Shapes, seed: int) -> nn.Module:
    """Return a network with a trunk of torchvision or timm, its weights drawn as they do it."""
    library, _, model = name.partition(":")
    if library not in LIBRARIES:
        raise ValueError(f"network should be of one of {', '.join(LIBRARIES)}, got {name!r}")
    module = _imported(library)
    torch.manual_seed(seed)
    try:
        trunk = ChannelsFirst(_timm(module, model) if library == "timm" else _torchvision(module, model))
        trunk.eval()  # of one image
        with torch.no_grad():
            width = trunk(torch.zeros(1, *shapes.images)).shape[-1]
    except (RuntimeError, ValueError) as error:  # what the libraries raise for a name and for a size
        raise ValueError(f"network should be one of {library} for images, got {name!r}: {error}") from error
    return Network(trunk, width, shapes).train()


def _imported(library: str) -> Any:
    try:
        return import_module(library)
    except (ImportError, RuntimeError) as error:  # torchvision of another PyTorch lacks an operator
        hint = f"{library} should be installed beside PyTorch {torch.__version__}"
        raise ImportError(f"{hint} (pip install {library}), is not: {error}") from error


def _timm(library: Any, model: str) -> nn.Module:
    trunk: nn.Module = library.create_model(model, num_classes=0)
    return trunk


def _torchvision(library: Any, model: str) -> nn.Module:
    trunk: nn.Module = library.models.get_model(model, weights=None)
    _drop_head(trunk)
    return trunk


def _drop_head(network: nn.Module) -> None:
    """Take the last linear layer away, which is how torchvision's networks of most kinds end."""
    linear = [name for name, layer in network.named_modules() if isinstance(layer, nn.Linear)]
    if not linear:
        raise ValueError("it has no linear layer for the heads to stand in for")
    parent, _, last = linear[-1].rpartition(".")
    setattr(network.get_submodule(parent), last, nn.Identity())


def kernels(network: nn.Module) -> list[np.ndarray]:
    """Return the kernels of both heads, (features, outputs)."""
    if isinstance(network, KerasNetwork):
        layers = [network.model.get_layer(head) for head in HEADS]
        return [layer.kernel.value.numpy(force=True).copy() for layer in layers]
    return [network.get_submodule(head).weight.numpy(force=True).T.copy() for head in HEADS]


def predict(network: nn.Module, place: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the logits of both tasks."""
    network.eval()
    with torch.inference_mode():
        _, class_logits, attribute_logits = network(torch.as_tensor(images, device=place))
    network.train()
    return class_logits.numpy(force=True), attribute_logits.numpy(force=True)
