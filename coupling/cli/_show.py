"""A relatedness as a table that fits a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Group
from rich.table import Table

from coupling._fields import Matrix
from coupling._names import visible
from coupling._relatedness import Relatedness
from coupling.cli._terminal import text

MOST_ROWS = 40
WIDEST_NAME, WIDEST_COLUMN = 28, 12  # longer names are folded
PADDING = 2
GAP = "…"
UNKNOWN = " ?"
HEADINGS = {
    "conditional": "p(attribute | class)",
    "weights": "weights of the indicator score",
    "support": "samples",
}


class Grid(NamedTuple):
    """Cells with names, the longer side downwards, as a terminal scrolls."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: npt.NDArray[np.object_]


def table(relatedness: Relatedness, *, values: str, width: int, everything: bool) -> Group:
    """Lay out K, W or the support; what does not fit is left out, or follows below where it is asked for.

    Raises:
        ValueError: where the support is asked for, and is not there.
    """
    whole = _grid(relatedness, values)
    parts = _blocks(whole, width) if everything else [_abbreviated(whole, width)]
    notes = list(_notes(relatedness, values))
    if GAP in (parts[0].rows[len(parts[0].rows) // 2], parts[0].columns[-1]):
        notes.append(f"{GAP} stands for what does not fit; --all shows all.")
    size = f"{len(relatedness.classes)} classes x {len(relatedness.attributes)} attributes"
    tables = [part for own in parts for part in ("", _laid_out(own))]
    return Group(f"{size}: {HEADINGS[values]}", *tables, "", *(text(note, "dim") for note in notes))


def _grid(relatedness: Relatedness, values: str) -> Grid:
    matrix = getattr(relatedness, values)
    if matrix is None:
        raise ValueError("support should be there, is not: this relatedness was not counted")
    cells = np.vectorize(_written, otypes=[object])(matrix)
    known = zip(relatedness.classes, relatedness.known, strict=True)
    classes = [f"{visible(name)}{'' if there else UNKNOWN}" for name, there in known]
    attributes = list(map(visible, relatedness.attributes))
    if relatedness.support is not None and values != "support":
        cells = np.column_stack([_samples(relatedness.support), cells])
        attributes.insert(0, "samples")
    if len(attributes) > len(classes):
        return Grid(tuple(attributes), tuple(classes), cells.T)
    return Grid(tuple(classes), tuple(attributes), cells)


def _written(value: float) -> str:
    """Write a number; only what is exactly 0, or a whole number, stands without decimals."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def _samples(support: Matrix) -> list[str]:
    """Write how many samples each class was counted from, over its attributes."""
    ranges = zip(support.min(axis=1), support.max(axis=1), strict=True)
    return [_written(low) if low == high else f"{_written(low)}–{_written(high)}" for low, high in ranges]


def _abbreviated(grid: Grid, width: int) -> Grid:
    """Return the first and last rows, and the first columns, as many as fit."""
    rows, columns, cells = grid
    half = MOST_ROWS // 2
    if len(rows) > MOST_ROWS:
        gap = np.full((1, len(columns)), GAP, object)
        cells = np.concatenate([cells[:half], gap, cells[-half:]])
        grid = Grid((*rows[:half], GAP, *rows[-half:]), columns, cells)
    if len(_blocks(grid, width)) == 1:
        return grid
    first = _blocks(grid, width - len(GAP) - PADDING)[0]
    gap = np.full((len(grid.rows), 1), GAP, object)
    return Grid(grid.rows, (*first.columns, GAP), np.concatenate([first.cells, gap], axis=1))


def _blocks(grid: Grid, width: int) -> list[Grid]:
    """Return all columns, side by side as far as they fit, the others in grids of their own."""
    room = width - _name_width(grid.rows) - PADDING
    starts, used = [0], 0
    for column in range(len(grid.columns)):
        own = _column_width(grid, column) + PADDING
        if used + own > room and used:
            starts.append(column)
            used = 0
        used += own
    bounds = zip(starts, [*starts[1:], len(grid.columns)], strict=True)
    return [Grid(grid.rows, grid.columns[a:b], grid.cells[:, a:b]) for a, b in bounds]


def _name_width(names: Sequence[str]) -> int:
    return min(max(map(cell_len, names)), WIDEST_NAME)


def _column_width(grid: Grid, column: int) -> int:
    return max(min(cell_len(grid.columns[column]), WIDEST_COLUMN), *map(len, grid.cells[:, column]))


def _laid_out(grid: Grid) -> Table:
    laid_out = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    laid_out.add_column(width=_name_width(grid.rows), overflow="fold")
    for column, name in enumerate(grid.columns):
        laid_out.add_column(text(name), justify="right", width=_column_width(grid, column), overflow="fold")
    for name, cells in zip(grid.rows, grid.cells, strict=True):
        laid_out.add_row(text(name), *(text(cell, "dim" if cell == "0" else "") for cell in cells))
    return laid_out


def _notes(relatedness: Relatedness, values: str) -> Iterator[str]:
    if not relatedness.known.all():
        yield f"{UNKNOWN.strip()} marks a class about which nothing is known."
    if values == "conditional" and not np.array_equal(relatedness.conditional, relatedness.weights):
        yield "The weights of the indicator score are others: --values weights."
    if relatedness.source:
        yield f"Source: {relatedness.source}"
