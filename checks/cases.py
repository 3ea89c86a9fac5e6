"""Cases with what the oracle says of them: each is computed once, and every backend is held against it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from autodiff import Outcome

from checks import draws, measure
from checks.forms import Form


class Case(NamedTuple):
    """A batch, or as many samples each of which is a case of its own, and its outcome."""

    arrays: draws.Arrays
    expected: Outcome
    each: bool


class Run(NamedTuple):
    """Cases that one prepared function takes."""

    loss: str
    options: dict[str, Any]
    cases: list[Case]


BATCH = 4


def runs(
    form: Form, *, samples: int, batches: int, seed: int = 0, rounded: draws.Round = draws.single
) -> Iterator[Run]:
    """Draw samples and batches of each setting of a form: single samples, and batches that are reduced."""
    rng = np.random.default_rng([seed, *str(form).encode()])
    reduces_only = form.loss.startswith("coupled") or "matching" in form.options
    for index, setting in enumerate(draws.settings(form, rng)):
        large = index == 1  # a fifth of the cases, as the oracle takes five times as long
        if not reduces_only:
            yield _singles(setting, samples // 5 if large else samples, rng, rounded)
        count = samples // 4 if reduces_only else batches
        yield _batches(setting, count // 5 if large else count, rng, rounded, "sum" if large else "mean")


def _singles(setting: draws.Setting, samples: int, rng: np.random.Generator, rounded: draws.Round) -> Run:
    loss, options = setting.form.loss, {**setting.options, "reduction": "none"}
    arrays = draws.arrays(setting, 2 * samples, rng, rounded)
    away = np.flatnonzero(draws.away_from_bounds(arrays, options, loss))[:samples]
    arrays = {name: x[away] for name, x in arrays.items()}
    return Run(loss, options, [Case(arrays, measure.expected_of_each(loss, arrays, options), each=True)])


def _batches(
    setting: draws.Setting, count: int, rng: np.random.Generator, rounded: draws.Round, reduction: str
) -> Run:
    loss, options = setting.form.loss, dict(setting.options)
    if not loss.startswith("coupled"):
        options["reduction"] = reduction
    cases: list[Case] = []
    while len(cases) < count:
        arrays = draws.arrays(setting, BATCH, rng, rounded) | draws.weighted(BATCH, rng, loss)
        if rng.random() < 0.3:
            draws.let_all_be_certain(arrays, rng)
        arrays = {name: rounded(x) if x.dtype.kind == "f" else x for name, x in arrays.items()}
        if draws.away_from_bounds(arrays, options, loss).all():
            cases.append(Case(arrays, measure.expected(loss, arrays, options), each=False))
    return Run(loss, options, cases)
