"""Keras trains on several devices as it does on one, whatever it runs on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from coupling import Attributes, Classes, CouplingGraph, Relatedness
from coupling.keras import (
    CoupledGraphModel,
    CoupledModel,
    DistributionMatching,
    DistributionMatchingLoss,
    SoftCoAnnotationLoss,
    functional,
)

TESTS = Path(__file__).parents[1]
TABLE = Relatedness([[0.9, 0.1], [0.2, 0.7]])
WAYS = {"mirrored": "tensorflow", "distribution": "jax", "processes": "torch"}
# The layer and Keras' metrics add up in float32.
LOGS = 1e-6


@pytest.mark.parametrize("way", WAYS)
def test_as_on_one_device(way: str) -> None:
    jax = {"JAX_NUM_CPU_DEVICES": "2", "JAX_ENABLE_X64": "1"}
    environment = {**os.environ, **jax, "KERAS_BACKEND": WAYS[way]}
    command = [sys.executable, "keras_devices.py", way]
    done = subprocess.run(
        command, cwd=TESTS, env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr
    errors = json.loads(done.stdout.splitlines()[-1])
    assert errors
    for name, error in errors.items():
        assert error < (LOGS if name.endswith("logs") else 1e-10), errors


def coupled_model(**options: object) -> CoupledModel:
    inputs = keras.Input((4,))
    heads = {name: keras.layers.Dense(2)(inputs) for name in ("classes", "attributes")}
    return CoupledModel(inputs, heads, relatedness=TABLE, **options)


def graph_model(**options: object) -> CoupledGraphModel:
    inputs = keras.Input((4,))
    tasks = {"classes": Classes(["a", "b"]), "attributes": Attributes(["c", "d"])}
    heads = {name: keras.layers.Dense(2)(inputs) for name in tasks}
    return CoupledGraphModel(inputs, heads, graph=CouplingGraph(tasks), **options)


BUILDS = {
    "layer": lambda **options: DistributionMatching(TABLE, **options),
    "matching": lambda **options: DistributionMatchingLoss(TABLE, **options),
    "annotation": lambda **options: SoftCoAnnotationLoss(TABLE, **options),
    "model": coupled_model,
    "graph": graph_model,
}


@pytest.mark.parametrize("build", BUILDS)
def test_saved_with_the_rest(build: str) -> None:
    for synchronized in (False, True):
        made = BUILDS[build](synchronized=synchronized)
        config = json.loads(json.dumps(made.get_config()))
        assert config["synchronized"] is synchronized
        assert type(made).from_config(config).get_config()["synchronized"] is synchronized


@pytest.mark.parametrize("build", BUILDS)
def test_what_is_refused(build: str) -> None:
    with pytest.raises(TypeError, match="synchronized should be True or False, got str"):
        BUILDS[build](synchronized="yes")


def test_only_a_mean_is_synchronized() -> None:
    message = "synchronized is not taken with reduction='sum', got True"
    with pytest.raises(ValueError, match=message):
        SoftCoAnnotationLoss(TABLE, synchronized=True, reduction="sum")
    with pytest.raises(ValueError, match=message):
        functional.soft_co_annotation([[0.5, 0.5]], [[1, 0]], TABLE, synchronized=True, reduction="sum")
