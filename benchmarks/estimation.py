"""Counting annotations against a group-by of pandas: the same matrix, in what time and memory."""

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.samples import Array
from coupling import Relatedness

ROWS, ATTRIBUTES = 10_000_000, 40
CLASSES = (7, 200)
DTYPES = ("int8", "float32")


def annotations(rows: int, classes: int, dtype: str) -> tuple[Array, Array]:
    """Draw classes, and labels of which one in three is missing: -1, or NaN in floating point."""
    rng = np.random.default_rng(0)
    labels = rng.integers(-1, 2, (rows, ATTRIBUTES), np.int8)
    if dtype == "int8":
        return rng.integers(0, classes, rows), labels
    floats = labels.astype(dtype)
    floats[labels < 0] = np.nan
    return rng.integers(0, classes, rows), floats


def by_pandas(classes: Array, labels: Array) -> Array:
    """Return the rates as pandas gives them; what is missing has to be NaN first."""
    import pandas as pd

    table = pd.DataFrame(labels)
    if labels.dtype.kind == "i":
        table = table.where(table >= 0)
    rates: Array = table.groupby(classes).mean().to_numpy()
    return rates


def by_coupling(classes: Array, labels: Array) -> Array:
    """Return the rates as coupling counts them."""
    return Relatedness.from_annotations(classes, labels).conditional


def compare(console: Console, *, rows: int = ROWS, repeats: int = 3) -> bool:
    """Print how many times as fast counting is, its peak memory, and tell whether the rates agree."""
    table = Table(
        "Classes", "Labels", "Times as fast as pandas", "Peak memory / input", title=f"{rows:,} rows"
    )
    agreed = True
    cases = [(classes, dtype) for classes in CLASSES for dtype in DTYPES]
    for classes, dtype in track(cases, "counting", console=console):
        samples = annotations(rows, classes, dtype)
        agreed &= bool(np.allclose(by_coupling(*samples), by_pandas(*samples), rtol=1e-6))
        ratio = seconds(by_pandas, samples, repeats) / seconds(by_coupling, samples, repeats)
        table.add_row(str(classes), dtype, f"{ratio:.1f}", f"{peak(samples):.2f}")
    console.print(table)
    return agreed


def seconds(count: Callable[..., Any], samples: tuple[Array, Array], repeats: int) -> float:
    """Return the shortest time of a few."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        count(*samples)
        times.append(time.perf_counter() - start)
    return min(times)


def peak(samples: tuple[Array, Array]) -> float:
    """Return the memory of input and counting together, in terms of the input's."""
    size = sum(part.nbytes for part in samples)
    tracemalloc.start()
    by_coupling(*samples)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return 1 + most / size
