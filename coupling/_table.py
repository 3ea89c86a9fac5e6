"""Relatedness from a table of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from coupling._check import check_mapping, check_number
from coupling._fields import Matrix, position, strings


class Table(NamedTuple):
    """The weights (C, A) that a table lists, 0 elsewhere, and the names of its rows and columns."""

    weights: Matrix
    classes: Sequence[str]
    attributes: Sequence[str]


def read(
    prototypical: Mapping[str, Iterable[str]],
    observational: Mapping[str, Mapping[str, float]],
    classes: Sequence[str] | None,
    attributes: Sequence[str] | None,
) -> Table:
    """Return a table in the order of these names, or of their first mention."""
    pairs = _weights_of(prototypical, observational)
    if classes is None:
        classes = list(dict.fromkeys([*prototypical, *observational]))
    if attributes is None:
        attributes = list(dict.fromkeys(attribute for _, attribute in pairs))
    weights = np.zeros((len(classes), len(attributes)))
    for (name, attribute), weight in pairs.items():
        row = position("classes", name, classes)
        weights[row, position("attributes", attribute, attributes)] = weight
    return Table(weights, classes, attributes)


def _weights_of(
    prototypical: Mapping[str, Iterable[str]], observational: Mapping[str, Mapping[str, float]]
) -> dict[tuple[str, str], float]:
    """Return the weight of each pair of class and attribute that a table lists."""
    pairs: list[tuple[str, str, float]] = []
    check_mapping("prototypical", prototypical)
    check_mapping("observational", observational)
    for name, attributes in prototypical.items():
        named = strings(f"prototypical[{name!r}]", attributes)
        pairs += [(name, attribute, 1.0) for attribute in named]
    for name, weighted in observational.items():
        check_mapping(f"observational[{name!r}]", weighted)
        pairs += [(name, attribute, weight) for attribute, weight in weighted.items()]
    weights: dict[tuple[str, str], float] = {}
    for name, attribute, weight in pairs:
        if (name, attribute) in weights:
            raise ValueError(
                "prototypical and observational should list each pair once, "
                f"got {name!r} with {attribute!r} twice"
            )
        check_number(f"observational[{name!r}][{attribute!r}]", weight, 0.0, float("inf"))
        weights[name, attribute] = weight
    return weights
