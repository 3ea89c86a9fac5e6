"""`Relatedness` and `CouplingGraph` as pytrees: matrices are leaves, names and options are static.

The support, which no loss reads, stays behind.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from coupling._graph import CouplingGraph
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


def _flatten_graph(graph: CouplingGraph) -> tuple[tuple[Relatedness, ...], tuple[Any, ...]]:
    return tuple(edge.relatedness for edge in graph.edges), graph._frame()


jax.tree_util.register_pytree_node(Relatedness, _flatten, _unflatten)
jax.tree_util.register_pytree_node(CouplingGraph, _flatten_graph, CouplingGraph._assemble)
