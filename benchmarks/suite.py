"""The suite: every setting at every size with every seed, in worker processes."""

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import as_completed
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any, NamedTuple, cast

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from benchmarks import digits, measures, training
from benchmarks.digits import Array, Samples
from benchmarks.records import Record, pack
from benchmarks.settings import BASELINE, SINGLE_TASK, SIZES, Setting, settings
from benchmarks.training import Framework, Trained
from benchmarks.workers import pool

PROCESSES = 2
SMOKE_SETTINGS = (SINGLE_TASK["classes"], BASELINE, "directed preset")
SMOKE_STEPS = 20


class Run(NamedTuple):
    """One network to train."""

    framework: str
    setting: str
    size: tuple[int, int]
    seed: int
    steps: int

    def __str__(self) -> str:
        return f"{self.setting}, {self.size[0]} / {self.size[1]} labels, seed {self.seed}"


def planned(framework: str, *, seeds: int, smoke: bool) -> list[Run]:
    """List the runs, setting by setting."""
    sizes = SIZES[:1] if smoke else SIZES
    names = SMOKE_SETTINGS if smoke else settings(*SIZES[0])
    steps = SMOKE_STEPS if smoke else training.STEPS
    return [
        Run(framework, name, size, seed, steps) for name in names for size in sizes for seed in range(seeds)
    ]


def execute(run: Run) -> Record:
    """Train one network and score it on the held-out images."""
    framework = cast(Framework, import_module(f"benchmarks.{run.framework}"))
    setting = settings(*run.size)[run.setting]
    samples = digits.training_set(*run.size, seed=run.seed)
    if setting.pseudo_labels:
        teachers = {
            task: _train(framework, settings(*run.size)[name], samples, samples.images, run)
            for task, name in SINGLE_TASK.items()
        }
        samples = training.pseudo_labelled(samples, teachers)
    held_out = digits.held_out()
    trained = _train(framework, setting, samples, held_out.images, run)
    return _record(run, setting, trained, held_out.class_labels)


def redo(run: Run, left: Record | None) -> Record:
    """Return what an earlier run has left where this one would give it again, else execute this one."""
    if left is not None:
        known = json.loads(json.dumps(circumstances(run)))
        if all(getattr(left, name) == value for name, value in known.items()):
            return left
    return execute(run)


def train_all(
    runs: Sequence[Run],
    console: Console,
    left: Iterable[Record] = (),
    keep: Callable[[Record], None] = lambda record: None,
) -> list[Record]:
    """Train all networks behind a progress bar that shows what is being trained.

    Args:
        runs: one for each network.
        console: where the bar goes.
        left: records of earlier runs, which stand for networks that would come out the same.
        keep: is given every new record as soon as it is there.
    """
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    queues = split(runs)
    made = {(record.framework, record.setting, record.size, record.seed): record for record in left}
    with ExitStack() as stack:
        workers = [stack.enter_context(pool(1)) for _ in queues]
        progress = stack.enter_context(Progress(*columns, console=console))
        futures = {
            run: worker.submit(redo, run, made.get(run[:4]))
            for worker, queue in zip(workers, queues, strict=True)
            for run in queue
        }
        stack.callback(lambda: [future.cancel() for future in futures.values()])  # after an error, the rest
        task = progress.add_task("", total=len(runs))
        for completed, future in enumerate(as_completed(futures.values())):
            record = future.result()
            if record not in made.values():
                keep(record)
            now = [next((str(run) for run in queue if not futures[run].done()), "") for queue in queues]
            progress.update(task, completed=completed + 1, description="; ".join(filter(None, now)))
    return [futures[run].result() for run in runs]


def split(runs: Sequence[Run]) -> list[list[Run]]:
    """Give each worker all runs of every other setting, so that each setting is compiled once."""
    names = list(dict.fromkeys(run.setting for run in runs))
    return [
        [run for run in runs if names.index(run.setting) % PROCESSES == worker] for worker in range(PROCESSES)
    ]


def _train(framework: Framework, setting: Setting, samples: Samples, images: Array, run: Run) -> Trained:
    batches = training.batches(samples, seed=run.seed, steps=run.steps).astype(np.float32)
    weights = training.initial_weights(run.seed)
    return framework.train(setting, batches, images.astype(np.float32), weights=weights)


def circumstances(run: Run) -> dict[str, Any]:
    """Return all that decides what a run gives, known before it."""
    framework = cast(Framework, import_module(f"benchmarks.{run.framework}"))
    return {
        "framework": run.framework,
        "setting": run.setting,
        "options": settings(*run.size)[run.setting].options,
        "class_labelled": run.size[0],
        "attribute_labelled": run.size[1],
        "seed": run.seed,
        "training": {
            "steps": run.steps,
            "batch": training.BATCH,
            "width": training.WIDTH,
            "learning_rate": training.LEARNING_RATE,
            "noise": digits.NOISE,
        },
        "versions": _versions(framework.packages),
        "device": framework.device(),
        "source": _source(run.framework),
    }


def _record(run: Run, setting: Setting, trained: Trained, truth: Array) -> Record:
    classes = trained.class_logits.argmax(-1) if "classes" in setting.tasks else None
    attributes = trained.attribute_logits > 0 if "attributes" in setting.tasks else None
    return Record(
        **circumstances(run),
        revision=_revision(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        metrics=measures.metrics(truth, classes, attributes),
        truth="".join(map(str, truth)),
        classes=None if classes is None else "".join(map(str, classes)),
        attributes=None if attributes is None else pack(attributes),
    )


@cache
def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    installed = {name: version(name) for name in ("coupling", "numpy", "scikit-learn")}
    # A distribution may have another name (tensorflow-cpu), so these say their versions themselves.
    frameworks = {name: import_module(name).__version__ for name in packages}
    return {"python": python_version(), **installed, **frameworks}


@cache
def _source(framework: str) -> str:
    """Return a digest of the library and of the benchmarks as they are, committed or not."""
    packages = ("benchmarks", "coupling", f"coupling.{framework}")
    folders = [Path(folder) for package in packages for folder in import_module(package).__path__]
    digest = hashlib.sha256()
    for path in sorted({path for folder in folders for path in folder.rglob("*.py")}):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _revision() -> str | None:
    """Return the commit of this checkout, marked where it is changed; None where there is none."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        described = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return described.stdout.strip()
