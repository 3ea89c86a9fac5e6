"""What a loader left out or could not read, by kind: counted in full, shown by a few examples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

MISSING_IMAGE = "annotation without its image"
MISSING_ANNOTATION = "image without annotation"
TWICE = "annotated twice"
MALFORMED = "malformed line"
OUT_OF_RANGE = "label outside its range"
EXCLUDED = "class left out on purpose"
UNLABELLED = "no label of either task"
UNREADABLE = "unreadable image"

SHOWN = 5
LONGEST = 200


class Example(NamedTuple):
    """Where something was found: a file below the root, the line counted from 1 (0: the file as a whole)."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}" if self.what else place


class Omission(NamedTuple):
    """A kind of thing that was left out: labels where they are to blame, images or lines otherwise."""

    kind: str
    total: int
    examples: tuple[Example, ...]

    def __str__(self) -> str:
        more = ", …" if self.total > len(self.examples) else ""
        return f"{self.kind}: {self.total} ({', '.join(map(str, self.examples))}{more})"


LeftOut: TypeAlias = tuple[Omission, ...]


class Tally:
    """Counts what is left out while files are read; `done` gives the outcome."""

    def __init__(self, known: LeftOut = ()) -> None:
        self._counts = {omission.kind: omission.total for omission in known}
        self._examples = {omission.kind: list(omission.examples) for omission in known}

    def add(self, kind: str, file: str, line: int = 0, what: str = "", *, count: int = 1) -> None:
        """Count `count` of a kind, with one example for all of them."""
        if count:
            self._counts[kind] = self._counts.get(kind, 0) + count
            examples = self._examples.setdefault(kind, [])
            if len(examples) < SHOWN:
                examples.append(Example(_shown(file), line, _shown(what)))

    def add_all(self, kind: str, files: Iterable[str]) -> None:
        """Count each of some files."""
        for file in files:
            self.add(kind, file)

    def done(self) -> LeftOut:
        """Return what was counted, in the order in which it was met."""
        return tuple(
            Omission(kind, count, tuple(self._examples[kind])) for kind, count in self._counts.items()
        )


def _shown(text: str) -> str:
    """Return the beginning of what stands in a file, without what a terminal would take for commands."""
    plain = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:LONGEST]
    )
    return f"{plain}…" if len(text) > LONGEST else plain


def counts(left_out: LeftOut) -> dict[str, int]:
    """Return the count of each kind.

    Example:
        >>> tally = Tally()
        >>> tally.add(MALFORMED, "labels.txt", 3, "cat")
        >>> counts(tally.done())
        {'malformed line': 1}
        >>> print(*tally.done())
        malformed line: 1 (labels.txt:3: cat)
    """
    return {omission.kind: omission.total for omission in left_out}
