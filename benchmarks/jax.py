"""The network in JAX, with flax NNX and optax."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import numpy as np
import optax
from flax import nnx

from benchmarks import training
from benchmarks.digits import Array, Samples, relatedness
from benchmarks.settings import Setting
from benchmarks.training import Trained, Weights
from coupling.jax import CoupledTerms, coupled

packages = ("jax", "flax", "optax")


class Network(nnx.Module):
    """A trunk with a head for each task."""

    def __init__(self, *, dtype: Any, rngs: nnx.Rngs) -> None:
        def linear(inputs: int, outputs: int) -> nnx.Linear:
            return nnx.Linear(inputs, outputs, dtype=dtype, param_dtype=dtype, rngs=rngs)

        self.first = linear(training.PIXELS, training.WIDTH)
        self.second = linear(training.WIDTH, training.WIDTH)
        self.classes = linear(training.WIDTH, training.CLASSES)
        self.attributes = linear(training.WIDTH, training.ATTRIBUTES)

    def __call__(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        features = nnx.relu(self.second(nnx.relu(self.first(images))))
        return self.classes(features), self.attributes(features)


def device() -> str:
    """Name the device that JAX takes by default."""
    return str(jax.devices()[0].device_kind)


def train(
    setting: Setting, batches: Samples, images: Array, *, weights: Weights, parity: bool = False
) -> Trained:
    """Train the network; see `benchmarks.training.Framework`."""
    network = Network(dtype=images.dtype, rngs=nnx.Rngs(0))
    _set_weights(network, weights)
    graph, parameters = nnx.split(network)
    parameters, terms = _compiled(setting, graph, parity)(parameters, batches)
    class_logits, attribute_logits = nnx.merge(graph, parameters)(jax.numpy.asarray(images))
    return Trained(np.asarray(class_logits), np.asarray(attribute_logits), np.stack(terms, axis=-1))


@cache
def _compiled(setting: Setting, graph: Any, parity: bool) -> Callable[..., tuple[Any, CoupledTerms]]:
    """Return the whole training of a setting as one compiled function: a scan over its batches."""
    adam, sgd = optax.adam(training.LEARNING_RATE), optax.sgd(training.SGD_RATE, training.MOMENTUM)
    optimizer = sgd if parity else adam

    def loss(parameters: Any, batch: Samples) -> tuple[jax.Array, CoupledTerms]:
        logits = nnx.merge(graph, parameters)(batch.images)
        terms = coupled(*logits, batch.class_labels, batch.attribute_labels, relatedness(), **setting.options)
        return terms.total, terms

    def step(state: Any, batch: Samples) -> tuple[Any, CoupledTerms]:
        parameters, moments = state
        gradient, terms = jax.grad(loss, has_aux=True)(parameters, batch)
        updates, moments = optimizer.update(gradient, moments)
        return (optax.apply_updates(parameters, updates), moments), terms

    @jax.jit
    def run(parameters: Any, batches: Samples) -> tuple[Any, CoupledTerms]:
        (parameters, _), terms = jax.lax.scan(step, (parameters, optimizer.init(parameters)), batches)
        return parameters, terms

    return run


def _set_weights(network: Network, weights: Weights) -> None:
    layers = (network.first, network.second, network.classes, network.attributes)
    for layer, (kernel, bias) in zip(layers, weights, strict=True):
        layer.kernel = nnx.Param(jax.numpy.asarray(kernel, layer.param_dtype))
        layer.bias = nnx.Param(jax.numpy.asarray(bias, layer.param_dtype))
