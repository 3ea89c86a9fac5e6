"""Label files in pieces: how many, how much of the file each stands for, and what room they take."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coupling.cli import _files, _options, _pages


def pieces(path: Path, *columns: str) -> tuple[list[int], list[float]]:
    """How many rows each batch has, and how much further each has come, as a share of the file."""
    advances: list[float] = []
    rows = [len(batch[columns[0]]) for batch in _files.batches(path, columns, None, advances.append)]
    return rows, [advance / path.stat().st_size for advance in advances]


def test_parquet_by_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({name: range(10) for name in "abc"}), path)
    monkeypatch.setattr(_files, "CELLS", 9)
    rows, shares = pieces(path, "a", "b")
    assert rows == [4, 4, 2]
    assert shares == pytest.approx([0.4, 0.4, 0.2, 0])
    monkeypatch.setattr(_files, "CELLS", 1)
    assert pieces(path, "a", "b") == ([1] * 10, pytest.approx([0.1] * 10 + [0]))


def test_parquet_by_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text takes 4 bytes more than it has letters."""
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"a": [f"{number:096}" for number in range(10)]}), path, use_dictionary=False)
    monkeypatch.setattr(_files, "ROOM", 410)
    assert pieces(path, "a")[0] == [4, 4, 2]
    monkeypatch.setattr(_files, "ROOM", 1)
    assert pieces(path, "a")[0] == [1] * 10


@pytest.mark.parametrize("groups", [1000, 250])
def test_room_of_columns(tmp_path: Path, groups: int) -> None:
    """Text counts four times; what is there once, in a dictionary, is not in every row."""
    path = tmp_path / "labels.parquet"
    table = pa.table({"a": ["x" * 96] * 1000, "b": [0.5] * 1000, "c": [True] * 1000})
    options: dict[str, Any] = {"row_group_size": groups, "compression": "none"}
    pq.write_table(table, path, use_dictionary=False, **options)
    room = _pages.check(path, pq.read_metadata(path), ["a", "b"])
    assert room == pytest.approx((groups * (4 * 100 + 8), 108), rel=0.02)
    pq.write_table(table, path, use_dictionary=["a"], **options)
    room = _pages.check(path, pq.read_metadata(path), ["a"])
    assert room == pytest.approx((4 * 100, 0), rel=0.02, abs=0.1)


def test_most_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"a": [0.5] * 1000}), path)
    metadata = pq.read_metadata(path)
    room = _pages.check(path, metadata, ["a"])
    monkeypatch.setattr(_pages, "MOST_ROOM", room.pages)
    assert _pages.check(path, metadata, ["a"]) == room
    monkeypatch.setattr(_pages, "MOST_ROOM", room.pages - 1)
    with pytest.raises(ValueError, match="should have pages of at most"):
        _pages.check(path, metadata, ["a"])


def test_endings() -> None:
    with pytest.raises(ValueError, match=r"^x\.pdf: should end in \.png or \.svg$"):
        _options.OutputType(".png", ".svg").convert("x.pdf", None, None)
    assert _options.OutputType().convert("x.pdf", None, None) == Path("x.pdf")


def test_no_columns_are_offered_where_nothing_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMP_WORDS", raising=False)
    context: Any = None
    assert _options.ColumnType().shell_complete(context, context, "") == []


@pytest.mark.parametrize(("kind", "tables"), [("RelatednessType", ["du2014"]), ("OutputType", [])])
def test_files_are_offered(kind: str, tables: list[str]) -> None:
    context: Any = None
    offered = getattr(_options, kind)().shell_complete(context, context, "du")
    assert [(item.value, item.type) for item in offered] == [*((t, "plain") for t in tables), ("du", "file")]
