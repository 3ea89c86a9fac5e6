"""The networks of images in all three frameworks: the first steps, from the same weights and batches."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from platform import python_version
from typing import NamedTuple, cast

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import faces, records, tables
from benchmarks.samples import Array, Batches, Size
from benchmarks.settings import settings
from benchmarks.suites import FACES, Schedule, reduced
from benchmarks.training import FRAMEWORKS, Framework, Job, Trained
from benchmarks.workers import pool

SIZE = Size(40, 40)
SIDE = 32
"""Of the images, in pixels: the least that all networks take."""
SETTING = "DM JS + SCA posterior"
SCHEDULE = Schedule(steps=20, batch=8, sgd_rate=1e-3)
TOLERANCES = {"float32": 1e-3, "float64": 1e-8}
ON_CPU = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
KERAS_BACKENDS = {"torch": "torch", "keras": "tensorflow", "jax": "jax"}


PACKAGES = ("torch", "tensorflow-cpu", "jax", "keras")
HEADINGS = (
    "Network",
    "Precision",
    "Loss terms, first step",
    "all steps",
    "Heads' gradients, first step",
    "all steps",
)


class Difference(NamedTuple):
    """The largest relative difference of each step, (steps,): of loss terms, and of the heads' gradients."""

    terms: Array
    gradients: Array


def train(framework: str, network: str, dtype: str) -> Trained:
    """Train for a few steps on small images, and keep the terms and the heads of every step."""
    suite = replace(FACES, network=network, schedule=SCHEDULE)
    samples = faces.dataset(SIZE.class_labelled, SIZE.attribute_labelled, seed=0)
    small = samples._replace(images=reduced(samples.images, SIDE))
    batches = Batches(small, size=SCHEDULE.batch, steps=SCHEDULE.steps, seed=0, dtype=dtype)
    job = Job(settings(SIZE)[SETTING], suite, 0, batches, small.images[:1], parity=True)
    return cast(Framework, import_module(f"benchmarks.{framework}")).train(job)


def compare(console: Console, networks: Sequence[str], page: Path | None = None) -> bool:
    """Train each network in every framework and precision, show a table, and tell whether all agree.

    The table is written to `page` too, where that is given.
    """
    rows = []
    agreed = True
    cases = [(network, dtype) for network in networks for dtype in TOLERANCES]
    for network, dtype in track(cases, "parity", console=console):
        trained = {framework: _apart(framework, network, dtype) for framework in FRAMEWORKS}
        found = largest(trained)
        agreed &= all((steps <= TOLERANCES[dtype]).all() for steps in found)  # NaN is not
        worst = (value for steps in found for value in (steps[0], steps.max()))
        rows.append((network, dtype, *(f"{value:.1e}" for value in worst)))
    shown = Table(*HEADINGS)
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
    if page is not None:
        lines = ("# Parity of the networks", "", _legend(), "", *tables.markdown(HEADINGS, rows), "")
        records.write(page, "\n".join(lines).encode())
    return agreed


def _legend() -> str:
    """Say what the table is of."""
    bounds = ", ".join(f"{bound:g} in {dtype}" for dtype, bound in TOLERANCES.items())
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"The first {SCHEDULE.steps} steps on the CPU, {SCHEDULE.batch} faces of {SIDE} x {SIDE} pixels, "
        f"{SETTING}, from the same weights and batches in PyTorch, Keras on TensorFlow and JAX: the largest "
        f"relative differences between any two, to be at most {bounds}. What is rounded "
        "off at one step adds to what the next differ by, so the first has columns of its own. "
        f"Python {python_version()}, {versions}."
    )


def _apart(framework: str, network: str, dtype: str) -> Trained:
    """Train in a process whose environment says which backend Keras has, and that JAX may use float64."""
    environment = {**ON_CPU, "KERAS_BACKEND": KERAS_BACKENDS[framework]}
    if dtype == "float64":
        environment["JAX_ENABLE_X64"] = "1"
    with pool(1, environment) as process:
        return process.submit(partial(train, framework, network, dtype)).result()


def largest(trained: Mapping[str, Trained]) -> Difference:
    """Return the largest differences between any two frameworks."""
    found = [difference(trained[one], trained[other]) for one, other in combinations(trained, 2)]
    return Difference(*(np.max(values, axis=0) for values in zip(*found, strict=True)))


def difference(one: Trained, other: Trained) -> Difference:
    """Compare the terms, relative to themselves, and each step's gradients, relative to the largest."""
    terms = np.abs(one.terms - other.terms) / np.abs(one.terms)
    mine, its = gradients(one.heads), gradients(other.heads)
    return Difference(terms.max(1), np.abs(mine - its).max(1) / np.abs(mine).max(1))


def gradients(heads: Array) -> Array:
    """Return the gradients, (steps, K), by what SGD with momentum has made of the weights (1 + steps, K).

    The velocity is v_t = m v_(t-1) + g_t, and a step subtracts the learning rate times v_t.
    """
    velocity = -np.diff(heads.astype(np.float64), axis=0) / SCHEDULE.sgd_rate
    velocity[1:] -= SCHEDULE.momentum * velocity[:-1].copy()
    return velocity
