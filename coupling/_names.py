"""Which class or attribute a name means, however a dataset spells it, and the orders of known datasets."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from coupling._check import check_count
from coupling._fields import Matrix, strings
from coupling._storage import data

ABSENT = -1
"""The position of a name that an order has and the relatedness lacks."""

SYNONYMS = {
    "happy": "happiness",
    "sad": "sadness",
    "angry": "anger",
    "surprised": "surprise",
    "fearful": "fear",
    "afraid": "fear",
    "disgusted": "disgust",
}
ACTION_UNIT = re.compile(r"au[\s_-]*([0-9]+)")
LISTED = 10
LONGEST = 200
"""Longer names are not compared letter by letter."""


class Order(NamedTuple):
    """The classes and attributes of a dataset in the order of its labels; empty where it has none."""

    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    source: str


def orders() -> dict[str, Order]:
    """Return the orders of known datasets by the names that `Relatedness.align` takes.

    Example:
        >>> orders()["raf-db"].classes
        ('Surprise', 'Fear', 'Disgust', 'Happiness', 'Sadness', 'Anger', 'Neutral')
        >>> [name for name, order in orders().items() if order.attributes]
        ['aff-wild2', 'abaw1', 'abaw3', 'emotionet']
    """
    return dict(_orders())


@cache
def _orders() -> dict[str, Order]:
    content = data("orders.json")
    return {
        name: Order(tuple(order.get("classes", ())), tuple(order.get("attributes", ())), order["source"])
        for name, order in content.items()
    }


def canonical(name: str) -> str:
    """Return what `name` has in common with its other spellings."""
    plain = name.strip(string.whitespace + "'\"").casefold()
    unit = ACTION_UNIT.fullmatch(plain)
    return f"au{int(unit[1])}" if unit else SYNONYMS.get(plain, plain)


def select(
    name: str, chosen: Sequence[str | int] | str | None, names: tuple[str, ...]
) -> tuple[list[int], tuple[str, ...]]:
    """Return where each of `chosen` stands among `names`, and what the selection is then called.

    Args:
        name: "classes" or "attributes".
        chosen: names, or the name of an order; all of `names` by default.
        names: those of the relatedness.
    """
    if chosen is None:
        return list(range(len(names))), names
    if isinstance(chosen, str):
        asked = _order(name, chosen)
        positions = _positions(name, asked, names)
        _check_order(name, chosen, positions, names)
        return positions, asked
    asked = strings(name, _spelled(name, chosen))
    if not asked:
        raise ValueError(f"{name} should have at least one name, got none")
    positions = _positions(name, asked, names)
    for entry, position in zip(asked, positions, strict=True):
        if position == ABSENT:
            raise KeyError(
                f"{name} should be among those of the relatedness, got {entry!r} ({hint(entry, names)})"
            )
    return positions, asked


def exact(name: str, chosen: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return where each of `chosen` stands among `names`, letter by letter."""
    positions = {entry: position for position, entry in enumerate(names)}
    for entry in chosen:
        if entry not in positions:
            raise KeyError(
                f"{name} should be among those that there are, got {entry!r} ({hint(entry, names)})"
            )
    return [positions[entry] for entry in chosen]


def take(matrix: Matrix, rows: list[int], columns: list[int]) -> Matrix:
    """Return the rows and columns at these positions, 0 where a position is `ABSENT`."""
    return np.pad(matrix, ((0, 1), (0, 1)))[np.ix_(rows, columns)]


def take_known(known: npt.NDArray[np.bool_], rows: list[int]) -> npt.NDArray[np.bool_]:
    """Return the flags at these positions, False where a position is `ABSENT`."""
    return np.append(known, False)[rows]


def _spelled(name: str, chosen: Sequence[str | int]) -> list[Any]:
    """Return `chosen` with integers, which attributes may be, as the action units that they number."""
    if not isinstance(chosen, Iterable):
        raise TypeError(f"{name} should be a sequence of names or the name of an order, got {chosen!r}")
    spelled: list[Any] = []
    for entry in chosen:
        if name == "attributes" and isinstance(entry, (int, np.integer)):
            check_count(f"{name}[{len(spelled)}]", entry)
            entry = f"AU{int(entry)}"
        spelled.append(entry)
    return spelled


def _positions(name: str, asked: Sequence[str], names: tuple[str, ...]) -> list[int]:
    """Return where each of `asked` stands among `names`, `ABSENT` where it means none of them."""
    exact = {entry: position for position, entry in enumerate(names)}
    spellings: dict[str, list[int]] = {}
    if not exact.keys() >= set(asked):
        for position, entry in enumerate(names):
            spellings.setdefault(canonical(entry), []).append(position)
    taken: dict[int, str] = {}
    positions = []
    for entry in asked:
        found = [exact[entry]] if entry in exact else spellings.get(canonical(entry), [ABSENT])
        if len(found) > 1:
            meant = " and ".join(repr(names[position]) for position in found[:2])
            raise ValueError(
                f"{name} should each mean one of the relatedness' own, {entry!r} could be {meant}"
            )
        if found[0] in taken:
            both = f"{taken[found[0]]!r} and {entry!r}"
            raise ValueError(f"{name} should name each one once, got {both} for {names[found[0]]!r}")
        if found[0] != ABSENT:
            taken[found[0]] = entry
        positions.append(found[0])
    return positions


def _order(name: str, chosen: str) -> tuple[str, ...]:
    """Return the classes or attributes of the order called `chosen`."""
    listed: dict[str, tuple[str, ...]] = {
        key: getattr(order, name) for key, order in _orders().items() if getattr(order, name)
    }
    key = re.sub(r"[\s_]+", "-", chosen.strip().casefold())
    if key not in listed:
        known = ", ".join(map(repr, listed))
        raise KeyError(f"{name} should be a sequence of names or one of the orders {known}, got {chosen!r}")
    return listed[key]


def _check_order(name: str, chosen: str, positions: Sequence[int], names: tuple[str, ...]) -> None:
    """Check that an order leaves out no class, and that it shares any attribute at all."""
    there = set(positions)
    left = [entry for position, entry in enumerate(names) if position not in there]
    if name == "classes" and left:
        raise ValueError(
            f"classes={chosen!r} should have every class of the relatedness, {left[0]!r} is missing; "
            "to leave it out on purpose, give the names: classes=[...]"
        )
    if len(left) == len(names):
        raise ValueError(f"{name}={chosen!r} should share a name with the relatedness, got {few(names)}")


def hint(entry: str, names: Sequence[str]) -> str:
    """Return the close matches of a name, or what there is where none is close."""
    import difflib  # slow to import, and seldom needed

    near = [name for name in names if len(name) <= LONGEST] if len(entry) <= LONGEST else []
    close = difflib.get_close_matches(entry, near, cutoff=0.4)  # quadratic in the length of a name
    return f"close matches: {', '.join(map(repr, close))}" if close else f"known: {few(names)}"


def visible(name: str) -> str:
    """Return a name with what is not for reading, such as control characters, as `repr` would show it."""
    if name.isprintable():
        return name
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in name)


def few(names: Sequence[str]) -> str:
    """Return the first of the names, and how many there are where they are more."""
    more = f", … ({len(names)} in all)" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
