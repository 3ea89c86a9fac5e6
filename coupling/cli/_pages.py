"""The pages of a Parquet file: how much room they take, known before Arrow takes it.

A page is compressed, and its header says how large it becomes. Arrow takes that room at once, so a file of a
few kilobytes may ask for gigabytes. The headers are structures of Thrift's compact protocol; their fields are
numbered as in Parquet's ``parquet.thrift``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa

MOST_ROOM = 2**29
"""Bytes of the largest page of each column that is read, all columns together."""
TEXT = 4
"""How often a page of text counts, as it is taken apart."""

DICTIONARY = 2
FRONT_CODED = 7
"""The encoding DELTA_BYTE_ARRAY: a value says how much of the one before it repeats, so it may become longer
than its page."""
HEADER = 2**8
LONGEST_HEADER = 2**24
DEEPEST = 8

INTEGERS, TEXT_OR_BYTES, STRUCT = (4, 5, 6), 8, 12
LENGTHS = {1: 0, 2: 0, 3: 1, 7: 8}
"""Bytes of what is passed over: true and false, which their kinds tell, a byte, a number with a point."""


class Room(NamedTuple):
    """What the columns take, in bytes: the largest page of each, and the text of a row."""

    pages: int
    row: float


class Page(NamedTuple):
    """The bytes of a header, of its page on the disk and in memory, and how many values are in it."""

    header: int
    compressed: int
    size: int
    values: int
    kept: bool
    """Whether it is a dictionary, whose values take no room in every row."""


def check(path: Path, metadata: Any, columns: Sequence[str]) -> Room:
    """Return how much room the columns of a file take.

    Raises:
        ValueError: where that is too much, or cannot be known.
    """
    largest, widest = dict.fromkeys(columns, 0), dict.fromkeys(columns, 0.0)
    with path.open("rb") as file:
        for group in range(metadata.num_row_groups):
            row_group = metadata.row_group(group)
            for chunk in map(row_group.column, range(row_group.num_columns)):
                name = chunk.path_in_schema
                if name in largest:
                    times = TEXT if chunk.physical_type == "BYTE_ARRAY" else 1
                    for page in pages(file, chunk, f"{path}: column {name!r}"):
                        largest[name] = max(largest[name], times * page.size)
                        if not page.kept:
                            widest[name] = max(widest[name], page.size / max(page.values, 1))
    room = Room(sum(largest.values()), sum(widest.values()))
    if room.pages > MOST_ROOM:
        raise ValueError(
            f"{path}: should have pages of at most {MOST_ROOM >> 20} MiB in these columns together, text"
            f" counted {TEXT} times, has {room.pages >> 20} MiB: write it with a smaller data_page_size"
        )
    return room


def pages(file: BinaryIO, chunk: Any, where: str) -> Iterator[Page]:
    """Give the pages of one column in one group of rows, as far as Arrow reads them."""
    position, values = chunk.data_page_offset, 0
    if chunk.has_dictionary_page and 0 < (chunk.dictionary_page_offset or 0) < position:
        position = chunk.dictionary_page_offset
    end = position + chunk.total_compressed_size
    while position < end and values < chunk.num_values:
        if not 0 <= position < 2**62:
            raise pa.ArrowInvalid("the footer is damaged")
        header, length = _header(file, position)
        try:
            kind, size, compressed = (int(header[number]) for number in (1, 2, 3))
            own = header.get(5) or header.get(8) or header.get(7) or {}  # of either version, or a dictionary
            encoding = own.get(2 if 5 in header else 4)
            number = int(own.get(1, 0))
        except (AttributeError, KeyError, TypeError):
            raise pa.ArrowInvalid("a page's header is damaged") from None
        if min(size, compressed, number) < 0:
            raise pa.ArrowInvalid("a page's header is damaged")
        if encoding == FRONT_CODED:
            raise ValueError(f"{where} should be plain or by a dictionary, is encoded as DELTA_BYTE_ARRAY")
        kept = kind == DICTIONARY
        yield Page(length, compressed, size, number, kept)
        values += 0 if kept else number
        position += length + compressed


def _header(file: BinaryIO, position: int) -> tuple[dict[int, Any], int]:
    """Return a header's fields by their numbers, and how many bytes it has."""
    size = HEADER
    while True:
        file.seek(position)
        data = file.read(size)
        reader = _Compact(data)
        try:
            return reader.structure(), reader.position
        except IndexError:  # it is longer than what was read
            if len(data) < size or size >= LONGEST_HEADER:
                raise pa.ArrowInvalid("a page's header is damaged") from None
            size *= 16


class _Compact:
    """Reads the integers in structures of Thrift's compact protocol, and passes over what else is in them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def structure(self, depth: int = 0) -> dict[int, Any]:
        """Return the fields of a structure by their numbers."""
        if depth > DEEPEST:
            raise pa.ArrowInvalid("a page's header is damaged")
        fields: dict[int, Any] = {}
        number = 0
        while kind := self._byte():
            number = number + (kind >> 4) if kind >> 4 else _signed(self._varint())
            fields[number] = self._value(kind & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in INTEGERS:
            return _signed(self._varint())
        if kind == STRUCT:
            return self.structure(depth + 1)
        if kind not in LENGTHS and kind != TEXT_OR_BYTES:
            raise pa.ArrowInvalid("a page's header is damaged")  # lists and maps occur in none
        length = self._varint() if kind == TEXT_OR_BYTES else LENGTHS[kind]
        self.position += length
        return None

    def _byte(self) -> int:
        self.position += 1
        return self._data[self.position - 1]  # an IndexError where there is no more

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise pa.ArrowInvalid("a page's header is damaged")


def _signed(value: int) -> int:
    """Undo the zigzag of a number's sign."""
    return (value >> 1) ^ -(value & 1)
