"""The same inputs give the same bits: from run to run, from process to process, in eight threads at once."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import jax
import keras
import numpy as np
import pytest
from ways import LOSSES
from ways import jax as jax_ways
from ways import torch as torch_ways
from ways.cases import CASES, Found

from coupling.keras import DistributionMatchingLoss

TESTS = Path(__file__).parent
THREADS = 8


def digest(found: Found) -> str:
    """A hash of all values and gradients, in an order of their own."""
    bits = hashlib.sha256()
    for key in sorted(found):
        for name in sorted(found[key]):
            bits.update(f"{key} {name} {found[key][name].dtype}".encode() + found[key][name].tobytes())
    return bits.hexdigest()


PROCESS = """
import sys, warnings; sys.path.insert(0, sys.argv[1]); warnings.simplefilter("ignore")
from test_reproducible import digest
from ways import LOSSES, {framework} as ways
first, second = (digest(ways.{way}(LOSSES)) for _ in range(2))
assert first == second
print("bits", first)
"""


@pytest.mark.parametrize(
    ("framework", "way"), [("torch", "autograd"), ("jax", "jit"), ("keras", "run_eagerly")]
)
def test_from_run_to_run_and_process_to_process(framework: str, way: str) -> None:
    """Twice in each of two processes, in which sets and dictionaries of names hash differently."""
    code = PROCESS.format(framework=framework, way=way)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(TESTS)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    outputs = [process.communicate() for process in processes]
    bits = [output.rpartition("bits ")[2].strip() for output, _ in outputs]
    assert len(bits[0]) == 64, outputs[0][1]
    assert bits[0] == bits[1]


def assert_same_in_threads(run: Callable[[], Any]) -> None:
    """Eight threads that start together, three times each, give what one gives alone."""
    expected, barrier = run(), Barrier(THREADS)

    def runs() -> list[Any]:
        barrier.wait()
        return [run() for _ in range(3)]

    with ThreadPoolExecutor(THREADS) as threads:
        futures = [threads.submit(runs) for _ in range(THREADS)]
        assert {bits for future in futures for bits in future.result()} == {expected}


def test_threads_share_a_torch_module() -> None:
    losses = torch_ways.Losses(LOSSES)
    assert_same_in_threads(lambda: digest(torch_ways.differentiated(losses, losses)))


def test_threads_share_a_jitted_function() -> None:
    names = ("coupled_graph",)
    jitted, inputs = jax.jit(jax_ways.slopes(jax_ways.losses)), jax_ways.inputs(names)

    def run() -> str:
        (_, values), gradient = jitted(*inputs)
        return digest(jax_ways.quantities(values, gradient=gradient))

    assert_same_in_threads(run)


def test_threads_share_a_keras_loss() -> None:
    case = CASES["distribution_matching"]
    loss = DistributionMatchingLoss(**case.options, from_logits=True)
    z, s, weight = (np.asarray(x, np.float32) for x in case.arrays.values())
    assert_same_in_threads(lambda: keras.ops.convert_to_numpy(loss(z, s, weight)).tobytes())
