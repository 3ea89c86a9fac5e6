"""Equation 1 over a graph of tasks for Keras; see `coupling.keras.functional`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coupling import losses
from coupling._graph import CouplingGraph
from coupling._namespace import Array
from coupling._tasks import Classes
from coupling.keras import _devices, _inputs
from coupling.keras._namespace import xp
from coupling.losses._coupled_graph import check_by_task, check_graph


def coupled_graph(
    logits: Mapping[str, Any],
    labels: Mapping[str, Any],
    graph: CouplingGraph,
    *,
    from_logits: bool = False,
    sample_weight: Any = None,
    synchronized: bool = False,
) -> dict[str, Array]:
    """Return the losses of a network that is trained on the tasks of a graph, and their sum (equation 1).

    See `coupling.losses.coupled_graph` for the formula.

    Args:
        logits: (B, N) of each task by its name, real floating, its probabilities or logits.
        labels: of each task by its name: of classes (B,) integers, negative where missing; of attributes
            (B, A) real: a label where in [0, 1], missing elsewhere (NaN, -1, 999).
        graph: the tasks, the edges between them, their weights and options.
        from_logits: whether the predictions are logits; probabilities in [0, 1] by default.
        sample_weight: (B,), at least 0, what each sample counts, or a mapping of such by the names of the
            terms, ``graph.terms``; 1 by default.
        synchronized: whether means are taken over all replicas, as in `keras.layers.BatchNormalization`.

    Returns:
        Scalars by name: "total", weighted, and unweighted each task and each edge's
        "source/target/distribution_matching" and "source/target/soft_co_annotation".

    Raises:
        TypeError: for an array of the wrong library or dtype.
        ValueError: for a task that is missing or superfluous, a wrong rank or size, a label beyond a task's
            classes, or logits where probabilities should be.

    Example:
        >>> from coupling import Attributes, Classes, CouplingGraph
        >>> graph = CouplingGraph({"category": Classes(["shirt", "dress"]), "pattern": Attributes(["plain"])})
        >>> terms = coupled_graph(
        ...     {"category": [[0.5, 0.5]], "pattern": [[0.5]]}, {"category": [1], "pattern": [[-1]]}, graph
        ... )
        >>> {name: round(float(term), 4) for name, term in terms.items()}  # log 2; no pattern is annotated
        {'total': 0.6931, 'category': 0.6931, 'pattern': 0.0}

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """
    check_graph(graph)
    check_by_task("logits", logits, graph)
    check_by_task("labels", labels, graph)
    predictions = {}
    for name, task in graph.tasks.items():
        predict = _inputs.exclusive if isinstance(task, Classes) else _inputs.independent
        predictions[name] = predict(f"logits[{name!r}]", logits[name], from_logits)
    weights = _inputs.vectors("sample_weight", sample_weight)
    return losses.coupled_graph(
        predictions,
        label_tensors(labels, graph),
        graph,
        sample_weight=weights,
        normalizer=_devices.over(synchronized),
        xp=xp,
    )


def label_tensors(labels: Mapping[str, Any], graph: CouplingGraph) -> dict[str, Array]:
    """Return the labels of each task as tensors, (B,) of classes and (B, A) of attributes."""
    tensors = {}
    for name, task in graph.tasks.items():
        read = _inputs.vector if isinstance(task, Classes) else _inputs.tensor
        tensors[name] = read(f"labels[{name!r}]", labels[name])
    return tensors
