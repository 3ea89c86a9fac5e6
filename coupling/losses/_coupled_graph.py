"""Equation 1 over a graph of tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from coupling._check import FLOATING, INTEGRAL, LABELS, check_arrays, check_keys
from coupling._graph import CouplingGraph
from coupling._namespace import Array, Namespace, compute_dtype, constant, describe_type, resolve
from coupling._normalizer import Normalizers
from coupling._tasks import Classes
from coupling.losses._common import check_labels, widened
from coupling.losses._coupling import weighted_sum
from coupling.losses._task import attribute_binary_cross_entropy, class_cross_entropy


def check_graph(graph: object) -> None:
    """Check that the argument is a CouplingGraph."""
    if not isinstance(graph, CouplingGraph):
        raise TypeError(f"graph should be a coupling.CouplingGraph, got {describe_type(graph)}")


def check_by_task(name: str, given: object, graph: CouplingGraph) -> None:
    """Check that a mapping has one entry for each task."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} should be a mapping by the names of the tasks, got {describe_type(given)}")
    check_keys(name, given, tuple(graph.tasks))


def coupled_graph(
    logits: Mapping[str, Array],
    labels: Mapping[str, Array],
    graph: CouplingGraph,
    *,
    sample_weight: Array | Mapping[str, Array] | None = None,
    normalizer: Normalizers = None,
    xp: Namespace | None = None,
) -> dict[str, Array]:
    r"""Return the losses of a network that is trained on the tasks of a graph, and their weighted sum.

    .. math:: \mathcal{L} = \sum_t \lambda_t \mathcal{L}_t
              + \sum_{(c, t)} \left( \lambda^{DM}_{ct} \mathcal{L}^{DM}_{ct}
              + \lambda^{SCA}_{ct} \mathcal{L}^{SCA}_{ct} \right)

    with `class_cross_entropy` or `attribute_binary_cross_entropy` of each task t, and on each edge from c to
    t `distribution_matching` and `soft_co_annotation`, or where t has classes
    `categorical_distribution_matching` and `categorical_soft_co_annotation`.

    Args:
        logits: (B, N) of each task by its name, N its number of names, real floating.
        labels: of each task by its name: of classes (B,) integers, negative where missing; of attributes
            (B, A) real: a value in [0, 1] is a label, hard or soft; any other (NaN, -1, 999) is missing.
        graph: the tasks, the edges between them, their weights and options.
        sample_weight: (B,), at least 0, what each sample counts, or a mapping of such by the names of the
            terms, ``graph.terms``; 1 by default.
        normalizer: what turns a sum over this batch into the average of such sums over all devices, or a
            mapping of such by the names of the terms; the identity by default.
        xp: the arrays' namespace, found from them by default.

    Returns:
        Scalars by name: "total", weighted, and unweighted each task and each edge's
        "source/target/distribution_matching" and "source/target/soft_co_annotation".

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a task that is missing or superfluous, a wrong rank or size, and for a label beyond a
            task's classes where values can be read.

    Example:
        >>> import numpy as np
        >>> from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness
        >>> garments, patterns = ["shirt", "dress"], ["striped"]
        >>> table = Relatedness([[0.5], [0.1]], classes=garments, attributes=patterns)
        >>> graph = CouplingGraph(
        ...     {"category": Classes(garments), "pattern": Attributes(patterns)},
        ...     [Edge("category", "pattern", table, dm={"divergence": "js"})],
        ... )
        >>> logits = {"category": np.zeros((1, 2)), "pattern": np.zeros((1, 1))}
        >>> labels = {"category": np.array([0]), "pattern": np.array([[np.nan]])}
        >>> for name, term in coupled_graph(logits, labels, graph).items():
        ...     print(name, term.round(4))
        total 0.7142
        category 0.6931
        pattern 0.0
        category/pattern/distribution_matching 0.021
        category/pattern/soft_co_annotation 0.0

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """
    check_graph(graph)
    check_by_task("logits", logits, graph)
    check_by_task("labels", labels, graph)
    xp = _check_arrays(logits, labels, graph, xp)
    logits = {name: widened(x, xp) for name, x in logits.items()}

    losses: dict[str, Callable[..., Array]] = {
        name: partial(
            class_cross_entropy if isinstance(task, Classes) else attribute_binary_cross_entropy,
            logits[name],
            labels[name],
        )
        for name, task in graph.tasks.items()
    }
    factors = graph.weights
    for edge in graph.edges:
        source, target = edge.source, edge.target
        couplings = graph._coupling(edge).losses(
            logits[source], logits[target], labels[target], edge.relatedness, edge.dm, edge.sca, xp
        )
        losses |= {f"{source}/{target}/{part}": loss for part, loss in couplings.items()}
        factors |= {f"{source}/{target}/{part}": factor for part, factor in edge.weights.items()}
    first = next(iter(logits.values()))
    zero = constant(0.0, first, dtype=compute_dtype(tuple(logits.values()), xp), xp=xp)
    total, parts = weighted_sum(losses, factors, sample_weight, normalizer, zero=zero, xp=xp)
    return {"total": total, **parts}


def _check_arrays(
    logits: Mapping[str, Array], labels: Mapping[str, Array], graph: CouplingGraph, xp: Namespace | None
) -> Namespace:
    """Check each task's arrays by its name, which the losses do not know, and return their namespace."""
    given = {"logits": logits, "labels": labels}
    xp = resolve(xp, **{f"{name}[{task!r}]": x for name, by in given.items() for task, x in by.items()})
    samples: dict[str, int] = {}
    for name, task in graph.tasks.items():
        count, classes = len(task.names), isinstance(task, Classes)
        letter = "C" if classes else "A"
        expected: dict[str, Any] = {
            f"logits[{name!r}]": (logits[name], f"B{letter}", FLOATING),
            f"labels[{name!r}]": (labels[name], "B", INTEGRAL) if classes else (labels[name], "BA", LABELS),
        }
        check_arrays(xp, {letter: count, **samples}, **expected)
        if isinstance(logits[name].shape[0], int):
            samples = {"B": logits[name].shape[0]}
        if classes:
            check_labels(f"labels[{name!r}]", labels[name], "C", count, xp)
    return xp
