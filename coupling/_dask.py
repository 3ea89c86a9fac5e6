"""Annotations on Dask: its workers count, and only counts come back."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from coupling import _tables
from coupling._check import check_shapes
from coupling._counts import RelatednessCounts
from coupling._groups import GroupShares
from coupling._names import exact

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
    from dask.delayed import delayed

    blocks = _blocks(given, attributes)
    shares = _merged([delayed(_shares)(own) for own in blocks]) if given["groups"] is not None else None
    names = {"classes": classes, "attributes": attributes}
    return _merged([delayed(_counts)(own, shares, names) for own in blocks])


def _blocks(given: Mapping[str, Any], attributes: Sequence[str] | None) -> list[Any]:
    """Return the arguments block by block: for each a mapping of delayed values, or a delayed mapping."""
    tables = not hasattr(given["class_labels"], "rechunk")
    for name, value in given.items():
        if value is not None and not (_tables.is_dask(value) and tables != hasattr(value, "rechunk")):
            wanted = "Series or DataFrame" if tables else "Array"
            raise TypeError(f"{name} should be a Dask {wanted} as others are, got {type(value).__name__}")
    return _table_blocks(given, attributes) if tables else _array_blocks(given)


def _array_blocks(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    first = given["class_labels"]
    blocks = {}
    for name, value in given.items():
        if value is not None:
            letters = "BA" if name == "attribute_labels" else "B"
            check_shapes({"B": first.shape[0]}, **{name: (value, letters)})
            chunks = {0: first.chunks[0], 1: -1} if letters == "BA" else {0: first.chunks[0]}
            blocks[name] = value.rechunk(chunks).to_delayed().ravel()
    return [dict(zip(blocks, own, strict=True)) for own in zip(*blocks.values(), strict=True)]


def _table_blocks(given: Mapping[str, Any], attributes: Sequence[str] | None) -> list[Any]:
    """Return the partitions of one table of all: Dask may read columns apart into other partitions."""
    from dask.delayed import delayed

    table = given["attribute_labels"]
    if attributes is not None:
        exact("attributes", attributes, tuple(table.columns))
        table = table[list(attributes)]
    columns = {name: f"coupling.{name}" for name in given if given[name] is not None}
    del columns["attribute_labels"]
    whole = table.assign(**{column: given[name] for name, column in columns.items()})
    return [delayed(_split)(part, columns) for part in whole.to_delayed()]


def _split(part: Any, columns: Mapping[str, str]) -> dict[str, Any]:
    block = {name: part[column] for name, column in columns.items()}
    return {**block, "attribute_labels": part.drop(columns=list(columns.values()))}


def _shares(block: Mapping[str, Any]) -> GroupShares:
    shares = GroupShares()
    shares.update(block["groups"], block["class_labels"], block.get("sample_weight"))
    return shares


def _counts(
    block: Mapping[str, Any], shares: GroupShares | None, names: Mapping[str, Any]
) -> RelatednessCounts:
    weight = block.get("sample_weight")
    if shares is not None:
        weight = shares.weights(block["groups"], block["class_labels"], weight)
    counts = RelatednessCounts(**names)
    counts.update(block["class_labels"], block["attribute_labels"], sample_weight=weight)
    return counts


def _merged(parts: list[Any]) -> T:  # type: ignore[type-var]
    """Compute the sum of delayed parts."""
    from dask.delayed import delayed

    while len(parts) > 1:
        parts = [delayed(_merge)(parts[start : start + FAN_IN]) for start in range(0, len(parts), FAN_IN)]
    result: T = parts[0].compute()
    return result


def _merge(parts: Sequence[T]) -> T:
    total = copy.deepcopy(parts[0])  # Dask's values may not be changed
    for part in parts[1:]:
        total.merge(part)
    return total
