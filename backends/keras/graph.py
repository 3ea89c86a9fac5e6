"""Equation 1 over a graph of tasks as a Keras model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import keras

from coupling._check import check_flag, check_shapes
from coupling._graph import CouplingGraph
from coupling._namespace import Array
from coupling._tasks import Classes
from coupling.keras import functional
from coupling.keras._devices import check_synchronized
from coupling.keras._graph import label_tensors
from coupling.keras._model import SumModel, counted, of_couplings
from coupling.losses._coupled_graph import check_by_task, check_graph
from coupling.losses._participants import Evidence


@keras.saving.register_keras_serializable(package="coupling")
class CoupledGraphModel(SumModel):
    """A functional model of the tasks of a graph that is trained on equation 1.

    ``compile(optimizer)``, then ``fit(x, y)`` with y the labels by the names of the tasks: of classes (B,)
    integers, negative where missing; of attributes (B, A), a label where in [0, 1], missing elsewhere (NaN,
    -1, 999). The log shows each unweighted term under its name in ``graph.terms``, with "_loss" after it.
    Regularisation, losses that layers add and a ``loss`` given to `compile` are added. A `sample_weight`
    counts in every term; where each task has its own, that of the task counts in the task loss, that of an
    edge's target in soft co-annotation from labels, and the larger of the edge's two in what needs no label:
    distribution matching, and soft co-annotation from predictions. See `coupling.losses.coupled_graph` for
    the formula.

    Args:
        inputs: as of `keras.Model`.
        outputs: (B, N) of each task by its name, probabilities or logits.
        name: of the model.
        graph: the tasks, the edges between them, their weights and options.
        from_logits: whether the outputs are logits; probabilities in [0, 1] by default.
        synchronized: whether means are taken over all replicas, as in `keras.layers.BatchNormalization`.
        trainable: as of `keras.Model`.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for a task that is missing or superfluous, outputs or labels of the wrong shape.

    Example:
        >>> import numpy as np
        >>> from coupling import Attributes, Classes, Edge, Relatedness
        >>> garments, patterns = Classes(["shirt", "dress"]), Attributes(["striped"])
        >>> table = Relatedness([[0.5], [0.1]], classes=garments.names, attributes=patterns.names)
        >>> edges = [Edge("category", "pattern", table, dm={"divergence": "js"})]
        >>> graph = CouplingGraph({"category": garments, "pattern": patterns}, edges)
        >>> images = keras.Input((4,))
        >>> category = keras.layers.Dense(2, activation="softmax")(images)
        >>> pattern = keras.layers.Dense(1, activation="sigmoid")(images)
        >>> model = CoupledGraphModel(images, {"category": category, "pattern": pattern}, graph=graph)
        >>> model.compile("adam")
        >>> labels = {"category": np.array([1, -1]), "pattern": np.array([[np.nan], [1.0]])}
        >>> sorted(model.fit(np.ones((2, 4)), labels, verbose=0).history)[:2]
        ['category/pattern/distribution_matching_loss', 'category/pattern/soft_co_annotation_loss']

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Mapping[str, Any],
        name: str | None = None,  # by position, or Keras does not take this class for a functional model
        *,
        graph: CouplingGraph,
        from_logits: bool = False,
        synchronized: bool = False,
        trainable: bool | None = None,
    ) -> None:
        check_graph(graph)
        check_by_task("outputs", outputs, graph)
        for task, kind in graph.tasks.items():
            letter = "C" if isinstance(kind, Classes) else "A"
            check_shapes({letter: len(kind.names)}, **{f"outputs[{task!r}]": (outputs[task], f"B{letter}")})
        check_flag("from_logits", from_logits)
        check_synchronized(synchronized)
        super().__init__(inputs=inputs, outputs=dict(outputs), name=name, trainable=trainable)
        self.graph = graph
        self.from_logits = from_logits
        self.synchronized = synchronized
        self._track(graph.terms)

    def _terms(
        self, y: Any, y_pred: Any, sample_weight: Any
    ) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        check_by_task("y", y, self.graph)
        weights = self._by_term(sample_weight)
        terms = functional.coupled_graph(
            y_pred,
            y,
            self.graph,
            from_logits=self.from_logits,
            synchronized=self.synchronized,
            sample_weight=weights,
        )
        couplings = {
            f"{edge.source}/{edge.target}/": Evidence(edge.target, edge.relatedness, edge.sca)
            for edge in self.graph.edges
        }
        return terms, counted(label_tensors(y, self.graph), couplings, weights)

    def _by_term(self, sample_weight: Any) -> Any:
        """Return the weights of each term from those of each task: Keras copies a single array to all."""
        if not isinstance(sample_weight, Mapping):
            return sample_weight
        check_by_task("sample_weight", sample_weight, self.graph)
        weights = dict(sample_weight)
        for edge in self.graph.edges:
            both = of_couplings(sample_weight[edge.source], sample_weight[edge.target], edge.sca)
            weights |= {f"{edge.source}/{edge.target}/{part}": weight for part, weight in both.items()}
        return weights

    def get_config(self) -> dict[str, Any]:
        """Return everything that the constructor takes, as lists, strings, numbers and booleans."""
        own = {
            "graph": self.graph.to_dict(),
            "from_logits": self.from_logits,
            "synchronized": self.synchronized,
        }
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Return the model that `get_config` was called on, with new weights.

        `keras.models.clone_model` hands on inputs and outputs alone, so that it fails: copy by this.
        """
        graph = CouplingGraph.from_dict(config["graph"])
        model: Self = super().from_config({**config, "graph": graph}, custom_objects)
        return model
