"""One network, one set of weights, one order of batches, three frameworks: the same numbers."""

from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import combinations
from typing import cast

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.samples import Batches, Size
from benchmarks.settings import settings
from benchmarks.suites import DIGITS
from benchmarks.training import FRAMEWORKS, Framework, Job, Trained
from benchmarks.workers import pool

TERMS = ("total", "classes", "attributes", "distribution matching", "soft co-annotation")
SIZE = Size(100, 100)
STEPS = 200
TOLERANCE = 1e-8
SETTINGS = ("both as printed", "DM JS + SCA posterior", "directed preset")

FLOAT64_ON_CPU = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1"}


def train(framework: str, name: str, *, steps: int = STEPS) -> Trained:
    """Train in float64 and keep the terms of every step."""
    batches = Batches(
        DIGITS.training_set(SIZE, seed=0), size=DIGITS.schedule.batch, steps=steps, seed=0, dtype=np.float64
    )
    images = DIGITS.test_set().images
    return cast(Framework, import_module(f"benchmarks.{framework}")).train(
        Job(settings(SIZE)[name], DIGITS, 0, batches, images, parity=True)
    )


def compare(console: Console, *, names: Sequence[str] = SETTINGS, steps: int = STEPS) -> bool:
    """Train in every framework, print the largest differences, and tell whether all agree."""
    trained: dict[str, dict[str, Trained]] = {name: {} for name in names}
    for framework in track(FRAMEWORKS, "parity", console=console):
        with pool(1, FLOAT64_ON_CPU) as process:
            runs = process.map(partial(train, framework, steps=steps), names)
            for name, run in zip(names, runs, strict=True):
                trained[name][framework] = run
    agreed = [_show(name, trained[name], console) for name in names]
    return all(agreed)


def differences(one: Trained, other: Trained) -> dict[str, float]:
    """Return the largest difference of each term over the steps, and of the final logits."""
    terms = np.abs(one.terms - other.terms).max(0)
    logits = max(
        np.abs(mine - its).max() for mine, its in zip(one.predictions, other.predictions, strict=True)
    )
    return {**dict(zip(TERMS, terms.tolist(), strict=True)), "final logits": float(logits)}


def same_predictions(one: Trained, other: Trained) -> bool:
    """Tell whether every class and every attribute is predicted alike."""
    mine, its = one.predictions, other.predictions
    classes = np.array_equal(mine.class_logits.argmax(-1), its.class_logits.argmax(-1))
    return classes and np.array_equal(mine.attribute_logits > 0, its.attribute_logits > 0)


def agree(one: Trained, other: Trained) -> bool:
    """Tell whether the terms of all steps are within the tolerance (NaN is not) and the predictions equal."""
    own = differences(one, other)
    return all(own[term] <= TOLERANCE for term in TERMS) and same_predictions(one, other)


def _show(name: str, trained: Mapping[str, Trained], console: Console) -> bool:
    pairs = list(combinations(FRAMEWORKS, 2))
    found = [differences(trained[one], trained[other]) for one, other in pairs]
    table = Table(
        "Largest difference",
        *(f"{FRAMEWORKS[one]} – {FRAMEWORKS[other]}" for one, other in pairs),
        title=name,
    )
    for term in (*TERMS, "final logits"):
        table.add_row(term, *(f"{own[term]:.1e}" for own in found))
    same = [same_predictions(trained[one], trained[other]) for one, other in pairs]
    table.add_row("final predictions", *("equal" if own else "differ" for own in same))
    console.print(table)
    return all(agree(trained[one], trained[other]) for one, other in pairs)
