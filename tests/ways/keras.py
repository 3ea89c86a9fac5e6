"""The ways of training a Keras model, on the backend that KERAS_BACKEND names, as in `ways.torch`.

The weights of a model are the logits themselves, its inputs an identity matrix, and its optimiser takes a
step of 1: what a step of `fit` takes away from the weights is the gradient.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from unittest import mock

import keras
import ml_dtypes
import numpy as np

from coupling.keras import (
    CoupledGraphModel,
    CoupledModel,
    DistributionMatchingLoss,
    SoftCoAnnotationLoss,
    functional,
)
from ways.cases import CASES, EVERY_WAY, Case, Found, case_of, choose

OBJECT = " as an object"
OBJECTS = {"distribution_matching": DistributionMatchingLoss, "soft_co_annotation": SoftCoAnnotationLoss}
MODELS = {"coupled": CoupledModel, "coupled_graph": CoupledGraphModel}


class Losses(keras.Model):
    """A model that is trained on the sum of functions and loss objects, and logs each."""

    def losses_of(self, keys: Sequence[str]) -> None:
        self.keys = keys
        self.logged = {key: keras.metrics.Mean(name=key) for key in keys}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> Any:
        values = {}
        for key in self.keys:
            case = case_of(key)
            arrays = {name: y_pred[f"{key}/{name}"] for name in choose(case.arrays, "logits")}
            arrays |= {name: y[name] for name in choose(case.arrays, "labels")}
            if key.endswith(OBJECT):
                loss = OBJECTS[case.loss](**case.options, from_logits=True)
                weight, *inputs = arrays.pop("sample_weight"), *arrays.values()
                # As `compile` calls a loss: what it is held against comes first.
                values[key] = loss(
                    *(inputs if case.loss == "distribution_matching" else inputs[::-1]), weight
                )
            else:
                values[key] = case.call(functional, arrays, from_logits=True)
        for key, value in values.items():
            self.logged[key].update_state(value)
        return sum(values.values())


def heads(logits: Mapping[str, np.ndarray]) -> tuple[keras.KerasTensor, dict[str, keras.layers.Dense]]:
    return keras.Input((4,)), {
        name: keras.layers.Dense(
            x.shape[1],
            use_bias=False,
            kernel_initializer=lambda shape, dtype, x=x: keras.ops.convert_to_tensor(x, dtype),
        )
        for name, x in logits.items()
    }


def step(
    model: keras.Model, layers: Mapping[str, keras.layers.Dense], labels: Any, weight: Any, **options: Any
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """One step of `fit`: its log, and the gradients by the logits of each head."""
    model.compile(keras.optimizers.SGD(1.0), **options)
    before = {name: layer.get_weights()[0].copy() for name, layer in layers.items()}
    inputs = np.eye(4, dtype=np.float32)
    log = model.fit(inputs, labels, batch_size=4, sample_weight=weight, shuffle=False, verbose=0).history
    slopes = {name: before[name] - layer.get_weights()[0] for name, layer in layers.items()}
    return {name: np.float32(values[0]) for name, values in log.items()}, slopes


def trained(names: Sequence[str], dtype: Any = None, **options: Any) -> Found:
    functions = [name for name in names if CASES[name].loss not in MODELS]
    keys = functions + [name + OBJECT for name in functions if CASES[name].loss in OBJECTS]
    found = _functions(keys, options) if keys else {}
    for name in names:
        if CASES[name].loss in MODELS:
            found[name] = _model(CASES[name], options)
    rounded = partial(np.asarray, dtype=dtype)
    return {
        key: {name: rounded(x) if name.startswith("gradient") else x for name, x in group.items()}
        for key, group in found.items()
    }


def _functions(keys: Sequence[str], options: Mapping[str, Any]) -> Found:
    logits, labels = {}, {}
    for key in keys:
        arrays = case_of(key).arrays
        logits |= {f"{key}/{name}": x for name, x in choose(arrays, "logits").items()}
        labels |= choose(arrays, "labels")
    inputs, layers = heads(logits)
    model = Losses(inputs, {name: layer(inputs) for name, layer in layers.items()})
    model.losses_of(keys)
    log, slopes = step(model, layers, labels, None, **options)
    found = {key: {"value": log[key]} for key in keys}
    for name, slope in slopes.items():
        key, _, head = name.rpartition("/")
        found[key][f"gradient by {head}"] = slope
    return found


def _model(case: Case, options: Mapping[str, Any]) -> dict[str, np.ndarray]:
    logits, labels = choose(case.arrays, "logits"), dict(choose(case.arrays, "labels"))
    weight = labels.pop("sample_weight")
    inputs, layers = heads(logits)
    outputs = {_task(name): layer(inputs) for name, layer in layers.items()}
    model = MODELS[case.loss](inputs, outputs, from_logits=True, **case.options)
    by_task = {_task(name): x for name, x in labels.items()}
    log, slopes = step(model, layers, by_task, weight, **options)
    return {"value": log["loss"], **{f"gradient by {name}": slope for name, slope in slopes.items()}}


def _task(name: str) -> str:
    stem, _, _ = name.rpartition("_")
    return {"class": "classes", "attribute": "attributes"}.get(stem, stem)


def run_eagerly(names: Sequence[str]) -> Found:
    return trained(names, run_eagerly=True)


def fit(names: Sequence[str]) -> Found:
    return trained(names)


def jit_compile(names: Sequence[str]) -> Found:
    """XLA on TensorFlow and JAX; on PyTorch its compiler, which writes C++ for `nox -s ways` only."""
    if keras.backend.backend() != "torch":
        return trained(names, jit_compile=True)
    import torch

    torch.compiler.reset()
    backend = {} if EVERY_WAY else {"backend": "aot_eager"}
    with mock.patch.object(torch, "compile", partial(torch.compile, **backend)):
        return trained(names, jit_compile=True)


def _mixed(names: Sequence[str], policy: str, dtype: Any) -> Found:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:  # compiling has its own ways, and takes longer
        return trained(names, dtype, run_eagerly=not EVERY_WAY)
    finally:
        keras.config.set_dtype_policy(before)


def mixed_float16(names: Sequence[str]) -> Found:
    return _mixed(names, "mixed_float16", np.float16)


def mixed_bfloat16(names: Sequence[str]) -> Found:
    return _mixed(names, "mixed_bfloat16", ml_dtypes.bfloat16)
