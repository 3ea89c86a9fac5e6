"""What differs between two relatednesses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from coupling._check import check_number
from coupling._relatedness import Relatedness
from coupling.cli._terminal import text


class Entry(NamedTuple):
    """An entry of one of the matrices that is not the same in both."""

    matrix: str
    class_name: str
    attribute: str
    first: float
    second: float

    @property
    def change(self) -> float:
        """What the second has more."""
        return self.second - self.first


def statements(first: Relatedness, second: Relatedness, names: tuple[str, str]) -> Iterator[str]:
    """Say what differs in names, their order, and which classes are known."""
    for kind in ("classes", "attributes"):
        own, other = getattr(first, kind), getattr(second, kind)
        for name, here, there in ((names[0], own, other), (names[1], other, own)):
            only = [entry for entry in here if entry not in set(there)]
            if only:
                yield f"{kind} only in {name}: {', '.join(only)}"
        both = set(own) & set(other)
        if [entry for entry in own if entry in both] != [entry for entry in other if entry in both]:
            yield f"{kind} stand in another order"
    for entry in first.classes:
        if entry in second.classes:
            known = [own.known[own.classes.index(entry)] for own in (first, second)]
            if known[0] != known[1]:
                yield f"class {entry!r} is known in {names[0 if known[0] else 1]} only"


def entries(first: Relatedness, second: Relatedness, tolerance: float) -> list[Entry]:
    """Return the entries, of classes and attributes in both, that differ by more, the largest first."""
    check_number("tolerance", tolerance, 0.0, float("inf"), closed="low")
    classes = [name for name in first.classes if name in set(second.classes)]
    attributes = [name for name in first.attributes if name in set(second.attributes)]
    if not classes or not attributes:
        return []
    pair = [own.align(classes=classes, attributes=attributes) for own in (first, second)]
    matrices = ["conditional", "weights"]
    if all(np.array_equal(own.conditional, own.weights) for own in pair):
        matrices.remove("weights")
    found = []
    for name in matrices:
        one, two = (getattr(own, name) for own in pair)
        for row, column in np.argwhere(np.abs(one - two) > tolerance):
            cell = float(one[row, column]), float(two[row, column])
            found.append(Entry(name, classes[row], attributes[column], *cell))
    return sorted(found, key=lambda entry: -abs(entry.change))


def table(found: list[Entry], names: tuple[str, str]) -> Table:
    """Lay entries out for a terminal."""
    laid_out = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("matrix", "class", "attribute"):
        laid_out.add_column(heading, overflow="fold")
    for name in (*names, "change"):
        laid_out.add_column(text(name), justify="right", overflow="fold")
    for entry in found:
        cells = (f"{entry.first:.4g}", f"{entry.second:.4g}", f"{entry.change:+.4g}")
        laid_out.add_row(entry.matrix, text(entry.class_name), text(entry.attribute), *cells)
    return laid_out
