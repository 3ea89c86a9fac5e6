"""Tuning: every setting is tried with as many factors, and one is chosen by the validation images alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from rich.table import Table

from benchmarks.records import Record
from benchmarks.samples import Size
from benchmarks.settings import FACTORS, TIMES
from benchmarks.suite import Run, planned
from benchmarks.suites import Suite

SCORES = ("class_f1", "attribute_f1")
"""What a factor is chosen by: the mean of those that the setting has."""


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
    """Choose a factor for each setting and size of one suite, by the mean over seeds, never by the test."""
    tried: dict[tuple[str, Size], dict[float, list[Record]]] = {}
    for record in records:
        name, _, factor = record.setting.rpartition(TIMES)
        tried.setdefault((name, record.size), {}).setdefault(float(factor), []).append(record)
    return [_best(name, size, by_factor) for (name, size), by_factor in tried.items()]


def table(records: Sequence[Record]) -> Table:
    """Show what was chosen, in percent."""
    shown = Table("Setting", "Labels", "Factor", "Validation", *(f"Test: {score}" for score in SCORES))
    for chosen in choose(records):
        test = (f"{100 * chosen.test[score]:.1f}" if score in chosen.test else "" for score in SCORES)
        validation = f"{100 * chosen.validation:.1f}"
        shown.add_row(chosen.setting, str(chosen.size), f"{chosen.factor:g}", validation, *test)
    return shown


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
