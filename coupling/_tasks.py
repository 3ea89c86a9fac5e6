"""The tasks of a graph, and what its parts share: values that are equal where they hold the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coupling import _fields


class Value:
    """Immutable, equal and hashed by what it holds."""

    __slots__ = ()

    def _key(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())


class Task(Value):
    __slots__ = ("_names",)

    def __init__(self, names: Sequence[str]) -> None:
        self._names = _fields.strings("names", names)
        if not self._names:
            raise ValueError("names should hold at least one name, got none")

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order of the head's outputs."""
        return self._names

    def _key(self) -> tuple[Any, ...]:
        return self._names

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self._names)!r})"


class Classes(Task):
    """A multi-class task: a sample has exactly one of the names.

    Its labels are integers (B,), negative where missing; its head has one logit for each name.

    Args:
        names: unique, at least one, in the order of the head's outputs.

    Raises:
        TypeError: where a name is no string.
        ValueError: where there is none, or one twice.

    Example:
        >>> Classes(["shirt", "dress"]).names
        ('shirt', 'dress')
    """

    __slots__ = ()


class Attributes(Task):
    """A task of binary attributes: a sample may have any of the names.

    Its labels are real (B, A): a label where in [0, 1], missing elsewhere (NaN, -1, 999).

    Args:
        names: unique, at least one, in the order of the head's outputs.

    Raises:
        TypeError: where a name is no string.
        ValueError: where there is none, or one twice.

    Example:
        >>> Attributes(["striped", "plain"])
        Attributes(['striped', 'plain'])
    """

    __slots__ = ()
