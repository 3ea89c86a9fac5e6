"""The paper's Tables 2 to 5 in their own shapes, filled with what was measured."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.records import Record
from benchmarks.samples import Size, compared
from benchmarks.settings import (
    BASELINE,
    BOTH,
    BY_TABLE,
    DM,
    METHODS,
    PRESET,
    PSEUDO_LABELS,
    RECOMMENDED,
    SCA,
    SINGLE_TASK,
    WEIGHTED_AS_PRINTED,
)

COUPLED = (BOTH, WEIGHTED_AS_PRINTED, PRESET, RECOMMENDED)
ST = "ST"
"""The networks of a single task, one for each: what is asked for of both is taken from the task's own."""

LEGEND = (
    "Means over seeds in percent. ST: a network for each task; NC MT: one for both, without coupling; S-T: "
    "on pseudo-labels of the ST networks; C MT: with coupling, both losses as printed, also with DM weighted "
    "by 0.1, or the directed preset, also with task losses by labels; AFA: the average of F1 and mean "
    "accuracy."
)
SHORT = {
    ST: ST,
    BASELINE: "NC MT",
    PSEUDO_LABELS: "S-T NC MT",
    BOTH: "C MT printed",
    WEIGHTED_AS_PRINTED: "C MT printed, 0.1 DM",
    PRESET: "C MT preset",
    RECOMMENDED: "C MT preset by labels",
}


class PaperTable(NamedTuple):
    """A title, the columns' headings, and rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(records: Sequence[Record]) -> list[PaperTable]:
    """Return Tables 2 to 5 of one suite, with rows and columns for the settings that it has."""
    means = _Means(records)
    made = (_table_2(means), _table_3(means), _table_4(means, records[0]), _table_5(means))
    return [table for table in made if table.rows]


class _Means:
    """Means over seeds of metrics, by setting and size."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.values: dict[tuple[str, Size, str], list[float]] = {}
        for record in records:
            for metric, value in record.metrics.items():
                self.values.setdefault((record.setting, record.size, metric), []).append(value)
        self.settings = list(dict.fromkeys(setting for setting, _, _ in self.values))
        self.sizes = compared(size for _, size, _ in self.values)

    def __call__(self, setting: str, size: Size, metric: str) -> str:
        if setting == ST:
            setting = SINGLE_TASK["classes" if metric.startswith("class") else "attributes"]
        values = self.values.get((setting, size, metric))
        return "–" if values is None else f"{100 * np.mean(values):.1f}"

    def among(self, names: Iterable[str]) -> list[str]:
        """Return those of some settings that there are, each by its own relatedness and by the table's."""
        return [name + by for name in names for by in ("", BY_TABLE) if name + by in self.settings]

    def pair(self, setting: str, size: Size, metrics: Sequence[str]) -> str:
        """Return two means as the paper writes them."""
        return " - ".join(self(setting, size, metric) for metric in metrics)


def _short(name: str) -> str:
    setting, by_table, _ = name.partition(BY_TABLE)
    return SHORT[setting] + by_table


def _labels(size: Size) -> str:
    return f"{size.class_labelled} / {size.attribute_labelled}"


def _table_2(means: _Means) -> PaperTable:
    metrics = ("class_accuracy", "attribute_afa")
    rows = [
        [_short(name), *(means.pair(name, size, metrics) for size in means.sizes)]
        for name in (ST, *means.among((BASELINE, PSEUDO_LABELS, *COUPLED)))
    ]
    columns = ["Method", *(f"{_labels(size)}: Acc - AFA" for size in means.sizes)]
    return PaperTable("Table 2: coupling against no coupling and student-teacher", columns, rows)


def _table_3(means: _Means) -> PaperTable:
    parts = {BASELINE: "no coupling", SCA: "soft co-annotation", DM: "distribution matching", BOTH: "both"}
    metrics = ("class_f1", "attribute_f1")
    rows = []
    for name in means.among(parts) if means.among((SCA, DM, BOTH)) else ():
        part, by_table, _ = name.partition(BY_TABLE)
        relatedness = "the table" if by_table else "own" if part != BASELINE else "–"
        rows.append([parts[part], relatedness, *(means.pair(name, size, metrics) for size in means.sizes)])
    columns = ["As printed", "Relatedness", *(f"{_labels(size)}: F1 - F1" for size in means.sizes)]
    return PaperTable("Table 3: which of the two losses", columns, rows)


def _table_4(means: _Means, record: Record) -> PaperTable:
    names = {_short(name): name for name in (ST, BASELINE, *means.among(COUPLED[1:]))}
    metrics = {
        "class Acc": "class_accuracy",
        "class F1": "class_f1",
        "attr. Acc": "attribute_accuracy",
        "attr. F1": "attribute_f1",
    }
    rows = [
        [
            str(record.training["network"]),
            _labels(size),
            *(means(name, size, metric) for name in names.values() for metric in metrics.values()),
        ]
        for size in means.sizes
    ]
    columns = ["Network", "Labels", *(f"{short}: {metric}" for short in names for metric in metrics)]
    return PaperTable("Table 4: by network", columns, rows)


def _table_5(means: _Means) -> PaperTable:
    methods = means.among(METHODS)
    metrics = ("class_accuracy", "attribute_accuracy")
    names = {_short(name): name for name in (ST, BASELINE, *means.among(COUPLED[1:]))}
    names |= {name: name for name in methods}
    rows = [
        [_labels(size), *(means.pair(name, size, metrics) for name in names.values())] for size in means.sizes
    ]
    return PaperTable("Table 5: other methods", ["Labels", *names], rows if methods else [])
