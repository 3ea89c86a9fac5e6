"""Tuning: every setting is tried with as many factors, and one is chosen by the validation images alone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from rich.table import Table

from benchmarks import tables
from benchmarks.records import Record
from benchmarks.report import scope
from benchmarks.samples import Size
from benchmarks.settings import FACTORS, TIMES
from benchmarks.suite import Run, planned
from benchmarks.suites import Suite

SCORES = ("class_f1", "attribute_f1")
"""What a factor is chosen by: the mean of those that the setting has."""
HEADINGS = ("Setting", "Labels", "Factor", "Validation", "Class F1", "Attribute F1")
LEGEND = (
    f"Every setting was tried with the same factors, {', '.join(map(str, FACTORS))}: of the weights of the "
    "coupling, of what another method has to choose, or, where there is neither, of the attributes' weight. "
    "Chosen is the one with the largest mean of both macro F1 on validation images over seeds; beside it, "
    "F1 on the test images. In percent."
)


class Chosen(NamedTuple):
    """The best factor of a setting at a size, its mean score on validation images, and means on the test."""

    setting: str
    size: Size
    factor: float
    validation: float
    test: dict[str, float]


def runs(framework: str, suite: Suite, *, seeds: int) -> list[Run]:
    """List what is tried: every setting of a suite, at its sizes, with every factor."""
    names = tuple(f"{name}{TIMES}{factor:g}" for name in suite.settings for factor in FACTORS)
    return planned(framework, replace(suite, settings=names), seeds=seeds, smoke=False)


def choose(records: Sequence[Record]) -> list[Chosen]:
    """Choose a factor for each size and setting of one suite, by the mean over seeds, never by the test."""
    tried: dict[tuple[str, Size], dict[float, list[Record]]] = {}
    for record in records:
        name, _, factor = record.setting.rpartition(TIMES)
        tried.setdefault((name, record.size), {}).setdefault(float(factor), []).append(record)
    best = [_best(name, size, by_factor) for (name, size), by_factor in tried.items()]
    sizes = list(dict.fromkeys(chosen.size for chosen in best))
    return sorted(best, key=lambda chosen: sizes.index(chosen.size))


def table(every: Iterable[Chosen]) -> Table:
    """Lay out what was chosen for a terminal."""
    return tables.terminal(HEADINGS, map(_row, every))


def markdown(every: Iterable[Chosen], legend: str) -> str:
    """Write what was chosen."""
    return tables.page("The factors that validation chooses", legend, HEADINGS, map(_row, every))


def legend(records: Sequence[Record]) -> str:
    """Say what the table is of."""
    return f"{LEGEND} {scope(records)}"


def _row(own: Chosen) -> tuple[str, ...]:
    test = (f"{100 * own.test[score]:.1f}" if score in own.test else "" for score in SCORES)
    return own.setting, str(own.size), f"{own.factor:g}", f"{100 * own.validation:.1f}", *test


def _best(name: str, size: Size, by_factor: dict[float, list[Record]]) -> Chosen:
    validation = {
        factor: float(np.mean([_score(own) for own in tried])) for factor, tried in by_factor.items()
    }
    factor = max(validation, key=lambda factor: validation[factor])
    chosen = by_factor[factor]
    test = {metric: float(np.mean([own.metrics[metric] for own in chosen])) for metric in chosen[0].metrics}
    return Chosen(name, size, factor, validation[factor], test)


def _score(record: Record) -> float:
    """Return the score on validation images in the end."""
    last = record.curve[max(record.curve, key=int)]
    return float(np.mean([last[score] for score in SCORES if score in last]))
