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


@pytest.mark.parametrize(
    ("offsets", "sizes"),
    [
        ({}, [20]),  # no dictionary
        ({"has_dictionary_page": True, "dictionary_page_offset": 4}, [10, 20]),
        ({"has_dictionary_page": True}, [20]),
        ({"has_dictionary_page": True, "dictionary_page_offset": 0}, [20]),
        ({"has_dictionary_page": False, "dictionary_page_offset": 4}, [20]),
        ({"has_dictionary_page": True, "dictionary_page_offset": 10**6}, [20]),  # behind its values
    ],
)
def test_where_pages_begin(offsets: Structure, sizes: list[int]) -> None:
    dictionary = encoded({1: _pages.DICTIONARY, 2: 10, 3: 0, 7: {1: 1}})
    values = encoded({1: 0, 2: 20, 3: 0, 5: {1: 1, 2: 0}})
    start = 4 + len(dictionary)
    file = io.BytesIO(b"PAR1" + dictionary + values)
    found = chunk(data_page_offset=start, total_compressed_size=len(dictionary + values), **offsets)
    assert [page.size for page in _pages.pages(file, found, "")] == sizes
