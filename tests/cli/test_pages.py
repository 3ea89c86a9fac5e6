"""Headers of Parquet's pages: read as Thrift's compact protocol says, little at a time."""

import io
import struct
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupling.cli import _pages

Structure = dict[int, Any]


class Reads(io.BytesIO):
    """A file that remembers how many bytes were asked for."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.asked: list[int] = []

    def read(self, size: int | None = None, /) -> bytes:
        self.asked.append(-1 if size is None else size)
        return super().read(size)


def varint(number: int) -> bytes:
    digits = [number >> shift & 127 for shift in range(0, max(number.bit_length(), 1), 7)]
    return bytes([*(digit | 128 for digit in digits[:-1]), digits[-1]])


def zigzag(number: int) -> bytes:
    return varint(2 * number if number >= 0 else -2 * number - 1)


def value(entry: Any) -> tuple[int, bytes]:
    """The kind and the bytes of a field's value."""
    match entry:
        case bool():
            return 1 if entry else 2, b""
        case int():
            return 6, zigzag(entry)
        case float():
            return 7, struct.pack("<d", entry)
        case bytes():
            return 8, varint(len(entry)) + entry
        case dict():
            return 12, encoded(entry)
    return 3, b"\x07"  # a byte


def encoded(structure: Structure, *, long: bool = False) -> bytes:
    parts, before = [], 0
    for number, entry in structure.items():
        kind, content = value(entry)
        step = number - before
        short = 0 < step < 16 and not long
        parts.append((bytes([step << 4 | kind]) if short else bytes([kind]) + zigzag(number)) + content)
        before = number
    return b"".join(parts) + b"\0"


def integers(structure: Structure) -> Structure:
    """What is read: whole numbers; of anything else, that it is there."""

    def read(entry: Any) -> Any:
        if isinstance(entry, dict):
            return integers(entry)
        return entry if type(entry) is int else None

    return {number: read(entry) for number, entry in structure.items()}


def nested(depth: int) -> Structure:
    return {1: nested(depth - 1)} if depth else {2: 5}


def chunk(**own: Any) -> Any:
    usual = {"data_page_offset": 0, "has_dictionary_page": False, "dictionary_page_offset": None}
    return SimpleNamespace(**{**usual, "total_compressed_size": 1, "num_values": 1, **own})


PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.binary(max_size=300)
STRUCTURES = st.dictionaries(
    st.integers(-40, 40),
    st.recursive(PLAIN, lambda inner: st.dictionaries(st.integers(-40, 40), inner, max_size=4)),
    max_size=6,
)


@given(STRUCTURES, st.booleans())
def test_structures(structure: Structure, long: bool) -> None:
    content = encoded(structure, long=long)
    file = io.BytesIO(b"before" + content + b"after")
    assert _pages._header(file, 6) == (integers(structure), len(content))


def test_depth() -> None:
    content = encoded(nested(_pages.DEEPEST))
    assert _pages._header(io.BytesIO(content), 0) == (nested(_pages.DEEPEST), len(content))
    with pytest.raises(pa.ArrowInvalid, match="header is damaged"):
        _pages._header(io.BytesIO(encoded(nested(_pages.DEEPEST + 1))), 0)


@pytest.mark.parametrize("damage", [b"\x16" + b"\xff" * 10 + b"\1\0", b"\x19\0", b"\x1b\0", b"\x1d\0"])
def test_damage(damage: bytes) -> None:
    with pytest.raises(pa.ArrowInvalid, match="header is damaged"):
        _pages._header(io.BytesIO(damage + bytes(300)), 0)


@pytest.mark.parametrize(("length", "asked"), [(9, [256]), (300, [256, 4096]), (5000, [256, 4096, 65536])])
def test_reads_as_much_as_it_needs(length: int, asked: list[int]) -> None:
    content = encoded({1: b"x" * length, 2: 3})
    file = Reads(content + bytes(10**6))
    assert _pages._header(file, 0) == ({1: None, 2: 3}, len(content))
    assert file.asked == asked


def test_cut_headers() -> None:
    file = Reads(encoded({1: b"x" * 300})[:200])
    with pytest.raises(pa.ArrowInvalid, match="header is damaged"):
        _pages._header(file, 0)
    assert file.asked == [256]


def test_longest_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded({1: b"x" * 300})
    monkeypatch.setattr(_pages, "LONGEST_HEADER", 4096)
    assert _pages._header(io.BytesIO(content + bytes(4096)), 0)[1] == len(content)
    monkeypatch.setattr(_pages, "LONGEST_HEADER", 256)
    with pytest.raises(pa.ArrowInvalid, match="header is damaged"):
        _pages._header(io.BytesIO(content + bytes(4096)), 0)


DICTIONARY = encoded({1: _pages.DICTIONARY, 2: 10, 3: 0, 7: {1: 3}})
VALUES = encoded({1: 0, 2: 20, 3: 2, 5: {1: 6, 2: 0}}) + b"xy"
NEWER = encoded({1: 3, 2: 30, 3: 0, 8: {1: 6, 4: 0}})


def read(content: bytes, **own: Any) -> list[tuple[int, int, bool]]:
    """The sizes of the pages, how many values are in each, and whether it is a dictionary."""
    found = _pages.pages(io.BytesIO(content), chunk(**own), "")
    return [(page.size, page.values, page.kept) for page in found]


@pytest.mark.parametrize(
    ("offsets", "dictionaries"),
    [
        ({}, 0),
        ({"has_dictionary_page": True, "dictionary_page_offset": 4}, 1),
        ({"has_dictionary_page": True}, 0),
        ({"has_dictionary_page": True, "dictionary_page_offset": 0}, 0),
        ({"has_dictionary_page": False, "dictionary_page_offset": 4}, 0),
        ({"has_dictionary_page": True, "dictionary_page_offset": 10**6}, 0),  # behind its values
    ],
)
def test_where_pages_begin(offsets: Structure, dictionaries: int) -> None:
    content = b"PAR1" + DICTIONARY + VALUES
    own = {"data_page_offset": 4 + len(DICTIONARY), "total_compressed_size": len(content)}
    assert read(content, **own, **offsets) == [(10, 3, True)] * dictionaries + [(20, 6, False)]


@pytest.mark.parametrize(
    ("number", "size", "found"),
    [
        (18, 10**6, [20, 30, 20]),  # as many values as there should be
        (12, 10**6, [20, 30]),
        (7, 10**6, [20, 30]),
        (10**6, len(VALUES + NEWER + VALUES), [20, 30, 20]),  # as far as they should be
        (10**6, len(VALUES + NEWER), [20, 30]),
        (10**6, 1, [20]),
    ],
)
def test_where_pages_end(number: int, size: int, found: list[int]) -> None:
    content = VALUES + NEWER + VALUES
    pages = read(content, num_values=number, total_compressed_size=size)
    assert [page[0] for page in pages] == found


def test_pages_that_do_not_say_how_many_values_they_have() -> None:
    content = encoded({1: 1, 2: 20, 3: 0})
    assert read(content + VALUES, total_compressed_size=99, num_values=6) == [(20, 0, False), (20, 6, False)]


@pytest.mark.parametrize("negative", [{2: -1}, {3: -1}, {5: {1: -1}}])
def test_negative_sizes(negative: Structure) -> None:
    with pytest.raises(pa.ArrowInvalid, match="header is damaged"):
        read(encoded({1: 0, 2: 20, 3: 2, 5: {1: 6}, **negative}))
