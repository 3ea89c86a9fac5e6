"""The graph in JAX: a pytree, also as an argument of what is traced."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from graphs import GRAPH, arrays

import coupling.jax as cj
from coupling import CouplingGraph, losses


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"), jax.debug_nans(True):
        yield


def batch() -> dict[str, dict[str, jax.Array]]:
    logits = {name: jnp.asarray(x, dtype="float32") for name, x in arrays()["logits"].items()}
    return {"logits": logits, "labels": {name: jnp.asarray(x) for name, x in arrays()["labels"].items()}}


def total(logits: dict[str, jax.Array], labels: dict[str, jax.Array], graph: CouplingGraph) -> jax.Array:
    return cj.coupled_graph(logits, labels, graph)["total"]


def test_equals_core() -> None:
    core = losses.coupled_graph(**arrays(), graph=GRAPH)
    for name, term in cj.coupled_graph(**batch(), graph=GRAPH).items():
        np.testing.assert_allclose(term, core[name], rtol=1e-5)


def test_arrays_of_numpy() -> None:
    for name, term in cj.coupled_graph(**jax.tree.map(np.asarray, batch()), graph=GRAPH).items():
        np.testing.assert_array_equal(term, cj.coupled_graph(**batch(), graph=GRAPH)[name])


def test_graph_as_a_traced_argument() -> None:
    """Its matrices are traced."""
    inputs = batch().values()
    eager = jax.grad(total)(*inputs, GRAPH)
    traced = jax.jit(jax.grad(total))(*inputs, GRAPH)
    for name, slope in eager.items():
        assert slope.any()
        np.testing.assert_allclose(traced[name], slope, rtol=1e-4, atol=1e-6)


def test_graph_is_a_pytree() -> None:
    leaves, structure = jax.tree.flatten(GRAPH)
    assert [leaf.shape for leaf in leaves] == [(3, 2), (3, 2), (3, 3), (3, 3)]
    assert jax.tree.unflatten(structure, leaves) == GRAPH
    again = CouplingGraph.from_dict(GRAPH.to_dict())
    assert hash(structure) == hash(jax.tree.structure(again))
    assert structure == jax.tree.structure(again)
    assert structure != jax.tree.structure(CouplingGraph(GRAPH.tasks, GRAPH.edges[:1]))


def test_traced_once_for_equal_graphs() -> None:
    graphs = []

    @jax.jit
    def traced(graph: CouplingGraph, **inputs: Any) -> jax.Array:
        graphs.append(graph)
        return total(**inputs, graph=graph)

    traced(**batch(), graph=GRAPH)
    traced(**batch(), graph=CouplingGraph.from_dict(GRAPH.to_dict()))
    assert len(graphs) == 1


def test_matrices_can_be_learnt() -> None:
    inputs = batch()
    gradient = jax.grad(total, argnums=2)(*inputs.values(), jax.tree.map(jnp.asarray, GRAPH))
    assert isinstance(gradient, CouplingGraph)
    assert all(np.any(edge.relatedness.conditional) for edge in gradient.edges)


@pytest.mark.nan
def test_labels_beyond_the_categories() -> None:
    inputs = batch()
    inputs["labels"]["neckline"] = jnp.asarray([3, 0, -1])
    with pytest.raises(ValueError, match=r"labels\['neckline'\] should be below C = 3.*got 3"):
        total(**inputs, graph=GRAPH)
    with jax.debug_nans(False):
        assert jnp.isnan(jax.jit(partial(total, graph=GRAPH))(**inputs))
