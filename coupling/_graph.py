"""Many tasks and what they say about each other: the vertices and edges over which equation 1 sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from coupling._check import check_keys, check_mapping
from coupling._edge import Edge, factors
from coupling._names import hint
from coupling._namespace import describe_type
from coupling._relatedness import Relatedness
from coupling._tasks import Attributes, Classes, Value
from coupling.losses._common import check_distributions
from coupling.losses._coupling import ATTRIBUTES, CATEGORIES, COUPLING_PARTS, Coupling


class CouplingGraph(Value):
    r"""Tasks, what the multi-class ones say about the others, and the weights of equation 1.

    .. math:: \mathcal{L} = \sum_t \lambda_t \mathcal{L}_t
              + \sum_{(c, t)} \left( \lambda^{DM}_{ct} \mathcal{L}^{DM}_{ct}
              + \lambda^{SCA}_{ct} \mathcal{L}^{SCA}_{ct} \right)

    Immutable; two are equal if all that they hold is. `coupling.losses.coupled_graph` computes the sum.

    Args:
        tasks: `Classes` and `Attributes` by the names of the tasks.
        edges: between these tasks, at most one for each source and target.
        weights: the factors λ of the task losses by the names of the tasks, at least 0; 1 each by default.

    Raises:
        TypeError: for an argument of the wrong type.
        KeyError: for an edge from or to a task that is not there; the message lists close matches.
        ValueError: for an edge from attributes, from a task to itself, or given twice; for a relatedness with
            other names than the tasks, or without a distribution for each class where the target has
            classes; for a wrong option or weight.

    Example:
        >>> from coupling import Relatedness
        >>> garments, necklines = ["shirt", "dress"], ["round", "v"]
        >>> table = Relatedness([[0.2, 0.8], [0.75, 0.25]], classes=garments, attributes=necklines)
        >>> graph = CouplingGraph(
        ...     {"category": Classes(garments), "neckline": Classes(necklines)},
        ...     [Edge("category", "neckline", table, dm={"divergence": "js"})],
        ... )
        >>> graph
        CouplingGraph(category: 2 classes, neckline: 2 classes; category -> neckline)
        >>> graph.terms[2:]
        ('category/neckline/distribution_matching', 'category/neckline/soft_co_annotation')

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1 and "Case Study II".
    """

    __slots__ = ("_edges", "_tasks", "_weights")

    def __init__(
        self,
        tasks: Mapping[str, Classes | Attributes],
        edges: Iterable[Edge] = (),
        *,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        if not isinstance(tasks, Mapping):
            raise TypeError(f"tasks should be a mapping by name, got {describe_type(tasks)}")
        if not isinstance(edges, Iterable):
            raise TypeError(f"edges should be several of coupling.Edge, got {describe_type(edges)}")
        if not tasks:
            raise ValueError("tasks should hold at least one task, got none")
        for name, task in tasks.items():
            _check_task(name, task)
        self._tasks: tuple[tuple[str, Classes | Attributes], ...] = tuple(tasks.items())
        self._edges = tuple(edges)
        self._weights = factors(weights, self.tasks)
        seen: set[tuple[str, str]] = set()
        for edge in self._edges:
            if not isinstance(edge, Edge):
                raise TypeError(f"edges should hold coupling.Edge only, got {describe_type(edge)}")
            self._check_edge(edge)
            if (edge.source, edge.target) in seen:
                raise ValueError(f"edges should be unique, got {edge.source!r} to {edge.target!r} twice")
            seen.add((edge.source, edge.target))

    @property
    def tasks(self) -> dict[str, Classes | Attributes]:
        """The tasks by name."""
        return dict(self._tasks)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges, in the order given."""
        return self._edges

    @property
    def weights(self) -> dict[str, float]:
        """The factors of the task losses by the names of the tasks."""
        return dict(self._weights)

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of the terms of the sum: tasks, then "source/target/part" of each edge."""
        of_edges = [f"{edge.source}/{edge.target}/{part}" for edge in self._edges for part in COUPLING_PARTS]
        return (*self.tasks, *of_edges)

    def _check_edge(self, edge: Edge) -> None:
        tasks = self.tasks
        for task in (edge.source, edge.target):
            if task not in tasks:
                raise KeyError(
                    f"edges should be between the tasks, got {task!r} ({hint(task, tuple(tasks))})"
                )
        if edge.source == edge.target:
            raise ValueError(f"edges should be between two tasks, got {edge.source!r} to itself")
        source, target = tasks[edge.source], tasks[edge.target]
        if not isinstance(source, Classes):
            raise ValueError(f"edges should come from a task of Classes, got {edge.source!r} of Attributes")
        where = f"edge {edge.source!r} to {edge.target!r}"
        for field, task, own in (
            ("classes", edge.source, source.names),
            ("attributes", edge.target, target.names),
        ):
            found = getattr(edge.relatedness, field)
            if found != own:
                raise ValueError(
                    f"{where}: relatedness.{field} should be the names of {task!r} in their order (as "
                    f"relatedness.align({field}=…) gives them), {_difference(own, found)}"
                )
        try:
            if isinstance(target, Classes):
                check_distributions(edge.relatedness)
            self._coupling(edge).check(edge.relatedness, edge.dm, edge.sca)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{where}: {error}") from None

    def _coupling(self, edge: Edge) -> Coupling:
        """Return the two losses of an edge."""
        return CATEGORIES if isinstance(self.tasks[edge.target], Classes) else ATTRIBUTES

    def _key(self) -> tuple[Any, ...]:
        return self._tasks, self._edges, self._weights

    def _frame(self) -> tuple[Any, ...]:
        """Everything but the relatednesses."""
        return self._tasks, tuple(edge._frame() for edge in self._edges), self._weights

    @classmethod
    def _assemble(cls, frame: tuple[Any, ...], relatednesses: Iterable[Relatedness]) -> Self:
        """Return the graph of a frame with relatednesses, unchecked, for the adapters."""
        graph = object.__new__(cls)
        graph._tasks, edges, graph._weights = frame
        pairs = zip(edges, relatednesses, strict=True)
        graph._edges = tuple([Edge._assemble(edge, relatedness) for edge, relatedness in pairs])
        return graph

    def __repr__(self) -> str:
        tasks = [f"{name}: {len(task.names)} {_kind(task)}" for name, task in self._tasks]
        edges = [f"{edge.source} -> {edge.target}" for edge in self._edges]
        return f"CouplingGraph({', '.join(tasks)}{'; ' if edges else ''}{', '.join(edges)})"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as lists, mappings, strings, numbers and booleans."""
        return {
            "tasks": {name: {_kind(task): list(task.names)} for name, task in self._tasks},
            "edges": [edge.to_dict() for edge in self._edges],
            "weights": self.weights,
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the graph that `to_dict` was called on.

        Raises:
            TypeError: where something is of another type.
            KeyError: for an edge from or to a task that is not there; the message lists close matches.
            ValueError: where something is missing, superfluous or out of range.

        Example:
            >>> graph = CouplingGraph({"category": Classes(["shirt", "dress"])})
            >>> CouplingGraph.from_dict(graph.to_dict()) == graph
            True
        """
        check_mapping("graph", content)
        check_keys("graph", content, ("tasks", "edges", "weights"))
        check_mapping("tasks", content["tasks"])
        if not isinstance(content["edges"], list):
            raise TypeError(f"edges should be a list, got {describe_type(content['edges'])}")
        kinds: dict[str, type[Classes | Attributes]] = {"classes": Classes, "attributes": Attributes}
        tasks: dict[str, Classes | Attributes] = {}
        for name, task in content["tasks"].items():
            check_mapping(f"tasks[{name!r}]", task)
            if len(task) != 1 or next(iter(task)) not in kinds:
                raise ValueError(f"tasks[{name!r}] should hold either 'classes' or 'attributes', got {task}")
            ((kind, names),) = task.items()
            tasks[name] = kinds[kind](names)
        edges = [Edge.from_dict(edge) for edge in content["edges"]]
        return cls(tasks, edges, weights=content["weights"])


def _check_task(name: object, task: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"tasks should have strings for names, got {name!r}")
    if not name or "/" in name or name == "total":
        raise ValueError(f"tasks should have names without '/', and none be empty or 'total', got {name!r}")
    if not isinstance(task, (Classes, Attributes)):
        raise TypeError(
            f"tasks[{name!r}] should be coupling.Classes or coupling.Attributes, got {describe_type(task)}"
        )


def _kind(task: Classes | Attributes) -> str:
    return "classes" if isinstance(task, Classes) else "attributes"


def _difference(own: Sequence[str], found: Sequence[str]) -> str:
    """Say in what `found` differs from `own`."""
    if len(found) != len(own):
        return f"got {len(found)} in place of {len(own)}"
    other, name = next(pair for pair in zip(found, own, strict=True) if pair[0] != pair[1])
    return f"got {other!r} in place of {name!r}"
