"""Label files, CSV and Parquet, read in batches: memory is that of a batch, however large the file is."""

from __future__ import annotations

import codecs
import csv
import glob
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from coupling.cli import _pages

Columns = dict[str, Any]
Advance = Callable[[float], None]
"""Told how many more bytes have been read."""

BLOCK = 2**20  # bytes of text in a batch of CSV
CELLS, ROOM = 2**21, 2**26  # values in a batch of Parquet, and bytes of its text
PARQUET = b"PAR1"
COMPRESSED = {".bz2": "bz2", ".gz": "gzip", ".zst": "zstd"}
TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
NUMBERS = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
FLAT = (*TEXT, *NUMBERS, pa.types.is_null, pa.types.is_dictionary)
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def find(patterns: Sequence[str]) -> tuple[Path, ...]:
    """Return the files that names and patterns such as ``labels/*.csv`` stand for, in that order."""
    found: list[Path] = []
    for pattern in patterns:
        paths = [pattern]
        if not Path(pattern).exists():
            paths = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - a pattern may be absolute
        if not paths:
            raise ValueError(f"{pattern}: no such file")
        found += map(Path, paths)
    for index, path in enumerate(found):
        if path.is_dir():
            raise ValueError(f"{path}: should be a file, is a folder: name the files, as '{path}/*.csv'")
        if not path.is_file():
            raise ValueError(
                f"{path}: should be a file that can be read more than once, is a pipe or a device"
            )
        if path in found[:index]:
            raise ValueError(f"{path}: should be given once, is given twice")
    return tuple(found)


def size(path: Path) -> int:
    """Return the bytes of a file."""
    return path.stat().st_size


def column_names(path: Path, delimiter: str | None) -> list[str]:
    """Return the names of a file's columns."""
    with reading(path):
        if _is_parquet(path):
            with pa.parquet.ParquetFile(path) as file:
                return list(file.schema_arrow.names)
        with _text(path) as (_, stream):
            block = stream.read(BLOCK)
    lines = csv.reader(io.StringIO(_decoded(path, block), newline=""), delimiter=_delimiter(path, delimiter))
    try:
        return next(line for line in lines if line)
    except StopIteration:
        raise ValueError(f"{path}: cannot be read: Empty CSV file") from None
    except csv.Error as error:
        raise ValueError(f"{path}: cannot be read: {error}") from None


def _decoded(path: Path, block: bytes) -> str:
    """Return the start of a file as text: Arrow would make room for values of all of its columns."""
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(block)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: should be UTF-8 text: {error.reason}") from None


def batches(path: Path, columns: Sequence[str], delimiter: str | None, advance: Advance) -> Iterator[Columns]:
    """Give the columns of a file, some rows at a time; those of CSV as text."""
    read = _parquet_batches(path, columns) if _is_parquet(path) else _csv_batches(path, columns, delimiter)
    before = 0.0
    with reading(path):
        for position, batch in read:
            yield {name: batch.column(name) for name in columns}
            advance(position - before)
            before = position
    advance(size(path) - before)


def _parquet_batches(path: Path, columns: Sequence[str]) -> Iterator[tuple[float, Any]]:
    fields = [field for field in pa.parquet.read_schema(path) if field.name in columns]
    for field in fields:
        if not any(fits(field.type) for fits in FLAT):
            raise ValueError(
                f"{path}: column {field.name!r} should hold text or numbers, has the type {field.type}"
            )
    options: dict[str, Any] = {
        # Text stays encoded by a dictionary: written out in every row it may take any room.
        "read_dictionary": [field.name for field in fields if any(fits(field.type) for fits in TEXT)],
        "buffer_size": BLOCK,
        "pre_buffer": False,
    }
    with pa.parquet.ParquetFile(path, **options) as file:
        room = _pages.check(path, file.metadata, columns)
        rows = 0
        size_of_batch = max(min(CELLS // len(columns), int(ROOM / max(room.row, 1))), 1)
        for batch in file.iter_batches(batch_size=size_of_batch, columns=list(columns)):
            rows += batch.num_rows
            yield size(path) * rows / max(file.metadata.num_rows, rows, 1), batch


def _csv_batches(path: Path, columns: Sequence[str], delimiter: str | None) -> Iterator[tuple[float, Any]]:
    with _text(path) as (file, stream):
        reader = pa.csv.open_csv(
            stream,
            read_options=pa.csv.ReadOptions(block_size=BLOCK),
            parse_options=_format(path, delimiter),
            convert_options=pa.csv.ConvertOptions(
                include_columns=list(columns),
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        for batch in reader:
            yield file.tell(), batch


@contextmanager
def _text(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open a file of text as it lies on the disk, and, where it is compressed, as it reads."""
    with pa.OSFile(str(path)) as file:
        yield file, pa.input_stream(file, compression=COMPRESSED.get(path.suffix))


def _format(path: Path, delimiter: str | None) -> Any:
    return pa.csv.ParseOptions(delimiter=_delimiter(path, delimiter), newlines_in_values=True)


def _delimiter(path: Path, delimiter: str | None) -> str:
    return delimiter or ("\t" if ".tsv" in path.suffixes else ",")


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(len(PARQUET))
    if start[:2] in UTF16:
        raise ValueError(f"{path}: should be UTF-8 text, is UTF-16")
    return start == PARQUET or path.suffix in (".parquet", ".pq")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors of reading into one that names the file."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: should be UTF-8 text: {error.reason}") from None
    except (pa.ArrowException, KeyError, OSError) as error:
        if "UTF8" in str(error):
            raise ValueError(f"{path}: should be UTF-8 text: {error}") from None
        raise ValueError(f"{path}: cannot be read: {error}") from None
