"""The suite: every setting at every size with every seed, in worker processes."""

import hashlib
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any, NamedTuple, cast

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from benchmarks import checkpoints, measures, records
from benchmarks.augmentations import AUGMENTATIONS
from benchmarks.records import Record, pack
from benchmarks.samples import Array, Batches, Images, Samples, Size
from benchmarks.settings import BASELINE, OVERLAPPING, RECOMMENDED, SINGLE_TASK, Setting, find
from benchmarks.suites import Suite
from benchmarks.training import Framework, Job, Predictions, Trained, pseudo_labelled
from benchmarks.workers import executors

PROCESSES = 2
SMOKE_SETTINGS = (SINGLE_TASK["classes"], BASELINE, RECOMMENDED)
SMOKE_STEPS = 20
WATCHED = 8
"""How often a network is looked at while it is trained."""


class Run(NamedTuple):
    """One network to train.

    How many processes make its batches, and the folder of its checkpoints, decide nothing that it gives.
    """

    framework: str
    suite: Suite
    setting: str
    size: Size
    seed: int
    steps: int
    workers: int = 0
    checkpoints: Path | None = None

    def __str__(self) -> str:
        return f"{self.setting}, {self.size}, seed {self.seed}"

    @property
    def key(self) -> tuple[object, ...]:
        """What its record says of what was trained."""
        return self.framework, self.suite.name, self.setting, self.size, self.seed


def planned(framework: str, suite: Suite, *, seeds: int, smoke: bool) -> list[Run]:
    """List the runs of a suite, setting by setting: all at its sizes, a few over growing overlap.

    Settings with a method are for PyTorch alone.
    """
    if smoke:
        steps, sizes, names, overlaps = SMOKE_STEPS, suite.sizes[:1], SMOKE_SETTINGS, ()
    else:
        steps, sizes, names = suite.schedule.steps, suite.sizes, suite.settings
        overlaps = suite.overlaps
    suites = [suite.at(seed) for seed in range(seeds)]
    return [
        Run(framework, suites[seed], setting, size, seed, steps)
        for setting in names
        if framework == "torch" or find(setting, suite.sizes[0]).method is None
        for size in (*sizes, *(overlaps if setting in OVERLAPPING else ()))
        for seed in range(seeds)
    ]


def execute(run: Run) -> Record:
    """Train one network and score it on the images of the test."""
    suite = run.suite
    framework = cast(Framework, import_module(f"benchmarks.{run.framework}"))
    setting = find(run.setting, run.size)
    samples = suite.training_set(run.size, seed=run.seed)
    if setting.pseudo_labels:
        teachers = {
            task: framework.train(
                _job(run, find(name, run.size), samples, samples.images, part=task)
            ).predictions
            for task, name in SINGLE_TASK.items()
        }
        samples = pseudo_labelled(samples, teachers)
    test, validation = suite.test_set(), suite.validation_set(run.size, seed=run.seed)
    trained = framework.train(_job(run, setting, samples, test.images, validation.images))
    return _record(run, setting, trained, test, validation)


def _job(
    run: Run,
    setting: Setting,
    samples: Samples,
    images: Images,
    watched: Images | None = None,
    *,
    part: str = "network",
) -> Job:
    """Return what is to be trained; a run of several networks has a name for each part."""
    schedule = run.suite.schedule
    augment, mix = AUGMENTATIONS[schedule.augmentation]
    batches = Batches(
        samples,
        size=schedule.batch,
        steps=run.steps,
        seed=run.seed,
        augment=augment,
        mix=mix,
        workers=run.workers,
    )
    at = np.linspace(0, run.steps, WATCHED + 1, dtype=int)[1:] if watched is not None else np.array([])
    job = Job(setting, run.suite, run.seed, batches, images, watched, frozenset(at.tolist()))
    if run.checkpoints is None or schedule.checkpoint_every is None:
        return job
    return replace(job, checkpoint=checkpoints.place(run.checkpoints, circumstances(run), part))


def go_on(runs: Sequence[Run], path: Path, console: Console, cluster: str | None) -> list[Record]:
    """Train what a file does not hold yet, a line for each; in the end these runs are the last in it."""
    left = records.left_behind(path)
    records.save(path, left)  # without half a line at its end
    made = train_all(runs, console, left, partial(records.append, path), cluster)
    records.save(path, [*(own for own in left if own not in made), *made])
    return made


def redo(run: Run, left: Sequence[Record]) -> Record:
    """Return what an earlier run has left where this one would give it again, else execute this one."""
    own = checkpoints.digest(circumstances(run))
    same = (record for record in left if checkpoints.digest(record.circumstances) == own)
    return next(same, None) or execute(run)


def train_all(
    runs: Sequence[Run],
    console: Console,
    left: Sequence[Record] = (),
    keep: Callable[[Record], None] = lambda record: None,
    cluster: str | None = None,
) -> list[Record]:
    """Train all networks behind a progress bar that shows what is being trained.

    Args:
        runs: one for each network.
        console: where the bar goes.
        left: records of earlier runs, which stand for networks that would come out the same.
        keep: is given every new record as soon as it is there.
        cluster: the address of a Dask cluster that trains them; else this machine does.
    """
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with ExitStack() as stack:
        workers = stack.enter_context(executors(PROCESSES, environment(runs), cluster))
        queues = split(runs, len(workers))
        progress = stack.enter_context(Progress(*columns, console=console))
        futures = {
            run: worker.submit(redo, run, [own for own in left if own.key == run.key])
            for worker, queue in zip(workers, queues, strict=True)
            for run in queue
        }
        stack.callback(lambda: [future.cancel() for future in futures.values()])  # after an error, the rest
        task = progress.add_task("", total=len(runs))
        for completed, future in enumerate(as_completed(futures.values())):
            record = future.result()
            if record not in left:
                keep(record)
            checkpoints.forget(runs[0].checkpoints, record.circumstances)
            now = [next((str(run) for run in queue if not futures[run].done()), "") for queue in queues]
            progress.update(task, completed=completed + 1, description="; ".join(filter(None, now)))
    checkpoints.leave(runs[0].checkpoints)
    return [futures[run].result() for run in runs]


def split(runs: Sequence[Run], workers: int) -> list[list[Run]]:
    """Deal the settings of each suite out to workers, with all of their runs: each is compiled once."""
    hands = list(dict.fromkeys((run.suite.name, run.setting) for run in runs))
    return [
        [run for run in runs if hands.index((run.suite.name, run.setting)) % workers == worker]
        for worker in range(workers)
    ]


def environment(runs: Sequence[Run]) -> Mapping[str, str]:
    """Return the variables that the framework's workers need: Keras builds networks for others, too."""
    framework = runs[0].framework
    return {"KERAS_BACKEND": framework} if framework in ("torch", "jax") else {}


def circumstances(run: Run) -> dict[str, Any]:
    """Return all that decides what a run gives, known before it."""
    suite = run.suite
    framework = cast(Framework, import_module(f"benchmarks.{run.framework}"))
    return {
        "framework": run.framework,
        "suite": suite.name,
        "setting": run.setting,
        "options": find(run.setting, run.size).options,
        "size": run.size,
        "seed": run.seed,
        "training": {
            "network": suite.network,
            **asdict(suite.schedule),
            "steps": run.steps,
            **suite.facts,
        },
        "versions": _versions(framework.packages),
        "device": framework.device(),
        "source": _source(run.framework),
    }


def _record(run: Run, setting: Setting, trained: Trained, test: Samples, validation: Samples) -> Record:
    predictions = _decided(trained.predictions, setting)
    return Record(
        **circumstances(run),
        revision=_revision(),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        metrics=measures.metrics(test, predictions),
        curve={
            str(step): measures.metrics(validation, _decided(made, setting))
            for step, made in trained.curve.items()
        },
        truth={"classes": pack(test.class_labels), "attributes": pack(test.attribute_labels)},
        predictions={task: pack(made) for task, made in predictions.items()},
    )


def _decided(predictions: Predictions, setting: Setting) -> dict[str, Array]:
    """Return the predicted classes (N,) and attributes (N, A) of the tasks that were trained."""
    decided = {
        "classes": predictions.class_logits.argmax(-1),
        "attributes": predictions.attribute_logits > 0,
    }
    return {task: decided[task] for task in setting.tasks}


@cache
def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    installed = {name: version(name) for name in ("coupling", "numpy", "scikit-learn")}
    # A distribution may have another name (tensorflow-cpu), so these say their versions themselves.
    frameworks = {
        name: getattr(import_module(name), "__version__", None) or version(name) for name in packages
    }
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
