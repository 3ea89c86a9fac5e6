"""Relatedness counted from annotations, of any number of samples, in any number of pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from coupling import _exact, _fields, _tables, _tally
from coupling._check import check_number, check_shapes
from coupling._exact import Floats
from coupling._groups import GroupShares
from coupling._names import exact
from coupling._namespace import describe_type
from coupling._relatedness import Relatedness
from coupling._tally import Tally

Kind: TypeAlias = Literal["names", "integers"]
ROUNDING = 1e-9
"""By how much, as a part of it, the shares of a group's samples may add up to less than the group."""


class RelatednessCounts:
    r"""How often each attribute is labelled, and is there, in each class: what a relatedness is counted from.

    .. math:: n_{ci} = \sum_{s:\, c_s = c} w_s\, \delta_{si}\, y_{si}, \qquad
              N_{ci} = \sum_{s:\, c_s = c} w_s\, \delta_{si}

    The sums over samples s are exact, so that they do not depend on how the samples are ordered, batched or
    spread over machines; memory depends on C and A only. Two are equal if their counts and names are.

    Args:
        classes: names of the classes; by default all that occur, or as many as the largest number asks for.
        attributes: names of the attributes, which also choose the columns of tables; those of the first
            labels by default.

    Raises:
        ValueError: for names that are not unique.

    Example:
        >>> counts = RelatednessCounts(classes=["gull", "crow"], attributes=["white", "black"])
        >>> counts.update([0, 0, 1], [[1, 0], [1, -1], [0, 1]])
        >>> counts.update(["crow", None], [[0.5, 1.0], [1.0, 1.0]])
        >>> counts.support
        array([[2., 1.],
               [2., 2.]])
        >>> counts.to_relatedness().conditional
        array([[1.  , 0.  ],
               [0.25, 1.  ]])

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, "Case Study II".
    """

    def __init__(
        self, *, classes: Sequence[str] | None = None, attributes: Sequence[str] | None = None
    ) -> None:
        self._given_classes = None if classes is None else _fields.strings("classes", classes)
        self._classes = self._given_classes
        self._attributes = None if attributes is None else _fields.strings("attributes", attributes)
        self._sums = _nothing(len(self._classes or ()), len(self._attributes or ()))

    @property
    def classes(self) -> tuple[str, ...]:
        """The C names of the classes."""
        return self._classes or tuple(f"class_{index}" for index in range(self._sums.support.shape[1]))

    @property
    def attributes(self) -> tuple[str, ...]:
        """The A names of the attributes."""
        size = self._sums.support.shape[2]
        return self._attributes or tuple(f"attribute_{index}" for index in range(size))

    @property
    def positive(self) -> Floats:
        """n (C, A), the samples of the class with the attribute."""
        return _exact.value(self._sums.positive)

    @property
    def support(self) -> Floats:
        """N (C, A), the samples of the class whose label for the attribute is there."""
        return _exact.value(self._sums.support)

    def __repr__(self) -> str:
        return f"RelatednessCounts({len(self.classes)} classes x {len(self.attributes)} attributes)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RelatednessCounts):
            return NotImplemented
        names = (self.classes, self.attributes) == (other.classes, other.attributes)
        return names and all(map(np.array_equal, self._sums, other._sums))

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def from_annotations(
        cls,
        class_labels: Any,
        attribute_labels: Any,
        *,
        classes: Sequence[str] | None = None,
        attributes: Sequence[str] | None = None,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> RelatednessCounts:
        """Count samples in one call; a Dask array or DataFrame is counted by its workers.

        Args:
            class_labels: as of `update`; Dask arrays and Series too.
            attribute_labels: as of `update`; Dask arrays and DataFrames too.
            classes: names of the classes.
            attributes: names of the attributes.
            sample_weight: (B,), at least 0, what each sample counts; 1 by default.
            groups: (B,), integers or names: samples that are near copies of each other, as the frames of one
                video. A group counts once in every class that it shows, whatever its size.

        Raises:
            TypeError: as `update`, and where some arguments are Dask's and some are not.
            ValueError: as `update`, and for a sample without a group.
            KeyError: as `update`.

        Example:
            >>> frames = {"class_labels": [0, 0, 0], "attribute_labels": [[1], [1], [0]]}
            >>> RelatednessCounts.from_annotations(**frames, groups=["a", "a", "b"]).support
            array([[2.]])
        """
        given = {
            "class_labels": class_labels,
            "attribute_labels": attribute_labels,
            "sample_weight": sample_weight,
            "groups": groups,
        }
        if any(_tables.is_dask(value) for value in given.values()):
            from coupling import _dask

            return _dask.count(given, classes=classes, attributes=attributes)
        if groups is not None:
            shares = GroupShares()
            shares.update(groups, class_labels, sample_weight)
            sample_weight = shares.weights(groups, class_labels, sample_weight)
        counts = cls(classes=classes, attributes=attributes)
        counts.update(class_labels, attribute_labels, sample_weight=sample_weight)
        return counts

    def update(self, class_labels: Any, attribute_labels: Any, *, sample_weight: Any = None) -> None:
        """Count some more samples.

        Args:
            class_labels: (B,), integers (negative means missing) or names (None or "" means missing).
            attribute_labels: (B, A), real: a value in [0, 1] is a label, hard or soft; any other is missing.
                NumPy or Array API arrays, sparse matrices, pandas, polars or PyArrow tables.
            sample_weight: (B,), at least 0, what each sample counts, kept to 2**-53; 1 by default.

        Raises:
            TypeError: where the labels are neither integers nor names, or no numbers.
            ValueError: for shapes that do not fit, a label beyond `classes`, or a negative weight.
            KeyError: for a class or a column that is not there; the message lists close matches.

        Example:
            >>> counts = RelatednessCounts()
            >>> counts.update([0, 1], [[1], [1]], sample_weight=[0.5, 2.0])
            >>> counts.positive
            array([[0.5],
                   [2. ]])
        """
        found = _tables.codes(class_labels, self._given_classes)
        columns = _tables.columns(attribute_labels, self._attributes)
        rows, attributes = columns.shape
        check_shapes({"B": len(found.numbers)}, attribute_labels=(columns, "BA"))
        labelled = bool((found.numbers >= 0).any())
        self._check(_kind(found.names, labelled=labelled), columns.names, attributes)
        weight = None if sample_weight is None else _tables.weights(sample_weight, rows)
        names = found.names if self._given_classes is None else self._given_classes
        classes = int(found.numbers.max(initial=-1)) + 1 if names is None else len(names)
        counted = _tally.tally(found.numbers, columns.block, attributes, classes, weight)
        self._add(counted, names, columns.names)

    def merge(self, other: RelatednessCounts) -> None:
        """Add the counts of `other`, which keeps its own.

        Raises:
            TypeError: where `other` is no RelatednessCounts.
            ValueError: where the classes or the attributes are others.

        Example:
            >>> morning = RelatednessCounts.from_annotations([0], [[1]])
            >>> morning.merge(RelatednessCounts.from_annotations([0, 1], [[0], [1]]))
            >>> morning.support
            array([[2.],
                   [1.]])
        """
        if not isinstance(other, RelatednessCounts):
            raise TypeError(f"other should be a coupling.RelatednessCounts, got {describe_type(other)}")
        if self._given_classes != other._given_classes:
            raise ValueError(f"other should have the classes {self.classes}, got {other.classes}")
        attributes = other._sums.support.shape[2]
        if attributes:
            kind = _kind(other._classes, labelled=other._sums.support.shape[1] > 0)
            self._check(kind, other._attributes, attributes)
            self._add(other._sums, other._classes, other._attributes)

    def to_relatedness(
        self, *, smoothing: float = 0.0, min_support: float = 0.0, source: str = "annotations"
    ) -> Relatedness:
        r"""Return the relatedness that these counts give.

        .. math:: K_{ci} = W_{ci} = \frac{n_{ci} + s\, b_i}{N_{ci} + s}, \qquad
                  b_i = \frac{\sum_c n_{ci}}{\sum_c N_{ci}}

        Where N + s = 0 the rate b is all that is known.

        Args:
            smoothing: s, at least 0: so many samples of the attribute's base rate are added to every cell.
            min_support: how many samples a class should have, for some attribute, to be `known`; one without
                any label is never.
            source: where the annotations come from.

        Raises:
            TypeError: where an option is no number.
            ValueError: where an option is negative, or there are no classes or attributes yet.

        Example:
            >>> counts = RelatednessCounts.from_annotations([0, 0, 1], [[1], [1], [0]])
            >>> counts.to_relatedness(smoothing=1.0, min_support=2).conditional.round(2)
            array([[0.89],
                   [0.33]])
        """
        check_number("smoothing", smoothing, 0.0, float("inf"), closed="low")
        check_number("min_support", min_support, 0.0, float("inf"), closed="low")
        positive, support = self.positive, self.support
        if not len(support):
            raise ValueError(
                "class_labels should have at least one label where classes are not named, got none"
            )
        if not support.shape[1]:
            raise ValueError("attribute_labels should have at least one attribute, got none")
        labels = support.sum(axis=0)
        base = positive.sum(axis=0) / np.where(labels > 0, labels, 1.0)
        total = support + smoothing
        smoothed = (positive + smoothing * base) / np.where(total > 0, total, 1.0)
        conditional = np.where(total > 0, smoothed, base)
        most = support.max(axis=1)
        return Relatedness(
            conditional,  # at most 1 also once it is rounded, as rounding keeps the order of numbers
            classes=self.classes,
            attributes=self.attributes,
            known=(most > 0) & (most >= min_support * (1.0 - ROUNDING)),
            source=source,
            support=support,
        )

    def _check(self, kind: Kind | None, names: tuple[str, ...] | None, attributes: int) -> None:
        """Check that samples, with class labels of a kind, fit those that were counted before."""
        _, classes, before = self._sums.support.shape
        own = _kind(self._classes, labelled=classes > 0)
        if self._given_classes is None and own and kind and own != kind:
            raise TypeError(f"class_labels should be {own} as those before, got {kind}")
        if before and attributes != before:
            raise ValueError(f"attribute_labels should have A = {before} attributes, got {attributes}")
        if self._attributes and names and names != self._attributes:
            raise ValueError(f"attribute_labels should have the columns {self._attributes}, got {names}")

    def _add(
        self, counted: Tally, classes: tuple[str, ...] | None, attributes: tuple[str, ...] | None
    ) -> None:
        """Add sums, in the order of the names of both; integers are their own."""
        size = max(self._sums.support.shape[1], counted.support.shape[1])
        own = theirs = np.arange(size)
        if self._given_classes is None and classes:
            union = tuple(sorted({*(self._classes or ()), *classes}))
            own = np.array(exact("classes", self._classes or (), union), np.intp)
            theirs = np.array(exact("classes", classes, union), np.intp)
            self._classes, size = union, len(union)
        sums = _nothing(size, counted.support.shape[2])
        if self._sums.support.shape[2]:
            for total, part in zip(sums, self._sums, strict=True):
                total[:, own[: part.shape[1]]] += part
        for total, part in zip(sums, counted, strict=True):
            total[:, theirs[: part.shape[1]]] += part
        self._sums = Tally(*map(_exact.carried, sums))
        self._attributes = self._attributes or attributes


def _kind(names: tuple[str, ...] | None, *, labelled: bool) -> Kind | None:
    """Return of what kind class labels are; without any they are of none."""
    return "names" if names else "integers" if labelled else None


def _nothing(classes: int, attributes: int) -> Tally:
    return Tally(_exact.zeros(classes, attributes), _exact.zeros(classes, attributes))
