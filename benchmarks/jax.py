"""Training in JAX, with optax."""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import numpy as np
import optax

from benchmarks.networks import Shapes
from benchmarks.networks.jax import build
from benchmarks.samples import Array, Samples
from benchmarks.settings import Setting
from benchmarks.suites import Suite
from benchmarks.training import Job, Trained, flat, predicted, smoothing
from coupling.jax import CoupledTerms, class_cross_entropy, coupled

packages = ("jax", "flax", "optax")


def device() -> str:
    """Name the device that JAX takes by default."""
    return str(jax.devices()[0].device_kind)


def train(job: Job) -> Trained:
    """Train a network; see `benchmarks.training.Framework`."""
    network = build(job.suite.network, job.shapes, seed=job.seed, dtype=job.batches.dtype, parity=job.parity)
    setting = job.setting.without_method()
    optimizer, step, predict = _compiled(setting, job.suite, job.shapes, job.batches.dtype, job.parity)
    parameters, state = network.parameters, network.state
    moments = optimizer.init(parameters)

    def call(images: Array) -> tuple[Array, Array]:
        class_logits, attribute_logits = predict(parameters, state, images)
        return np.asarray(class_logits), np.asarray(attribute_logits)

    rows, curve = [], {}
    heads = [flat(map(np.asarray, network.kernels(parameters)))]
    for number, batch in enumerate(job.batches, 1):
        parameters, state, moments, terms = step(parameters, state, moments, batch)
        if job.parity:
            rows.append(terms)
            heads.append(flat(map(np.asarray, network.kernels(parameters))))
        if number in job.at:
            curve[number] = predicted(call, job.watched, job)
    return Trained(predicted(call, job.images, job), curve, np.array(rows), np.array(heads))


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
        terms = coupled(*logits, batch.class_labels, batch.attribute_labels, relatedness, **setting.options)
        total = terms.total + added(logits[0], batch.class_labels) if added else terms.total
        return total, (terms, state)

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
