"""Equation 1 over a graph of tasks as a PyTorch module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from coupling._edge import Edge
from coupling._graph import CouplingGraph
from coupling._normalizer import Normalizers
from coupling.losses._coupled_graph import check_graph
from coupling.torch import functional
from coupling.torch._base import RelatednessModule
from coupling.torch._devices import Group

if TYPE_CHECKING:
    from torch.distributed import ProcessGroup


class _EdgeModule(RelatednessModule):
    """The matrices of an edge; a checkpoint of an edge between other tasks is refused as well."""

    def __init__(self, edge: Edge) -> None:
        super().__init__(edge.relatedness, {"weights": edge.weights, "dm": edge.dm, "sca": edge.sca})
        self._ends = {"source": edge.source, "target": edge.target}

    def _names(self) -> dict[str, Any]:
        return {**self._ends, **super()._names()}

    def extra_repr(self) -> str:
        """Return the tasks, the relatedness and the options."""
        return f"{self._ends['source']} -> {self._ends['target']}, {super().extra_repr()}"


class CoupledGraphLoss(nn.Module):
    """Equation 1 over the tasks and edges of a graph.

    `coupling.torch.functional.coupled_graph` as a module; see there for the formula. The matrices of the
    edges are buffers, and a checkpoint of another graph is refused.

    Args:
        graph: the tasks, the edges between them, their weights and options.
        process_group: the processes that means are taken over; this one alone by default.

    Shape:
        Mappings by the names of the tasks: logits (B, N), and labels, (B,) integers of classes with missing
        ones negative, (B, A) of attributes with missing ones outside [0, 1]; a dictionary of scalars.

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: (when called) for a task that is missing or superfluous, or tensors of the wrong shape.

    Example:
        >>> import torch
        >>> from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness
        >>> garments, patterns = Classes(["shirt", "dress"]), Attributes(["striped"])
        >>> table = Relatedness([[0.5], [0.1]], classes=garments.names, attributes=patterns.names)
        >>> graph = CouplingGraph(
        ...     {"category": garments, "pattern": patterns}, [Edge("category", "pattern", table)]
        ... )
        >>> loss = CoupledGraphLoss(graph)
        >>> logits = {"category": torch.zeros(1, 2), "pattern": torch.zeros(1, 1)}
        >>> labels = {"category": torch.tensor([0]), "pattern": torch.full((1, 1), torch.nan)}
        >>> loss(logits, labels)["category"]
        tensor(0.6931)

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """

    def __init__(self, graph: CouplingGraph, *, process_group: ProcessGroup | None = None) -> None:
        super().__init__()
        check_graph(graph)
        self._group = Group(process_group)
        self._graph, self._frame = graph, graph._frame()
        self.edges = nn.ModuleList([_EdgeModule(edge) for edge in graph.edges])

    @property
    def graph(self) -> CouplingGraph:
        """The graph that the module was given."""
        return self._graph

    @property
    def _in_buffers(self) -> CouplingGraph:
        """The graph with the buffers for matrices, which are where the module is."""
        tables = [edge._in_buffers for edge in self.edges]
        return CouplingGraph._assemble(self._frame, tables)  # type: ignore[arg-type]

    @property
    def process_group(self) -> ProcessGroup | None:
        """The processes that means are taken over."""
        group: ProcessGroup | None = self._group.resolve()
        return group

    def forward(
        self,
        logits: Mapping[str, Tensor],
        labels: Mapping[str, Tensor],
        *,
        sample_weight: Tensor | Mapping[str, Tensor] | None = None,
        normalizer: Normalizers = None,
    ) -> dict[str, Tensor]:
        """Return the weighted total and the unweighted terms by name."""
        terms: dict[str, Tensor] = functional.coupled_graph(
            logits,
            labels,
            self._in_buffers,
            sample_weight=sample_weight,
            normalizer=normalizer,
            process_group=self.process_group,
        )
        return terms
