"""Training in Keras, on the backend that KERAS_BACKEND names; TensorFlow by default."""

import warnings
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import keras
import numpy as np

from benchmarks.networks import HEADS, MLP, WIDTH, Shapes, images, mlp_weights
from benchmarks.samples import Array
from benchmarks.settings import Setting
from benchmarks.suites import Suite
from benchmarks.training import Job, Trained, flat, predicted, smoothing
from coupling.keras import CoupledModel
from coupling.keras.functional import CoupledTerms, class_cross_entropy

packages = ("keras", keras.backend.backend())

MLP_LAYERS = ("first", "second", "classes", "attributes")
TERMS = ("loss", *(f"{part}_loss" for part in CoupledTerms._fields[1:]))


def device() -> str:
    """Name the first device that the backend sees."""
    return str(keras.distribution.list_devices()[0])


def train(job: Job) -> Trained:
    """Train a network; see `benchmarks.training.Framework`."""
    keras.config.set_floatx(job.batches.dtype.name)
    setting = job.setting.without_method()
    model, state = _compiled(setting, job.suite, job.shapes, job.batches.dtype.name, job.parity)
    model.set_state_tree(state)
    _set_weights(model, job.suite.network, job.shapes, job.seed)

    def call(images: Array) -> tuple[Array, Array]:
        logits = model.predict_on_batch(images)
        return np.asarray(logits["classes"]), np.asarray(logits["attributes"])

    rows, curve = [], {}
    heads = [flat(_kernels(model))]
    for step, batch in enumerate(job.batches, 1):
        labels = {"classes": batch.class_labels, "attributes": batch.attribute_labels}
        with warnings.catch_warnings():  # a single task leaves the other's head without a gradient
            warnings.filterwarnings("ignore", "Gradients do not exist")
            logs = model.train_on_batch(batch.images, labels, return_dict=True)
        if job.parity:
            rows.append([logs[term] for term in TERMS])
            heads.append(flat(_kernels(model)))
        if step in job.at:
            curve[step] = predicted(call, job.watched, job)
    return Trained(predicted(call, job.images, job), curve, np.array(rows), np.array(heads))


def network(name: str, shapes: Shapes, *, parity: bool) -> keras.Model:
    """Build a trunk with a head for each task."""
    if name != MLP:
        return images.build(name, shapes, seed=0, parity=parity)
    inputs = keras.Input(shapes.images)
    features = keras.layers.Dense(WIDTH, "relu", name="first")(inputs)
    features = keras.layers.Dense(WIDTH, "relu", name="second")(features)
    heads = {
        "classes": keras.layers.Dense(shapes.classes, name="classes")(features),
        "attributes": keras.layers.Dense(shapes.attributes, name="attributes")(features),
    }
    return keras.Model(inputs, {"features": features, **heads})


@cache
def _compiled(
    setting: Setting, suite: Suite, shapes: Shapes, dtype: str, parity: bool
) -> tuple[CoupledModel, dict[str, Any]]:
    """Build and compile a setting's model once, so that its training is traced once, with its first state."""
    plain = network(suite.network, shapes, parity=parity)
    heads = {task: plain.output[task] for task in ("classes", "attributes")}
    model = CoupledModel(
        plain.input,
        heads,
        relatedness=suite.relatedness(setting.relatedness),
        from_logits=True,
        **setting.options,
    )
    schedule = suite.schedule
    added = smoothing(schedule, setting, partial(class_cross_entropy, from_logits=True))
    sgd = keras.optimizers.SGD(schedule.sgd_rate, momentum=schedule.momentum)
    optimizer = sgd if parity else keras.optimizers.Adam(schedule.learning_rate)
    model.compile(optimizer, loss={"classes": _of_keras(added)} if added else None)
    model.optimizer.build(model.trainable_variables)
    return model, model.get_state_tree(value_format="numpy_array")


def _kernels(model: CoupledModel) -> list[Array]:
    return [model.get_layer(head).get_weights()[0] for head in HEADS]


def _of_keras(added: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a loss as Keras calls it: the labels first, as real numbers and with an axis more."""
    return lambda labels, logits: added(logits, keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32"))


def _set_weights(model: CoupledModel, name: str, shapes: Shapes, seed: int) -> None:
    if name == MLP:
        for layer, weights in zip(MLP_LAYERS, mlp_weights(shapes, seed=seed), strict=True):
            model.get_layer(layer).set_weights(weights)
    else:
        images.draw(model, seed=seed)
