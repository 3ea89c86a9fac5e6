"""`Relatedness` as a pytree: its matrices are leaves; its names and what is known are static."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from coupling._relatedness import Relatedness

Static = tuple[tuple[str, ...], tuple[str, ...], tuple[bool, ...], str]


def _flatten(relatedness: Relatedness) -> tuple[tuple[Any, Any], Static]:
    static = (
        relatedness.classes,
        relatedness.attributes,
        tuple(relatedness.known.tolist()),
        relatedness.source,
    )
    return (relatedness.conditional, relatedness.weights), static


def _unflatten(static: Static, matrices: tuple[Any, Any]) -> Relatedness:
    classes, attributes, known, source = static
    blank = np.zeros((len(classes), len(attributes)))
    frame = Relatedness(blank, classes=classes, attributes=attributes, known=known, source=source)
    return frame._with_arrays(*matrices)


jax.tree_util.register_pytree_node(Relatedness, _flatten, _unflatten)
