"""The ways of running TensorFlow code, each over the losses that it is given, as in `ways.torch`."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from coupling.keras import functional
from ways.cases import CASES, Found, Kind, choose

Batches = dict[str, dict[str, tf.Tensor]]
Values = dict[str, tf.Tensor]


def tensors(names: Sequence[str], kind: Kind) -> Batches:
    return {
        name: {key: tf.constant(x) for key, x in choose(CASES[name].arrays, kind).items()} for name in names
    }


def losses(logits: Batches, labels: Batches) -> Values:
    return {
        name: CASES[name].call(functional, {**logits[name], **labels[name]}, from_logits=True)
        for name in logits
    }


def quantities(values: Values, of: str = "value", **by: Batches) -> Found:
    found: Any = {name: {of: value.numpy()} for name, value in values.items()}
    for kind, batches in by.items():
        for name, group in batches.items():
            found[name] |= {f"{kind} by {key}": x.numpy() for key, x in group.items()}
    return found


def slopes(logits: Batches, labels: Batches) -> tuple[Values, Batches]:
    with tf.GradientTape() as tape:
        tape.watch(logits)
        values = losses(logits, labels)
        summed = tf.add_n(list(values.values()))
    return values, tape.gradient(summed, logits)


def gradient_tape(names: Sequence[str]) -> Found:
    values, gradient = slopes(tensors(names, "logits"), tensors(names, "labels"))
    return quantities(values, gradient=gradient)


def _traced(names: Sequence[str], **options: Any) -> Found:
    """Traced once for batches of any size: of none, then of four."""
    inputs = tensors(names, "logits"), tensors(names, "labels")
    signature = tf.nest.map_structure(lambda x: tf.TensorSpec([None, *x.shape[1:]], x.dtype), inputs)
    traced = tf.function(slopes, input_signature=signature, **options)
    empty, _ = traced(*tf.nest.map_structure(lambda x: x[:0], inputs))
    assert not any(tf.nest.flatten(empty))
    values, gradient = traced(*inputs)
    assert traced.experimental_get_tracing_count() == 1
    return quantities(values, gradient=gradient)


def function(names: Sequence[str]) -> Found:
    return _traced(names)


def xla(names: Sequence[str]) -> Found:
    return _traced(names, jit_compile=True)


def tape_of_tape(names: Sequence[str]) -> Found:
    logits, labels, along = (tensors(names, kind) for kind in ("logits", "labels", "direction"))
    with tf.GradientTape() as outer:
        outer.watch(logits)
        values, gradient = slopes(logits, labels)
        products = tf.nest.map_structure(lambda x, v: tf.reduce_sum(x * v), gradient, along)
        slope = tf.add_n(tf.nest.flatten(products))
    curvature = outer.gradient(slope, logits, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return quantities(values, gradient=gradient, curvature=curvature)


def forward_accumulator(names: Sequence[str]) -> Found:
    logits, labels, along = (tensors(names, kind) for kind in ("logits", "labels", "direction"))
    with tf.autodiff.ForwardAccumulator(tf.nest.flatten(logits), tf.nest.flatten(along)) as accumulator:
        values = losses(logits, labels)
    return quantities({name: accumulator.jvp(value) for name, value in values.items()}, of="slope")
