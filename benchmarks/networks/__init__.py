"""The networks: each is one trunk with a head for each task, and has the same weights in every framework.

The network of the digits is written in each framework as its users would. Those of images are Keras'
(`benchmarks.networks.images`), whose models run in all three; besides, PyTorch takes NTS-Net
(`benchmarks.networks.nts`) and any network of torchvision or timm, and JAX any flax NNX module.
"""

from typing import NamedTuple

import numpy as np

from benchmarks.samples import Array

MLP = "mlp"
HEADS = ("classes", "attributes")
WIDTH = 256


class Shapes(NamedTuple):
    """What a network is between."""

    images: tuple[int, ...]
    classes: int
    attributes: int


def mlp_weights(shapes: Shapes, *, seed: int) -> list[tuple[Array, Array]]:
    """Draw kernel (inputs, outputs) and bias of two layers, the class head and the attribute head.

    A kernel is uniform with standard deviation 1 / sqrt(3 inputs), a bias zero.
    """
    rng = np.random.default_rng([seed, 1])
    (pixels,) = shapes.images
    sizes = ((pixels, WIDTH), (WIDTH, WIDTH), (WIDTH, shapes.classes), (WIDTH, shapes.attributes))
    return [(rng.uniform(-1, 1, size) / np.sqrt(size[0]), np.zeros(size[1])) for size in sizes]
