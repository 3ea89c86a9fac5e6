"""What one task says about another, and how the two are coupled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from coupling._check import check_keys, check_mapping, check_names, check_number
from coupling._namespace import describe_type
from coupling._relatedness import Relatedness
from coupling._tasks import Value
from coupling.losses._common import check_relatedness
from coupling.losses._coupling import COUPLING_PARTS

Pairs = tuple[tuple[str, Any], ...]


class Edge(Value):
    """What a multi-class task says about another task, and how the two are coupled.

    Args:
        source: the name of a task of classes.
        target: the name of a task of attributes, or of another one of classes.
        relatedness: its classes are the source's names, its attributes the target's, both in their order.
            Where the target has classes, each row of ``conditional`` is a distribution and sums to 1.
        weights: factors by the names "distribution_matching" and "soft_co_annotation", at least 0; 1 each by
            default. A part whose weight is 0 is not computed.
        dm: "divergence", "matching", "attribute_mask", "eps" and "detach", as of
            `coupling.losses.distribution_matching`; where the target has classes, as of
            `categorical_distribution_matching`, which has no mask.
        sca: "divergence", "soft_label", "temperature", "empty_row", "prior" and "detach", as of
            `coupling.losses.soft_co_annotation`; where the target has classes, as of
            `categorical_soft_co_annotation`, which has no "empty_row"; and "source": "labels", "predictions"
            (of the target, held fixed) or "both".

    Raises:
        TypeError: for an argument of the wrong type.
        ValueError: for an unknown key of `weights`, or a negative weight. The options are checked by the
            graph, which knows the target.

    Example:
        >>> from coupling import Relatedness, directed
        >>> table = Relatedness([[0.9, 0.1]], classes=["shirt"], attributes=["striped", "plain"])
        >>> Edge("category", "pattern", table, **directed(200, 600)).weights
        {'distribution_matching': 0.075, 'soft_co_annotation': 0.22499999999999998}

    References:
        Kollias, Sharmanska and Zafeiriou, AAAI 2024, equation 1.
    """

    __slots__ = ("_dm", "_relatedness", "_sca", "_source", "_target", "_weights")

    def __init__(
        self,
        source: str,
        target: str,
        relatedness: Relatedness,
        *,
        weights: Mapping[str, float] | None = None,
        dm: Mapping[str, Any] | None = None,
        sca: Mapping[str, Any] | None = None,
    ) -> None:
        for name, task in (("source", source), ("target", target)):
            if not isinstance(task, str):
                raise TypeError(f"{name} should be the name of a task, got {describe_type(task)}")
        check_relatedness(relatedness)
        self._source, self._target, self._relatedness = source, target, relatedness
        self._weights = factors(weights, COUPLING_PARTS)
        self._dm, self._sca = _options("dm", dm), _options("sca", sca)

    @property
    def source(self) -> str:
        """The name of the task of classes."""
        return self._source

    @property
    def target(self) -> str:
        """The name of the task that it says something about."""
        return self._target

    @property
    def relatedness(self) -> Relatedness:
        """What the source's classes say about the target."""
        return self._relatedness

    @property
    def weights(self) -> dict[str, float]:
        """The factors of both losses."""
        return dict(self._weights)

    @property
    def dm(self) -> dict[str, Any]:
        """The options of distribution matching, arrays as tuples."""
        return dict(self._dm)

    @property
    def sca(self) -> dict[str, Any]:
        """The options of soft co-annotation, arrays as tuples."""
        return dict(self._sca)

    def _key(self) -> tuple[Any, ...]:
        return (*self._frame(), self._relatedness)

    def _frame(self) -> tuple[Any, ...]:
        """Everything but the relatedness."""
        return self._source, self._target, self._weights, self._dm, self._sca

    @classmethod
    def _assemble(cls, frame: tuple[Any, ...], relatedness: Relatedness) -> Self:
        """Return the edge of a frame with a relatedness, unchecked, for the adapters."""
        edge = object.__new__(cls)
        edge._source, edge._target, edge._weights, edge._dm, edge._sca = frame
        edge._relatedness = relatedness
        return edge

    def to_dict(self) -> dict[str, Any]:
        """Return everything as lists, mappings, strings, numbers and booleans."""
        return {
            "source": self.source,
            "target": self.target,
            "relatedness": self.relatedness.to_dict(),
            "weights": self.weights,
            "dm": _lists(self.dm),
            "sca": _lists(self.sca),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the edge that `to_dict` was called on.

        Raises:
            TypeError: where something is of another type.
            ValueError: where something is missing, superfluous or out of range.
        """
        check_mapping("edge", content)
        check_keys("edge", content, ("source", "target", "relatedness", "weights", "dm", "sca"))
        return cls(**{**content, "relatedness": Relatedness.from_dict(content["relatedness"])})

    def __repr__(self) -> str:
        return f"Edge({self._source!r}, {self._target!r}, {self._relatedness!r})"


def factors(weights: Mapping[str, float] | None, names: Iterable[str]) -> Pairs:
    """Return a factor for each name, 1 by default."""
    check_mapping("weights", weights, optional=True)
    given, names = weights or {}, tuple(names)
    check_names("weights", given, names)
    for name, weight in given.items():
        check_number(f"weights[{name!r}]", weight, 0.0, float("inf"), closed="low")
    return tuple((name, float(given.get(name, 1.0))) for name in names)


def _options(name: str, options: Mapping[str, Any] | None) -> Pairs:
    """Return options as pairs in the order of their names, with tuples for arrays and lists."""
    check_mapping(name, options, optional=True)
    return tuple(sorted((key, _tuples(value)) for key, value in (options or {}).items()))


def _tuples(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    return tuple(value) if isinstance(value, (list, tuple)) else value


def _lists(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
