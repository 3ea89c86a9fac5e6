"""Annotations on Dask: its workers count, and only counts come back."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from coupling import _tables
from coupling._check import check_shapes
from coupling._counts import RelatednessCounts
from coupling._groups import GroupShares

FAN_IN = 16

T = TypeVar("T", RelatednessCounts, GroupShares)


def count(
    given: Mapping[str, Any], *, classes: Sequence[str] | None, attributes: Sequence[str] | None
) -> RelatednessCounts:
    """Count block by block where the blocks are, then add the counts up in a tree.

    Args:
        given: class_labels, attribute_labels, sample_weight and groups, Dask collections or None.
        classes: names of the classes.
        attributes: names of the attributes.
    """
    from dask import delayed

    labels, matrices, weights, groups = _blocks(given)
    if given["groups"] is not None:
        parts = [delayed(_shares)(*own) for own in zip(groups, labels, weights, strict=True)]
        shares = delayed(_merged(parts))
        blocks = zip(groups, labels, weights, strict=True)
        weights = [delayed(GroupShares.weights)(shares, *own) for own in blocks]
    names = {"classes": classes, "attributes": attributes}
    blocks = zip(labels, matrices, weights, strict=True)
    return _merged([delayed(_counts)(names, *own) for own in blocks])


def _blocks(given: Mapping[str, Any]) -> list[list[Any]]:
    """Return the blocks of each argument, as delayed values; those of None are None."""
    for name, value in given.items():
        if value is not None and not _tables.is_dask(value):
            raise TypeError(f"{name} should be a Dask collection as others are, got {type(value).__name__}")
    first = given["class_labels"]
    blocks = {name: None if x is None else _delayed(name, x, first) for name, x in given.items()}
    number = len(blocks["class_labels"] or ())
    for name, own in blocks.items():
        if own is not None and len(own) != number:
            raise ValueError(f"{name} should have {number} partitions, as class_labels has, got {len(own)}")
    return [[None] * number if own is None else own for own in blocks.values()]


def _delayed(name: str, value: Any, first: Any) -> list[Any]:
    """Return the blocks of rows of a collection; those of arrays are made those of `first`."""
    if not hasattr(value, "rechunk"):
        return list(value.to_delayed())
    letters = "BA" if name == "attribute_labels" else "B"
    rows = first.chunks[0] if hasattr(first, "chunks") else "auto"
    check_shapes({"B": first.shape[0]} if hasattr(first, "chunks") else {}, **{name: (value, letters)})
    return list(value.rechunk({0: rows, 1: -1} if letters == "BA" else {0: rows}).to_delayed().ravel())


def _shares(groups: Any, class_labels: Any, sample_weight: Any) -> GroupShares:
    shares = GroupShares()
    shares.update(groups, class_labels, sample_weight)
    return shares


def _counts(
    names: Mapping[str, Any], class_labels: Any, attribute_labels: Any, sample_weight: Any
) -> RelatednessCounts:
    counts = RelatednessCounts(**names)
    counts.update(class_labels, attribute_labels, sample_weight)
    return counts


def _merged(parts: list[Any]) -> T:  # type: ignore[type-var]
    """Compute the sum of delayed parts."""
    from dask import delayed

    while len(parts) > 1:
        parts = [delayed(_merge)(parts[start : start + FAN_IN]) for start in range(0, len(parts), FAN_IN)]
    result: T = parts[0].compute()
    return result


def _merge(parts: Sequence[T]) -> T:
    total = copy.deepcopy(parts[0])  # Dask's values may not be changed
    for part in parts[1:]:
        total.merge(part)
    return total
