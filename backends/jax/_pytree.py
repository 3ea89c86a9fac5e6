"""`Relatedness` as a pytree: its matrices are leaves, its names and what is known are static."""

from __future__ import annotations

from typing import Any

import jax

from coupling._relatedness import Relatedness

Static = tuple[tuple[str, ...], tuple[str, ...], tuple[bool, ...], str]


def _flatten(relatedness: Relatedness) -> tuple[tuple[Any, Any], Static]:
    known = tuple(relatedness.known.tolist())
    static = (relatedness.classes, relatedness.attributes, known, relatedness.source)
    return (relatedness.conditional, relatedness.weights), static


def _unflatten(static: Static, matrices: tuple[Any, Any]) -> Relatedness:
    return Relatedness._of_arrays(*matrices, *static)


jax.tree_util.register_pytree_node(Relatedness, _flatten, _unflatten)
