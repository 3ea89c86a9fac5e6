"""A loss over an axis of devices, or of sharded arrays, is that of the whole batch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from coupling import Relatedness
from coupling.jax import class_cross_entropy, distribution_matching

TESTS = Path(__file__).parents[1]
WAYS = ("outside", "outside, unchecked", "inside", "inside, unchecked", "jit")
LOSSES = ("directed", "divergences")
TABLE = Relatedness([[0.9, 0.1], [0.2, 0.7]])
LOGITS = jnp.zeros((4, 2)), jnp.zeros((4, 2))


@pytest.fixture(scope="module")
def errors() -> dict[str, float]:
    command = [sys.executable, "-W", "error", "jax_devices.py"]
    environment = {**os.environ, "JAX_NUM_CPU_DEVICES": "8"}
    done = subprocess.run(
        command, cwd=TESTS, env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loss", LOSSES)
def test_as_on_one_device(loss: str, way: str, errors: dict[str, float]) -> None:
    assert errors[f"{loss}: {way}"] < 1e-10


def test_an_axis_of_vmap() -> None:
    labels = jnp.asarray([[0, -1], [-1, -1]])
    logits = jnp.asarray([[[0.0, 1.0]] * 2] * 2)
    parts = jax.vmap(lambda z, y: class_cross_entropy(z, y, axis_name="part"), axis_name="part")(
        logits, labels
    )
    assert parts[1] == 0
    assert jnp.allclose(parts.mean(), class_cross_entropy(logits[0], labels[0]))


@pytest.mark.parametrize("axis_name", [1, ("a", 1), (), ["a"]])
def test_what_is_no_axis(axis_name: object) -> None:
    message = "axis_name should be the name of an axis or a tuple of such, got "
    with pytest.raises(TypeError, match=message):
        distribution_matching(*LOGITS, TABLE, axis_name=axis_name)


def test_only_a_mean_has_an_axis() -> None:
    with pytest.raises(ValueError, match="axis_name is not taken with reduction='sum', got 'a'"):
        distribution_matching(*LOGITS, TABLE, axis_name="a", reduction="sum")
