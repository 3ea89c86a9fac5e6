"""Training in JAX, with optax."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.checkpoints import State
from benchmarks.networks import Shapes
from benchmarks.networks.jax import build
from benchmarks.samples import Array, Samples
from benchmarks.settings import Setting
from benchmarks.suites import Suite
from benchmarks.training import Job, Trained, run, smoothing
from coupling.jax import CoupledTerms, class_cross_entropy, coupled

packages = ("jax", "flax", "optax")


def device() -> str:
    """Name the device that JAX takes by default."""
    return str(jax.devices()[0].device_kind)


def train(job: Job) -> Trained:
    """Train a network; see `benchmarks.training.Framework`."""
    return run(job, Learner(job))


class Learner:
    """A network and its optimiser as one tree of arrays; see `benchmarks.training.Learner`."""

    def __init__(self, job: Job) -> None:
        suite, dtype, parity = job.suite, job.batches.dtype, job.parity
        network = build(suite.network, job.shapes, seed=job.seed, dtype=dtype, parity=parity)
        compiled = _compiled(job.setting.without_method(), suite, job.shapes, dtype, parity)
        optimizer, self._step, self._predict = compiled
        self._kernels = network.kernels
        self.tree = network.parameters, network.state, optimizer.init(network.parameters)

    def learn(self, batch: Samples) -> Sequence[jax.Array]:
        """Take a step."""
        terms: CoupledTerms
        *tree, terms = self._step(*self.tree, batch)
        self.tree = tuple(tree)
        return terms

    def predict(self, images: Array) -> tuple[Array, Array]:
        """Return the logits of both tasks."""
        parameters, state, _ = self.tree
        class_logits, attribute_logits = self._predict(parameters, state, images)
        return np.asarray(class_logits), np.asarray(attribute_logits)

    def kernels(self) -> list[Array]:
        """Return those of the heads."""
        return list(map(np.asarray, self._kernels(self.tree[0])))

    def weights(self) -> list[Array]:
        """Return them in Keras' order."""
        return list(map(np.asarray, jax.tree.leaves(self.tree[0])))

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Take them."""
        structure = jax.tree.structure(self.tree[0])
        self.tree = (jax.tree.unflatten(structure, map(jnp.asarray, weights)), *self.tree[1:])

    def state(self) -> State:
        """Return the leaves of the tree, of random keys their data."""
        leaves = jax.tree.leaves(self.tree)
        return {
            str(number): np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)
            for number, leaf in enumerate(leaves)
        }

    def restore(self, state: State) -> None:
        """Take it back."""
        leaves, structure = jax.tree.flatten(self.tree)
        given = [jnp.asarray(state[str(number)]) for number in range(len(leaves))]
        restored = [
            jax.random.wrap_key_data(own, impl=jax.random.key_impl(leaf)) if _is_key(leaf) else own
            for leaf, own in zip(leaves, given, strict=True)
        ]
        self.tree = jax.tree.unflatten(structure, restored)


def _is_key(leaf: jax.Array) -> bool:
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


@cache
def _compiled(
    setting: Setting, suite: Suite, shapes: Shapes, dtype: Any, parity: bool
) -> tuple[optax.GradientTransformation, Callable[..., Any], Callable[..., Any]]:
    """Return a setting's optimiser, its step of training and its predictions, compiled once for all seeds."""
    schedule = suite.schedule
    adam, sgd = optax.adam(schedule.learning_rate), optax.sgd(schedule.sgd_rate, schedule.momentum)
    optimizer = sgd if parity else adam
    apply = build(suite.network, shapes, seed=0, dtype=dtype, parity=parity).apply
    relatedness = suite.relatedness(setting.relatedness)
    added = smoothing(schedule, setting, class_cross_entropy)

    def loss(parameters: Any, state: Any, batch: Samples) -> tuple[jax.Array, tuple[CoupledTerms, Any]]:
        logits, state = apply(parameters, state, batch.images, training=True)
        _, class_labels, attribute_labels, weights = batch
        terms = coupled(
            *logits, class_labels, attribute_labels, relatedness, sample_weight=weights, **setting.options
        )
        if added:
            more = added(logits[0], class_labels, weights)
            terms = terms._replace(total=terms.total + more, classes=terms.classes + more)
        return terms.total, (terms, state)

    @jax.jit
    def step(parameters: Any, state: Any, moments: Any, batch: Samples) -> tuple[Any, ...]:
        gradient, (terms, state) = jax.grad(loss, has_aux=True)(parameters, state, batch)
        updates, moments = optimizer.update(gradient, moments)
        return optax.apply_updates(parameters, updates), state, moments, terms

    @jax.jit
    def predict(parameters: Any, state: Any, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        logits: tuple[jax.Array, jax.Array] = apply(parameters, state, images, training=False)[0]
        return logits

    return optimizer, step, predict
