"""The search for a form that wins everywhere: variants of the preset with a few factors, at many sizes.

What counts is the worst that a form does to either task at any size, on the validation images alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from rich.table import Table

from benchmarks import tables
from benchmarks.records import Record
from benchmarks.report import scope
from benchmarks.samples import Size
from benchmarks.settings import BASELINE, SINGLE_TASK, TIMES, variants
from benchmarks.suite import Run, planned
from benchmarks.suites import SUITES, Suite
from benchmarks.tuning import SCORES

FACTORS = (1.0, 3.0)
REFERENCES = (*SINGLE_TASK.values(), BASELINE)
FORMS = tuple(f"{name}{TIMES}{factor:g}" for name in variants(Size(1, 1)) for factor in FACTORS)
SIZES = {
    "digits": (Size(20, 600), Size(100, 100), Size(100, 100, 50), Size(400, 30), Size(400, 400)),
    "faces": (Size(100, 1500), Size(1500, 100), Size(1500, 1500)),
}
"""One task short of labels, both, neither, and some images with both labels."""
HEADINGS = ("Form", "Worst", "where", "Mean", "Worst over single task")
LEGEND = (
    "Macro F1 on validation images in points, means over seeds: the least difference from no coupling over "
    "all sizes and both tasks, and where that is; the mean of these differences; the least difference from "
    "a network that is trained on that task alone. Forms are sorted by the first."
)


class Found(NamedTuple):
    """What a form does over sizes and tasks, in means over seeds of F1 on validation images.

    Attributes:
        form: its name.
        worst: the least difference from no coupling, and where it is.
        where: at which size, of which task.
        mean: the mean difference from no coupling.
        transfer: the least difference from a network of the single task.
    """

    form: str
    worst: float
    where: str
    mean: float
    transfer: float


def runs(framework: str, suite: Suite, *, seeds: int) -> list[Run]:
    """List what is tried on a suite."""
    tried = replace(suite, settings=(*REFERENCES, *FORMS), sizes=SIZES[suite.name], overlaps=())
    return planned(framework, tried, seeds=seeds, smoke=False)


def found(records: Sequence[Record]) -> list[Found]:
    """Compare the forms, the one whose worst is best first; several suites may take part."""
    scores: dict[tuple[str, str, str, str], list[float]] = {}
    for record in records:
        last = record.curve[max(record.curve, key=int)]
        for score in SCORES:
            if score in last:
                key = record.setting, record.suite, str(record.size), score
                scores.setdefault(key, []).append(last[score])
    means = {key: float(np.mean(values)) for key, values in scores.items()}
    forms = dict.fromkeys(form for form, *_ in means if form not in REFERENCES)
    return sorted((_found(form, means) for form in forms), key=lambda own: -own.worst)


def _found(form: str, means: dict[tuple[str, str, str, str], float]) -> Found:
    alone = dict(zip(SCORES, SINGLE_TASK.values(), strict=True))
    places = [place for name, *place in means if name == form]
    over_none = {
        (suite, size, score): means[form, suite, size, score] - means[BASELINE, suite, size, score]
        for suite, size, score in places
    }
    over_alone = [
        means[form, suite, size, score] - means[alone[score], suite, size, score]
        for suite, size, score in places
    ]
    worst = min(over_none, key=lambda place: over_none[place])
    mean = float(np.mean(list(over_none.values())))
    suite, size, score = worst
    where = f"{SUITES[suite].title}, {size}, {score.partition('_')[0]}"
    return Found(form, over_none[worst], where, mean, min(over_alone))


def table(every: Iterable[Found]) -> Table:
    """Lay out what was found for a terminal."""
    return tables.terminal(HEADINGS, map(_row, every))


def markdown(every: Iterable[Found], legend: str) -> str:
    """Write what was found."""
    return tables.page("The search for a form", legend, HEADINGS, map(_row, every))


def legend(records: Sequence[Record]) -> str:
    """Say what the table is of."""
    return f"{LEGEND} {scope(records)}"


def _row(own: Found) -> tuple[str, str, str, str, str]:
    return own.form, _points(own.worst), own.where, _points(own.mean), _points(own.transfer)


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}"
