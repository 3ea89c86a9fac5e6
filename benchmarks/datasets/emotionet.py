"""EmotioNet: action units of faces, no classes; as `dataFile_*.txt`, or as the manually annotated table.

Columns are known by the number of their unit: the files have AU1 to AU60 in place, the table names its own.
999 is a unit without a label. There is no published training split of what is annotated by hand: it is drawn
by a seed. Not verified: how downloaded images are called. They are looked for, anywhere below `images`, by
the last part of their URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.datasets import splits
from benchmarks.datasets.annotations import Annotations
from benchmarks.datasets.cells import columns, number
from benchmarks.datasets.left_out import (
    MALFORMED,
    MISSING_ANNOTATION,
    OUT_OF_RANGE,
    UNLABELLED,
    Tally,
)
from benchmarks.datasets.rows import Rows
from benchmarks.datasets.tree import Shelf, below, lines, refuse, require
from coupling._names import canonical
from coupling.knowledge import orders

TREE = """
dataFile_0001.txt …   no header; between tabs: URL, original URL, then AU1 to AU60 as 0, 1 or 999
images/**/*.jpg       called as at the end of the URL
or, with table="….csv", a header such as "URL, 'AU 1', 'AU 2', …" and lines to match
"""
UNITS = orders()["emotionet"].attributes
COLUMNS = 62
POSITIONS = {f"au{unit}": unit + 1 for unit in range(1, COLUMNS - 1)}
"""Of AU1 to AU60 in a file without a header, after the two URLs."""
VALUES: dict[float | None, float] = {0.0: 0.0, 1.0: 1.0, 999.0: np.nan}


def load(
    root: Path,
    *,
    table: str | None = None,
    units: Sequence[str] = UNITS,
    images: str = "images",
    seed: int = 0,
    fractions: Sequence[float] = splits.FRACTIONS,
) -> Annotations:
    """Load EmotioNet.

    Args:
        root: see `TREE`.
        table: path below `root` of the manually annotated table; by default all `dataFile_*.txt` are read.
        units: the action units, by default the eleven of the study.
        images: the folder of the images below `root`.
        seed: of the split.
        fractions: of train, validation and test.
    """
    if len(set(map(canonical, units))) < len(units) or not units:
        raise ValueError(f"units should be different ones, got {units}")
    require(root, TREE, images)
    tally, rows, shelf = Tally(), Rows(len(units)), Shelf(root, images)
    found = _by_name(shelf.paths(), tally)
    for file in [root / table] if table is not None else _files(root):
        require(root, TREE, below(file, root))
        read = _named(file, units) if table is not None else _numbered(file, units)
        for line, cells in read:
            _add(rows, shelf, found, cells, tally, below(file, root), line)
    tally.add_all(MISSING_ANNOTATION, shelf.rest())
    loaded = rows.annotations("emotionet", root, attributes=units, tally=tally)
    split = splits.assign(loaded.images.paths, fractions=fractions, seed=seed)
    note = f"split drawn for want of a published one: seed {seed}, fractions {tuple(fractions)}"
    return replace(loaded, split=split, notes=(note,))


def _add(
    rows: Rows,
    shelf: Shelf,
    found: dict[str, str],
    cells: Sequence[str] | None,
    tally: Tally,
    file: str,
    line: int,
) -> None:
    """Add a line: its URL and the labels of the chosen units; None is a line of another form."""
    if cells is None:
        tally.add(MALFORMED, file, line)
        return
    url, *labels = cells
    name = re.split("[?#]", url)[0].rpartition("/")[2]
    problem = shelf.fetch(found.get(name, name))
    values = [VALUES.get(number(label), np.nan) for label in labels]
    strange = sum(number(label) not in VALUES for label in labels)
    tally.add(OUT_OF_RANGE, file, line, f"{name}: none of 0, 1, 999", count=strange)
    if problem:
        tally.add(problem, file, line, name)
    elif np.isnan(values).all():
        tally.add(UNLABELLED, file, line, name)
    else:
        rows.add(found[name], attributes=values)


def _by_name(paths: Iterable[str], tally: Tally) -> dict[str, str]:
    """Return the path of each image by its name alone; of two with one name, the first in order."""
    found: dict[str, str] = {}
    for path in paths:
        name = path.rpartition("/")[2]
        if name in found:
            tally.add("two images of one name", path)
        else:
            found[name] = path
    return found


def _files(root: Path) -> list[Path]:
    return sorted(root.glob("dataFile_*.txt")) or refuse(root, TREE, "dataFile_*.txt are not there")


def _numbered(file: Path, units: Sequence[str]) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the URL and the chosen columns of a file without a header."""
    chosen = [_position(unit, POSITIONS) for unit in units]
    for line, text in lines(file):
        yield line, _chosen([cell.strip() for cell in text.split("\t")], COLUMNS, chosen)


def _named(file: Path, units: Sequence[str]) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the URL and the chosen columns of a table with a header."""
    rows = ((line, columns(text)) for line, text in lines(file))
    header = next(rows, (0, []))[1]
    positions = {canonical(cell): position for position, cell in enumerate(header)}
    chosen = [_position(unit, positions) for unit in units]
    for line, cells in rows:
        yield line, _chosen(cells, len(header), chosen)


def _chosen(cells: Sequence[str], width: int, chosen: Sequence[int]) -> list[str] | None:
    """Return the URL and the chosen columns of a line of that many; None of another."""
    return [cells[0], *(cells[column] for column in chosen)] if len(cells) == width and cells[0] else None


def _position(unit: str, columns: Mapping[str, int]) -> int:
    if canonical(unit) not in columns:
        raise ValueError(f"units should be among the columns of the files, got {unit!r}")
    return columns[canonical(unit)]
