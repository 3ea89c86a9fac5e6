"""The networks of images in all three frameworks: the first steps, from the same weights and batches.

Each framework has a process, in which its learner takes one step after the other. Together, all take each
step from the first one's weights. Alone, each goes on from its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from importlib.metadata import packages_distributions, version
from itertools import combinations
from pathlib import Path
from platform import python_version
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import faces, records, tables
from benchmarks.samples import Array, Batches, Samples, Size
from benchmarks.settings import settings
from benchmarks.suites import FACES, Schedule, reduced
from benchmarks.training import FRAMEWORKS, Job, Learner, flat
from benchmarks.workers import pool

SIZE = Size(40, 40)
SIDE = 32
"""Of the images, in pixels: the least that all networks take."""
SETTING = "DM JS + SCA posterior"
SCHEDULE = Schedule(steps=20, batch=8, sgd_rate=1e-3)
TOLERANCES = {"float32": 1e-3, "float64": 1e-8}
ON_CPU = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
KERAS_BACKENDS = {"torch": "torch", "keras": "tensorflow", "jax": "jax"}
PACKAGES = ("torch", "tensorflow", "jax", "keras")
HEADINGS = (
    "Network",
    "Precision",
    "Loss terms, together",
    "Heads' gradients, together",
    "Loss terms, alone",
    "Heads' gradients, alone",
)


class Steps(NamedTuple):
    """What a network went through: loss terms (steps, 5), and the gradients of its heads (steps, K)."""

    terms: Array
    gradients: Array


class Difference(NamedTuple):
    """The largest relative difference of each step, (steps,): of loss terms, and of the heads' gradients."""

    terms: Array
    gradients: Array


class Walk:
    """A learner, the batches that come next, and the velocity of its heads."""

    def __init__(self, learner: Learner, batches: Iterable[Samples]) -> None:
        self.learner, self.batches = learner, iter(batches)
        self.velocity: Array | float = 0.0

    def step(self, weights: Sequence[Array] | None) -> tuple[Array, Array]:
        """Take a step, from some weights if given, and return its terms and the gradient of the heads."""
        if weights is not None:
            self.learner.set_weights(weights)
        before = flat(self.learner.kernels())
        terms = self.learner.learn(next(self.batches))
        gradient, self.velocity = slope(before, flat(self.learner.kernels()), self.velocity)
        return np.array([float(term) for term in terms]), gradient


_walks: list[Walk] = []
"""The one that this process is at."""


def begin(framework: str, network: str, dtype: str) -> None:
    """Let this process be at the start, with a network of small images."""
    suite = replace(FACES, network=network, schedule=SCHEDULE)
    samples = faces.dataset(SIZE.class_labelled, SIZE.attribute_labelled, seed=0)
    small = samples._replace(images=reduced(samples.images, SIDE))
    batches = Batches(small, size=SCHEDULE.batch, steps=SCHEDULE.steps, seed=0, dtype=dtype)
    job = Job(settings(SIZE)[SETTING], suite, 0, batches, small.images[:1], parity=True)
    _walks[:] = [Walk(import_module(f"benchmarks.{framework}").Learner(job), batches.after(0))]


def step(weights: Sequence[Array] | None) -> tuple[Array, Array]:
    """Take the next step of this process."""
    return _walks[0].step(weights)


def weights() -> list[Array]:
    """Return what this process is at."""
    return _walks[0].learner.weights()


def slope(before: Array, after: Array, velocity: Array | float) -> tuple[Array, Array]:
    """Return the gradient by what SGD with momentum made of the heads (K,), and their new velocity.

    The velocity is v_t = m v_(t-1) + g_t, and a step subtracts the learning rate times v_t.
    """
    new = (before.astype(np.float64) - after) / SCHEDULE.sgd_rate
    return new - SCHEDULE.momentum * velocity, new


def walk(processes: Mapping[str, Executor], network: str, dtype: str, *, together: bool) -> dict[str, Steps]:
    """Take all steps in all frameworks, `together` each from the weights of the first."""
    for begun in [process.submit(begin, name, network, dtype) for name, process in processes.items()]:
        begun.result()
    leader = next(iter(processes.values()))
    taken = []
    for _ in range(SCHEDULE.steps):
        given = leader.submit(weights).result() if together else None
        moves = [process.submit(step, given) for process in processes.values()]
        taken.append([move.result() for move in moves])
    each = zip(processes, zip(*taken, strict=True), strict=True)
    return {name: Steps(*map(np.array, zip(*steps, strict=True))) for name, steps in each}


def compare(console: Console, networks: Sequence[str], page: Path | None = None) -> bool:
    """Train each network in every framework and precision, show a table, and tell whether all agree.

    They agree where no step differs by more than it should, from the same weights. The table is written to
    `page` too, where that is given.
    """
    rows = []
    agreed = True
    cases = [(network, dtype) for network in networks for dtype in TOLERANCES]
    for network, dtype in track(cases, "parity", console=console):
        together, alone = compared(network, dtype)
        agreed &= all((steps <= TOLERANCES[dtype]).all() for steps in together)  # NaN is not
        rows.append((network, dtype, *(f"{steps.max():.1e}" for steps in (*together, *alone))))
    shown = Table(*HEADINGS)
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
    if page is not None:
        lines = ("# Parity of the networks", "", _legend(), "", *tables.markdown(HEADINGS, rows), "")
        records.write(page, "\n".join(lines).encode())
    return agreed


def compared(network: str, dtype: str) -> tuple[Difference, Difference]:
    """Return how frameworks differ together and alone.

    Each has a process whose environment says which backend Keras has, and that JAX may use float64.
    """
    wide = {"JAX_ENABLE_X64": "1"} if dtype == "float64" else {}
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(pool(1, {**ON_CPU, **wide, "KERAS_BACKEND": KERAS_BACKENDS[name]}))
            for name in FRAMEWORKS
        }
        together = largest(walk(processes, network, dtype, together=True))
        return together, largest(walk(processes, network, dtype, together=False))


def largest(walks: Mapping[str, Steps]) -> Difference:
    """Return the largest differences between any two frameworks."""
    found = [difference(walks[one], walks[other]) for one, other in combinations(walks, 2)]
    return Difference(*(np.max(values, axis=0) for values in zip(*found, strict=True)))


def difference(one: Steps, other: Steps) -> Difference:
    """Compare the terms, relative to themselves, and each step's gradients, relative to the largest."""
    terms = np.abs(one.terms - other.terms) / np.abs(one.terms)
    gradients = np.abs(one.gradients - other.gradients).max(1) / np.abs(one.gradients).max(1)
    return Difference(terms.max(1), gradients)


def _legend() -> str:
    """Say what the table is of."""
    bounds = ", ".join(f"{bound:g} in {dtype}" for dtype, bound in TOLERANCES.items())
    packaged = packages_distributions()  # TensorFlow for CPUs alone has a name of its own
    versions = ", ".join(f"{name} {version(packaged[name][0])}" for name in PACKAGES)
    return (
        f"The first {SCHEDULE.steps} steps on the CPU, {SCHEDULE.batch} faces of {SIDE} x {SIDE} pixels, "
        f"{SETTING}, on the same batches in PyTorch, Keras on TensorFlow and JAX: the largest relative "
        "difference between any two, at any step. Together, all take each step from PyTorch's weights: to "
        f"be at most {bounds}. Alone, each goes on from its own weights, so that what is rounded off at one "
        "step adds to, and in training grows with, what the next differ by. "
        f"Python {python_version()}, {versions}."
    )
