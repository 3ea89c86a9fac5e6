"""The network in Keras, on the backend that KERAS_BACKEND names; TensorFlow by default."""

import warnings
from functools import cache
from typing import Any

import keras
import numpy as np

from benchmarks import training
from benchmarks.digits import Array, Samples, relatedness
from benchmarks.settings import Setting
from benchmarks.training import Trained, Weights
from coupling.keras import CoupledModel
from coupling.keras.functional import CoupledTerms

packages = ("keras", keras.backend.backend())

LAYERS = ("first", "second", "classes", "attributes")
TERMS = ("loss", *(f"{part}_loss" for part in CoupledTerms._fields[1:]))


def network(setting: Setting) -> CoupledModel:
    """Build a trunk with a head for each task, coupled."""
    images = keras.Input((training.PIXELS,))
    features = keras.layers.Dense(training.WIDTH, "relu", name="first")(images)
    features = keras.layers.Dense(training.WIDTH, "relu", name="second")(features)
    heads = {
        "classes": keras.layers.Dense(training.CLASSES, name="classes")(features),
        "attributes": keras.layers.Dense(training.ATTRIBUTES, name="attributes")(features),
    }
    return CoupledModel(images, heads, relatedness=relatedness(), from_logits=True, **setting.options)


def device() -> str:
    """Name the first device that the backend sees."""
    return str(keras.distribution.list_devices()[0])


def train(
    setting: Setting, batches: Samples, images: Array, *, weights: Weights, parity: bool = False
) -> Trained:
    """Train the network; see `benchmarks.training.Framework`."""
    keras.config.set_floatx(images.dtype.name)
    model, state = _compiled(setting, parity)
    model.set_state_tree(state)
    for name, layer in zip(LAYERS, weights, strict=True):
        model.get_layer(name).set_weights(layer)
    steps, batch_size = batches.class_labels.shape
    pixels, class_labels, attribute_labels = (part.reshape(-1, *part.shape[2:]) for part in batches)
    with warnings.catch_warnings():  # a single task leaves the other's head without a gradient
        warnings.filterwarnings("ignore", "Gradients do not exist")
        history = model.fit(
            pixels,
            {"classes": class_labels, "attributes": attribute_labels},
            batch_size=batch_size,
            shuffle=False,
            verbose=0,
            **({"epochs": steps, "steps_per_epoch": 1} if parity else {}),  # history has a row for each epoch
        ).history
    logits = model.predict_on_batch(images)
    terms = np.stack([history[term] for term in TERMS], axis=-1)
    return Trained(np.asarray(logits["classes"]), np.asarray(logits["attributes"]), terms)


@cache
def _compiled(setting: Setting, parity: bool) -> tuple[CoupledModel, dict[str, Any]]:
    """Build and compile a setting's model once, so that its training is traced once, with its first state."""
    model = network(setting)
    if parity:
        model.compile(keras.optimizers.SGD(training.SGD_RATE, momentum=training.MOMENTUM))
    else:
        steps_at_once = 1 if keras.backend.backend() == "torch" else 20  # on PyTorch, Keras refuses more
        model.compile(keras.optimizers.Adam(training.LEARNING_RATE), steps_per_execution=steps_at_once)
    model.optimizer.build(model.trainable_variables)
    return model, model.get_state_tree(value_format="numpy_array")
