"""Annotations in files: which columns hold what, and their labels batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from coupling._names import hint
from coupling.cli import _files
from coupling.cli._cells import Cells, Floats, Signs
from coupling.cli._files import Advance

MOST_ATTRIBUTES = 2**14


class Batch(NamedTuple):
    """The labels of some samples; (B, A) without A where only the classes were read."""

    class_labels: npt.NDArray[Any]
    attribute_labels: Floats
    groups: npt.NDArray[Any] | None
    weights: Floats | None


@dataclass(frozen=True)
class Annotations:
    """Annotated samples in label files.

    Args:
        patterns: names of files, or patterns such as ``labels/*.csv``.
        class_column: name of the column with each sample's class.
        attribute_patterns: names of columns, or patterns such as ``AU*``.
        group_column: name of the column that says which samples are near copies of each other.
        weight_column: name of the column with what each sample counts.
        classes: names of the classes in their order; those that occur by default.
        missing: what means missing beside what always does.
        negative: the number that means a label of 0, where that is not 0.
        delimiter: what separates the columns of text; a tab in .tsv, else a comma by default.
    """

    patterns: Sequence[str]
    class_column: str
    attribute_patterns: Sequence[str]
    group_column: str | None = None
    weight_column: str | None = None
    classes: Sequence[str] | None = None
    missing: Sequence[str] = ()
    negative: float | None = None
    delimiter: str | None = None

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The files, in order."""
        return _files.find(self.patterns)

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(map(_files.size, self.files))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """The names of the attributes' columns, in the order of the first file; the others have the same."""
        first, *others = self.files
        names = self._attributes_of(first)
        for path in others:
            own = set(self._attributes_of(path))
            for name in own.symmetric_difference(names):
                has, lacks = (path, first) if name in own else (first, path)
                raise ValueError(f"{lacks}: should have the column {name!r}, as {has} has")
        return names

    def _attributes_of(self, path: Path) -> tuple[str, ...]:
        """Return the attributes' columns of one file, after a look at whether the others are there."""
        names = _files.column_names(path, self.delimiter)
        others = [name for name in (self.class_column, self.group_column, self.weight_column) if name]
        for name in others:
            if others.count(name) > 1:
                raise ValueError(
                    f"{path}: column {name!r} should be the class, the group or the weight, not several"
                )
            if name not in names:
                raise ValueError(f"{path}: should have the column {name!r}, has not ({hint(name, names)})")
        chosen: set[str] = set()
        for pattern in self.attribute_patterns:
            own = {name for name in names if fnmatchcase(name, pattern) and name not in others}
            own = {pattern} if pattern in names else own
            if not own:
                raise ValueError(
                    f"{path}: should have columns {pattern!r}, has none ({hint(pattern, names)})"
                )
            chosen |= own
        for name, times in Counter(names).items():
            if times > 1 and (name in others or name in chosen):
                raise ValueError(f"{path}: should have the column {name!r} once, has it {times} times")
            if name in others and name in chosen:
                raise ValueError(f"{path}: column {name!r} should be an attribute or another thing, not both")
        if len(chosen) > MOST_ATTRIBUTES:
            raise ValueError(f"{path}: should have at most {MOST_ATTRIBUTES} attributes, has {len(chosen)}")
        return tuple(name for name in names if name in chosen)

    def batches(self, advance: Advance, *, attributes: bool = True) -> Iterator[Batch]:
        """Give every sample's labels, once over the files; without the attributes where they are not needed.

        Raises:
            ValueError: for a file that cannot be read, a cell that is no label, or files without a row.
        """
        cells = Cells(
            missing=self.missing,
            negative=self.negative,
            classes=self.classes,
            attributes=len(self.attributes),
        )
        names = self.attributes if attributes else ()
        signs = Signs(len(names))
        rows = 0
        for path in self.files:
            columns = [self.class_column, self.group_column, self.weight_column, *names]
            needed = [name for name in columns if name]
            for batch in _files.batches(path, needed, self.delimiter, advance):
                with _files.reading(path):
                    ready = self._ready(cells, batch, names, path)
                signs.update(ready.attribute_labels)
                rows += len(ready.class_labels)
                yield ready
        where = f"{self.files[0]}{' and others' if len(self.files) > 1 else ''}"
        if not rows:
            raise ValueError(f"{where}: should have a row for each sample, has none")
        signs.check(names, where)

    def _ready(self, cells: Cells, batch: _files.Columns, names: Sequence[str], path: Path) -> Batch:
        def where(name: str) -> str:
            return f"{path}: column {name!r}"

        labels = cells.class_labels(batch[self.class_column], where(self.class_column))
        values = np.empty((len(labels), len(names)))
        for index, name in enumerate(names):
            values[:, index] = cells.attribute_labels(batch[name], where(name))
        groups, weights = (
            read(batch[name], where(name)) if name else None
            for name, read in ((self.group_column, cells.groups), (self.weight_column, cells.weights))
        )
        return Batch(labels, values, groups, weights)
