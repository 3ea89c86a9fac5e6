"""What every way of running is held against: the oracle, to fifty digits."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

import autodiff
import mpmath
import numpy as np
import oracle
import oracle_graph
from autodiff import Number, Real

from ways.cases import CASES, Arrays, Case, choose

Quantities = Mapping[str, np.ndarray]
"""Of a loss: its "value", the "gradient by" each of the logits, the "slope" and "curvature by" along a
direction, and "sum" and "gradient of the sum by" where the samples are added up in place of averaged."""

STEP = mpmath.mpf("1e-15")  # of a central difference of numbers of fifty digits


@cache
def reference(name: str) -> Quantities:
    case = CASES[name]
    along = choose(case.arrays, "direction")
    with held() as replay:
        value, slopes = evaluate(case)
        replay()
        _, ahead = evaluate(case, along, STEP)
        replay()
        _, behind = evaluate(case, along, -STEP)
    found = {"value": value}
    found |= {f"gradient by {key}": x for key, x in slopes.items()}
    found["slope"] = sum(np.sum(slopes[key] * along[key]) for key in slopes)
    found |= {f"curvature by {key}": (ahead[key] - behind[key]) / (2 * STEP) for key in slopes}
    summed = {"reduction": "sum"} if case.loss not in ("coupled", "coupled_graph") else {}
    value, slopes = evaluate(case._replace(options={**case.options, **summed}))
    found["sum"] = value
    found |= {f"gradient of the sum by {key}": x for key, x in slopes.items()}
    return {key: np.asarray(x, np.float64) for key, x in found.items()}


def evaluate(
    case: Case, along: Arrays | None = None, step: float = 0
) -> tuple[mpmath.mpf, dict[str, np.ndarray]]:
    """The loss, or the total, and its slopes, of logits moved by a step along a direction."""
    moved: Arrays = choose(case.arrays, "logits")
    if along is not None:
        moved = {name: x.astype(object) + step * along[name].astype(object) for name, x in moved.items()}
    logits = {name: autodiff.numbers(x) for name, x in moved.items()}
    scalars = {name: x.tolist() for name, x in case.arrays.items()}
    literal = getattr(oracle if hasattr(oracle, case.loss) else oracle_graph, case.loss)
    result = literal(**(scalars | logits), **case.options)
    output = result if isinstance(result, Number) else result.total
    slopes = {
        name: np.reshape(autodiff.gradient(output, [x for row in rows for x in row]), moved[name].shape)
        for name, rows in logits.items()
    }
    return output.value, slopes


@contextmanager
def held() -> Iterator[Callable[[], None]]:
    """Logits that the first evaluation holds fixed stay what they were in those that follow a replay."""
    kept: list[mpmath.mpf] = []
    replayed: Iterator[mpmath.mpf] | None = None
    fixed = autodiff.fixed

    def keep(x: Real) -> Number:
        if replayed is not None:
            return Number(next(replayed))
        kept.append(fixed(x).value)
        return Number(kept[-1])

    def replay() -> None:
        nonlocal replayed
        replayed = iter(kept)

    autodiff.fixed = keep
    try:
        yield replay
    finally:
        autodiff.fixed = fixed
