"""The largest error of every form on every backend, against the oracle: ``python -m checks.accuracy``.

Writes the tables of docs/accuracy.md, and ends with 1 where an error is larger than it should be.
"""

import argparse
import platform
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import as_completed
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

from benchmarks.workers import pool
from checks import cases, measure
from checks.backends import BACKENDS, Backend, CompiledTensorFlow, CompiledTorch
from checks.forms import FORMS
from checks.measure import Errors

PAGE = Path(__file__).parent.parent / "docs" / "accuracy.md"
BEGIN, END = "<!-- what follows is written by nox -s accuracy -->\n", "<!-- as far as here -->\n"
DTYPES = ("float32", "float64")
NAMES = tuple(backend.name for backend in BACKENDS)
SAMPLES, BATCHES = 400, 20
# Compilers that take seconds for each function compile the first ones of a form only.
COMPILED = {CompiledTorch: 1, CompiledTensorFlow: 2}
ON_CPU = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "tensorflow"}
PACKAGES = ("numpy", "torch", "jax", "tensorflow-cpu", "keras")
Row = dict[tuple[str, str], Errors]


def measured(
    index: int, *, samples: int = SAMPLES, batches: int = BATCHES, names: Iterable[str] = NAMES
) -> tuple[Row, int]:
    """Return the largest errors of a form by dtype and backend, and how many cases there were."""
    runs = list(cases.runs(FORMS[index], samples=samples, batches=batches))
    count = sum(len(case.expected.value) if case.each else 1 for run in runs for case in run.cases)
    row = {}
    for backend in (backend for backend in BACKENDS if backend.name in names):
        own = runs[: COMPILED.get(backend, len(runs))]
        for dtype in DTYPES:
            row[dtype, backend.name] = measure.worst(list(errors(backend(dtype), own)))
    return row, count


def errors(backend: Backend, runs: Iterable[cases.Run]) -> Iterator[Errors]:
    """Yield the errors of a backend in each case."""
    for run in runs:
        call = backend.prepare(run.loss, run.options)
        for case in run.cases:
            with np.errstate(all="ignore"):  # an exponential may be 0, a logit beyond the dtype
                actual = call(case.arrays)
            yield measure.errors(actual, case.expected, each=case.each)


def tables(rows: dict[int, tuple[Row, int]], names: Iterable[str] = NAMES) -> str:
    """Return the tables in Markdown, errors above their bound in bold."""
    names = list(names)
    lines = []
    for dtype in DTYPES:
        lines += [f"## {dtype}\n", "| | cases | " + " | ".join(names) + " |"]
        lines.append("| --- | --: | " + " | ".join("--:" for _ in names) + " |")
        for index, (row, count) in sorted(rows.items()):
            cells = " | ".join(cell(row[dtype, name]) for name in names)
            lines.append(f"| {FORMS[index]} | {count} | {cells} |")
        lines.append("")
    return "\n".join(lines)


def cell(own: Errors) -> str:
    """Return the error of the value, and after a stroke that of the gradient."""
    parts = [(own.value, measure.VALUE_BOUND), (own.gradient, measure.GRADIENT_BOUND)]
    shown = [f"**{x:.1f}**" if not x <= bound else f"{x:.1f}" for x, bound in parts if x is not None]
    return " / ".join(shown)


def versions() -> str:
    """Return what the tables were made with."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"Python {platform.python_version()}, {packages}, on {platform.machine()}"


def main(arguments: list[str] | None = None) -> int:
    """Measure every form, write the page, and return 1 where an error is above its bound."""
    parser = argparse.ArgumentParser(prog="python -m checks.accuracy", description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES, help="single samples of each small table")
    parser.add_argument("--batches", type=int, default=BATCHES, help="reduced batches of each small table")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--backends", nargs="+", choices=NAMES, default=NAMES, help="all by default")
    parser.add_argument("--output", type=Path, default=PAGE, help="the page whose tables are replaced")
    chosen = parser.parse_args(arguments)
    console = Console(stderr=True)
    rows: dict[int, tuple[Row, int]] = {}
    with pool(chosen.processes, ON_CPU) as processes, Progress(console=console) as progress:
        task = progress.add_task("accuracy", total=len(FORMS))
        futures = {
            processes.submit(
                measured,
                index,
                samples=chosen.samples,
                batches=chosen.batches,
                names=tuple(chosen.backends),
            ): index
            for index in range(len(FORMS))
        }
        for future in as_completed(futures):
            rows[futures[future]] = future.result()
            progress.update(task, advance=1, description=str(FORMS[futures[future]])[:60])
    page = chosen.output.read_text()
    head, tail = page.partition(BEGIN)[0], page.partition(END)[2]
    made = f"{sum(count for _, count in rows.values())} cases. {versions()}.\n"
    chosen.output.write_text(f"{head}{BEGIN}\n{made}\n{tables(rows, chosen.backends)}\n{END}{tail}")
    beyond = [
        (index, *key) for index, (row, _) in sorted(rows.items()) for key in row if not row[key].within()
    ]
    for index, dtype, name in beyond:
        own = cell(rows[index][0][dtype, name])
        console.print(f"above the bound: {FORMS[index]}, {dtype}, {name}: {own}", highlight=False)
    return int(bool(beyond))


if __name__ == "__main__":
    sys.exit(main())
