"""What every framework is given: one network's initial weights, one order of batches, one schedule."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

from benchmarks.digits import CONDITIONAL, Array, Samples
from benchmarks.settings import Setting

FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "jax": "JAX"}

PIXELS, WIDTH = 64, 256
CLASSES, ATTRIBUTES = CONDITIONAL.shape
BATCH = 256
STEPS = 200
LEARNING_RATE = 1e-3
SGD_RATE = 0.05
MOMENTUM = 0.875  # exact in float32, through which Keras takes it on TensorFlow, also in float64

Weights: TypeAlias = list[tuple[Array, Array]]
"""Kernel (inputs, outputs) and bias of the trunk's two layers, the class head and the attribute head."""


class Trained(NamedTuple):
    """Logits on the images that were asked for and, for parity, `CoupledTerms` as rows (steps, 5)."""

    class_logits: Array
    attribute_logits: Array
    terms: Array


class Framework(Protocol):
    """What a framework's module has."""

    packages: tuple[str, ...]

    def device(self) -> str:
        """Name the device that it trains on."""

    def train(
        self, setting: Setting, batches: Samples, images: Array, *, weights: Weights, parity: bool = False
    ) -> Trained:
        """Train the network from `weights` on `batches` (steps, batch, ...), then predict for `images`.

        For parity the optimiser is SGD with momentum, whose update is one formula in all frameworks, instead
        of Adam, and the terms of every step are kept.
        """


def initial_weights(seed: int) -> Weights:
    """Draw each kernel uniformly with standard deviation 1 / sqrt(3 inputs); biases are zero."""
    rng = np.random.default_rng([seed, 1])
    shapes = ((PIXELS, WIDTH), (WIDTH, WIDTH), (WIDTH, CLASSES), (WIDTH, ATTRIBUTES))
    return [(rng.uniform(-1, 1, shape) / np.sqrt(shape[0]), np.zeros(shape[1])) for shape in shapes]


def batches(samples: Samples, *, seed: int, steps: int = STEPS) -> Samples:
    """Cut shuffled epochs of all samples into batches, so that each mixes both sets."""
    rng = np.random.default_rng([seed, 2])
    count = len(samples.images)
    epochs = -(-steps * BATCH // count)
    order = np.concatenate([rng.permutation(count) for _ in range(epochs)])
    return samples.take(order[: steps * BATCH].reshape(steps, BATCH))


def pseudo_labelled(samples: Samples, teachers: Mapping[str, Trained]) -> Samples:
    """Fill in what is missing: hard classes and soft attributes, each from its single-task teacher."""
    classes = teachers["classes"].class_logits.argmax(-1)
    attributes = 1 / (1 + np.exp(-teachers["attributes"].attribute_logits))
    return samples._replace(
        class_labels=np.where(samples.class_labels < 0, classes, samples.class_labels),
        attribute_labels=np.where(np.isnan(samples.attribute_labels), attributes, samples.attribute_labels),
    )
