"""Label files in pieces: how many, how much of the file each stands for, and what room they take."""

from pathlib import Path
from typing import Any

import click
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


def test_one_row(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"a": ["x" * 96]}), path, use_dictionary=False)
    assert pieces(path, "a") == ([1], [1.0, 0.0])
    assert _pages.check(path, pq.read_metadata(path), ["a"]).row == pytest.approx(100, rel=0.1)


def test_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"a": pa.array([], pa.string())}), path)
    assert _pages.check(path, pq.read_metadata(path), ["a"]) == (0, 0.0)


def test_text_of_parquet_stays_encoded(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"a": ["x", "y"], "b": [1, 2]}), path, use_dictionary=False)
    [batch] = _files.batches(path, ["a", "b"], None, lambda _: None)
    assert [str(batch[name].type) for name in "ab"] == [
        "dictionary<values=string, indices=int32, ordered=0>",
        "int64",
    ]


def test_other_columns_are_not_read(tmp_path: Path) -> None:
    """They may be damaged."""
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"a": [1, 2], "b": [3, 4]}), path, compression="none", use_dictionary=False)
    chunk = pq.read_metadata(path).row_group(0).column(1)
    content = bytearray(path.read_bytes())
    end = chunk.data_page_offset + chunk.total_compressed_size
    content[chunk.data_page_offset : end] = b"\xff" * chunk.total_compressed_size
    path.write_bytes(content)
    assert pieces(path, "a")[0] == [2]
    with pytest.raises(ValueError, match="a page's header is damaged"):
        pieces(path, "b")


def test_columns_that_do_not_divide_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({name: range(4) for name in "abc"}), path)
    monkeypatch.setattr(_files, "CELLS", 8)
    assert pieces(path, "a", "b", "c")[0] == [2, 2]


@pytest.mark.parametrize("name", ["a\r\nb", "a\nb", "a\rb"])
def test_line_breaks_in_names_of_columns(tmp_path: Path, name: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(f'c,"{name}"\r\n1,2\r\n'.encode())
    assert _files.column_names(path, None) == ["c", name]
    assert pieces(path, name)[0] == [1]


def test_csv_by_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("a,b\n" + "1,2\n" * 10)
    monkeypatch.setattr(_files, "BLOCK", 12)
    rows, shares = pieces(path, "a")
    assert (len(rows) > 2, sum(rows)) == (True, 10)
    assert sum(shares) == pytest.approx(1)


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


@pytest.mark.parametrize("required", [True, False])
def test_required_columns(required: bool) -> None:
    command = click.command(_options.column_options(required=required)(lambda **_: None))
    needed = {option.name for option in command.params if option.required}
    assert needed == ({"class_column", "attribute_patterns"} if required else set())


@pytest.mark.parametrize(("kind", "tables"), [("RelatednessType", ["du2014"]), ("OutputType", [])])
def test_files_are_offered(kind: str, tables: list[str]) -> None:
    context: Any = None
    offered = getattr(_options, kind)().shell_complete(context, context, "du")
    assert [(item.value, item.type) for item in offered] == [*((t, "plain") for t in tables), ("du", "file")]
