"""The comparison of settings: means over seeds, gains over no coupling, and negative transfer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import measures
from benchmarks.measures import SCORES, Difference, Resamples
from benchmarks.records import Packed, Record, unpack
from benchmarks.samples import Array, Size
from benchmarks.settings import BASELINE, SINGLE_TASK, TASKS


@dataclass(frozen=True)
class Score:
    """A setting on one task, over seeds; a comparison with itself is None."""

    mean: float
    spread: float
    gain: Difference | None
    over_single_task: Difference | None

    @property
    def verdict(self) -> str:
        """Say where the setting is worse than the task's own network."""
        if self.over_single_task is None or self.over_single_task.mean >= 0:
            return ""
        return "negative transfer" + ("" if self.over_single_task.high < 0 else " (within noise)")


@dataclass(frozen=True)
class Table:
    """All settings at one size, each with a score for every task that it trains."""

    size: Size
    seeds: int
    rows: Mapping[str, Mapping[str, Score]]


def summarise(records: Sequence[Record]) -> list[Table]:
    """Compare the settings at each size, in the order in which they come."""
    sizes = dict.fromkeys(record.size for record in records)
    return [_table([record for record in records if record.size == size]) for size in sizes]


def _table(records: Sequence[Record]) -> Table:
    settings = list(dict.fromkeys(record.setting for record in records))
    runs = {name: _by_seed(records, name) for name in settings}
    seeds = [record.seed for record in runs[settings[0]]]
    for name, own in runs.items():
        if [record.seed for record in own] != seeds:
            raise ValueError(f"the records of {name!r} should have the seeds {seeds}, as {settings[0]!r} has")
    truth = {task: true_labels(runs[settings[0]], task) for task in TASKS}
    draws = measures.draw(len(seeds), truth["classes"].shape[1])
    scores = {task: _scores(task, runs, truth[task], draws) for task in TASKS}
    return Table(
        records[0].size,
        len(seeds),
        {
            name: {
                task: _score(name, scores[task], draws, SINGLE_TASK[task])
                for task in TASKS
                if name in scores[task]
            }
            for name in settings
        },
    )


def _by_seed(records: Sequence[Record], setting: str) -> list[Record]:
    return sorted((record for record in records if record.setting == setting), key=lambda record: record.seed)


def true_labels(records: Sequence[Record], task: str) -> Array:
    """Return the classes (seeds, N), or the attributes (seeds, N, A) with NaN for those that are missing.

    Seeds may have test images of their own; where these are fewer than another's, the rest has no label.
    """
    labels = stacked([record.truth[task] for record in records])
    return labels if task == "classes" else np.where(labels < 0, np.nan, labels)


def stacked(packed: Sequence[Packed]) -> Array:
    """Return one array of several seeds' (N, …), with -1 at the end of those that are shorter."""
    arrays = [unpack(own) for own in packed]
    made = np.full((len(arrays), max(map(len, arrays)), *arrays[0].shape[1:]), -1, arrays[0].dtype)
    for row, own in zip(made, arrays, strict=True):
        row[: len(own)] = own
    return made


def _scores(
    task: str, runs: Mapping[str, Sequence[Record]], truth: Array, draws: Resamples
) -> dict[str, Array]:
    """Score each setting that trains the task: (1 + draws, seeds)."""
    scores = {}
    for name, own in runs.items():
        predictions = [record.predictions[task] for record in own if task in record.predictions]
        if predictions:
            scores[name] = SCORES[task](truth, stacked(predictions), draws.images)
    return scores


def _score(name: str, scores: Mapping[str, Array], draws: Resamples, single_task: str) -> Score:
    def over(other: str) -> Difference | None:
        if other not in scores or other == name:
            return None
        return measures.difference(scores[name], scores[other], draws)

    everything = scores[name][0]
    multi_task = name not in SINGLE_TASK.values()
    return Score(
        float(everything.mean()),
        float(everything.std(ddof=1)),
        over(BASELINE),
        over(single_task) if multi_task else None,
    )
