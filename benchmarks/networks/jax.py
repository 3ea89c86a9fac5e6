"""The networks in JAX: their parameters, what else they hold, and a function that applies them."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import jax
import numpy as np
from flax import nnx

from benchmarks.networks import HEADS, MLP, WIDTH, Shapes, mlp_weights

Logits = tuple[jax.Array, jax.Array]


class Network(NamedTuple):
    """A network as pure functions.

    `apply(parameters, state, images, training=...)` gives the logits of both tasks, and the state that it is
    in afterwards: moving means, random keys. `kernels(parameters)` gives those of both heads.
    """

    parameters: Any
    state: Any
    apply: Callable[..., tuple[Logits, Any]]
    kernels: Callable[[Any], list[jax.Array]]


class Mlp(nnx.Module):
    """A trunk with a head for each task."""

    def __init__(self, shapes: Shapes, *, dtype: Any, rngs: nnx.Rngs) -> None:
        def linear(inputs: int, outputs: int) -> nnx.Linear:
            return nnx.Linear(inputs, outputs, dtype=dtype, param_dtype=dtype, rngs=rngs)

        self.first = linear(*shapes.images, WIDTH)
        self.second = linear(WIDTH, WIDTH)
        self.classes = linear(WIDTH, shapes.classes)
        self.attributes = linear(WIDTH, shapes.attributes)

    def __call__(self, images: jax.Array) -> Logits:
        """Return the logits of both tasks."""
        features = nnx.relu(self.second(nnx.relu(self.first(images))))
        return self.classes(features), self.attributes(features)


def build(name: str, shapes: Shapes, *, seed: int, dtype: Any, parity: bool = False) -> Network:
    """Return a network with its initial weights.

    Args:
        name: "mlp", a network of `benchmarks.networks.images`, or "package.module:Class", a flax NNX module
            that is made by `Class(shapes, dtype=..., rngs=...)`, called with images, and gives the logits of
            its last layers `classes` and `attributes`.
        shapes: of the images and the heads.
        seed: of the weights.
        dtype: of the weights.
        parity: without what is random while it is trained.
    """
    if name == MLP:
        return _of_nnx(_mlp(shapes, seed, dtype))
    if ":" in name:
        return _of_nnx(_with_heads(name, _found(name)(shapes, dtype=dtype, rngs=nnx.Rngs(seed))))
    import keras

    from benchmarks.networks import images

    if keras.backend.backend() != "jax":
        raise ValueError(f"KERAS_BACKEND should be 'jax' here, got {keras.backend.backend()!r}")
    keras.config.set_floatx(np.dtype(dtype).name)
    model = images.build(name, shapes, seed=seed, parity=parity)
    return _of_keras(model)


def _mlp(shapes: Shapes, seed: int, dtype: Any) -> Mlp:
    network = Mlp(shapes, dtype=dtype, rngs=nnx.Rngs(0))
    layers = (network.first, network.second, network.classes, network.attributes)
    for layer, (kernel, bias) in zip(layers, mlp_weights(shapes, seed=seed), strict=True):
        layer.kernel = nnx.Param(jax.numpy.asarray(kernel, layer.param_dtype))
        layer.bias = nnx.Param(jax.numpy.asarray(bias, layer.param_dtype))
    return network


def _found(name: str) -> Callable[..., nnx.Module]:
    module, _, kind = name.partition(":")
    try:
        found: Callable[..., nnx.Module] = getattr(import_module(module), kind)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"network should be module:Class, there is none of {name!r}: {error}") from error
    return found


def _with_heads(name: str, network: nnx.Module) -> nnx.Module:
    lacking = [head for head in HEADS if not hasattr(getattr(network, head, None), "kernel")]
    if lacking:
        layers = " and ".join(HEADS)
        raise ValueError(f"network should have layers {layers} with a kernel, {name!r} lacks {lacking[0]}")
    return network


def _of_nnx(network: nnx.Module) -> Network:
    graph, parameters, state = nnx.split(network, nnx.Param, ...)

    def apply(parameters: Any, state: Any, images: jax.Array, *, training: bool) -> tuple[Logits, Any]:
        module = nnx.merge(graph, parameters, state, copy=True)  # or moving means would be another trace's
        module.train() if training else module.eval()
        logits = module(images)
        return logits, nnx.split(module, nnx.Param, ...)[2]

    def kernels(parameters: Any) -> list[jax.Array]:
        return [parameters[head]["kernel"][...] for head in HEADS]

    return Network(parameters, state, apply, kernels)


def _of_keras(model: Any) -> Network:
    def values(variables: Any) -> list[jax.Array]:
        return [variable.value for variable in variables]

    def apply(parameters: Any, state: Any, images: jax.Array, *, training: bool) -> tuple[Logits, Any]:
        outputs: Mapping[str, jax.Array]
        outputs, state = model.stateless_call(parameters, state, images, training=training)
        return (outputs["classes"], outputs["attributes"]), state

    places = [variable.path for variable in model.trainable_variables]

    def kernels(parameters: Any) -> list[jax.Array]:
        return [parameters[places.index(f"{head}/kernel")] for head in HEADS]

    return Network(values(model.trainable_variables), values(model.non_trainable_variables), apply, kernels)
