"""Relatedness from a table of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coupling._check import check_number


def weights_of(
    prototypical: Mapping[str, Iterable[str]], observational: Mapping[str, Mapping[str, float]]
) -> dict[tuple[str, str], float]:
    """Return the weight of each pair of class and attribute that a table lists."""
    pairs: list[tuple[str, str, float]] = []
    for name, attributes in prototypical.items():
        pairs += [(name, attribute, 1.0) for attribute in attributes]
    for name, weighted in observational.items():
        pairs += [(name, attribute, weight) for attribute, weight in weighted.items()]
    weights: dict[tuple[str, str], float] = {}
    for name, attribute, weight in pairs:
        if (name, attribute) in weights:
            raise ValueError(f"a table should list each pair once, got {name!r} with {attribute!r} twice")
        check_number(f"observational[{name!r}][{attribute!r}]", weight, 0.0, float("inf"))
        weights[name, attribute] = weight
    return weights
