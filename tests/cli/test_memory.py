"""Memory has a limit, however large a label file is or says it is; what would pass it is refused."""

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bad_commands import OPTIONS
from commands import assert_refused, estimate, spawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupling.cli import _annotations, _cells, _estimate, _pages

LIMITS = {"csv.gz": 2**30, "parquet": 2**31}
"""What the guide says, in bytes, beside what the process takes before it reads."""
PEAK = """
import atexit
import coupling.cli._annotations, coupling.cli._estimate, coupling.cli._label_commands
def status(what):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if what in line)
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak begins anew
before = status("VmRSS")
atexit.register(lambda: print(status("VmHWM") - before))
"""


def rows(path: Path) -> None:
    """120 MB of rows in a file of 120 KB."""
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(30):
            file.write(b"c,a\n" * (file.tell() == 0) + b"1,1\n" * 2**20)


def one_row(path: Path) -> None:
    """One row of 120 MB."""
    path.write_bytes(gzip.compress(b"c,a\n1," + b"x" * 120 * 2**20))


def long_names(path: Path) -> None:
    """400 names of a megabyte in a file of some kilobytes: 400 MB before anything looks at them."""
    names = [f"{'x' * 2**20}{i}" for i in range(400)]
    pq.write_table(pa.table({"c": names, "a": [1] * 400}), path, compression="zstd", use_dictionary=False)


def one_name(path: Path) -> None:
    """A page of 160 MB, which would be taken apart in a gigabyte."""
    table = pa.table({"c": ["x" * 160 * 2**20], "a": [1]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=False)


@pytest.mark.parametrize(
    ("kind", "write", "limit"),
    [
        ("csv.gz", rows, 2**28),
        ("csv.gz", one_row, 2**28),
        ("parquet", long_names, LIMITS["parquet"]),
        ("parquet", one_name, 2**28),
    ],
)
def test_peak(tmp_path: Path, kind: str, write: Any, limit: int) -> None:
    path = tmp_path / f"labels.{kind}"
    write(path)
    assert path.stat().st_size < 2**20
    output = tmp_path / "out.json"
    process = spawn("relatedness", "estimate", path, *OPTIONS, "-o", output, code=PEAK)
    out, err = process.communicate(timeout=120)
    assert process.returncode == (0 if write is rows else 2), err
    assert int(out) < limit


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (
            "c,a\nx,1\ny,1\nz,1\n",
            (),
            "column 'c' should hold at most 2 names of classes, as there are 1 attr",
        ),
        ("c,a,a2\nx,1,1\ny,1,1\n", (), "should hold at most 1 names of classes, as there are 2 attributes"),
        ("c,a\n2,1\n", (), "should hold names, or integers from 0 to C - 1, got 2"),
        ("c,a,a2,a3\n0,1,1,1\n", (), "labels.csv: should have at most 2 attributes, has 3"),
        ("c,a,g\n0,1,x\n1,1,x\n0,1,y\n", ("--groups", "g"), "'g' should give at most 2 pairs of a group and"),
        (f"c,a\n{'x' * 257},1\n", (), "column 'c' should hold names of at most 256 letters, got one of 257"),
        (f"c,a,g\n0,1,{'é' * 257}\n", ("--groups", "g"), "column 'g' should hold names of at most 256"),
    ],
)
def test_what_would_take_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, options: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr(_cells, "MOST_ENTRIES", 2)
    monkeypatch.setattr(_annotations, "MOST_ATTRIBUTES", 2)
    monkeypatch.setattr(_estimate, "MOST_PAIRS", 2)
    (tmp_path / "labels.csv").write_text(content)
    assert_refused(estimate(tmp_path / "labels.csv", *OPTIONS, *options), message=message)


@pytest.mark.parametrize("groups", [(), ("--groups", "g")])
def test_what_fits_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: tuple[str, ...]) -> None:
    monkeypatch.setattr(_cells, "MOST_ENTRIES", 4)
    monkeypatch.setattr(_annotations, "MOST_ATTRIBUTES", 2)
    monkeypatch.setattr(_estimate, "MOST_PAIRS", 2)
    (tmp_path / "labels.csv").write_text(f"c,a,a2,g\n{'x' * 256},1,1,g\ny,0,0,g\ny,0,0,g\n")
    assert estimate(tmp_path / "labels.csv", *OPTIONS, *groups).code == 0


@pytest.mark.parametrize(
    ("column", "options", "message"),
    [
        (
            pa.array(["x", "xy"]),
            {"use_dictionary": False, "column_encoding": {"c": "DELTA_BYTE_ARRAY", "a": "PLAIN"}},
            "labels.parquet: column 'c' should be plain or by a dictionary, is encoded as DELTA_BYTE_ARRAY",
        ),
        (pa.array([[1], [2]]), {}, "column 'c' should hold text or numbers, has the type list<"),
        (pa.array([b"x", b"y"]), {}, "column 'c' should hold text or numbers, has the type binary"),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_parquet_of_unknown_size(
    tmp_path: Path, column: Any, options: dict[str, Any], message: str, version: str
) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": column, "a": [1, 0]}), path, data_page_version=version, **options)
    assert_refused(estimate(path, *OPTIONS), message=message)


def test_pages_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": [0, 1] * 500, "a": [0.5] * 1000}), path, use_dictionary=False)
    monkeypatch.setattr(_pages, "MOST_ROOM", 2**13)
    assert_refused(estimate(path, *OPTIONS), message="labels.parquet: should have pages of at most 0 MiB")
    monkeypatch.setattr(_pages, "MOST_ROOM", 2**14)
    assert estimate(path, *OPTIONS).code == 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.none() | st.text(max_size=300), min_size=1, max_size=300),
    st.fixed_dictionaries(
        {
            "compression": st.sampled_from(["none", "snappy", "zstd"]),
            "data_page_version": st.sampled_from(["1.0", "2.0"]),
            "use_dictionary": st.booleans(),
            "data_page_size": st.sampled_from([1, 1000, 2**20]),
            "row_group_size": st.sampled_from([7, 1000]),
            "write_page_checksum": st.booleans(),
        }
    ),
)
def test_sizes_of_pages(tmp_path: Path, values: list[str | None], options: dict[str, Any]) -> None:
    """Headers and pages are all that a column has, and the sizes that they say add up to the footer's."""
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": values}), path, **options)
    metadata = pq.read_metadata(path)
    with path.open("rb") as file:
        for group in range(metadata.num_row_groups):
            chunk = metadata.row_group(group).column(0)
            pages = list(_pages.pages(file, chunk, ""))
            assert sum(page.header + page.size for page in pages) == chunk.total_uncompressed_size
            assert sum(page.header + page.compressed for page in pages) == chunk.total_compressed_size
            assert sum(page.values for page in pages if not page.kept) == chunk.num_values


HEADERS = {
    "no fields": b"\0",
    "a negative size": b"\x15\0\x15\1\x15\4\0",
    "a list": b"\x19",
    "a number without an end": b"\x15" + b"\xff" * 12,
    "a text longer than the file": b"\x18\xff\xff\x7f",
    "structures in structures": b"\x1c" * 20,
    "other fields": b"\x13\1\x17" + bytes(8) + b"\6\2\1\0",
    "a number for a structure": b"\x15\0\x15\4\x15\4\x25\2\0",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_damaged_headers(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": [0, 1] * 9, "a": [0, 1] * 9}), path)
    content = path.read_bytes()
    path.write_bytes(content[:4] + header + content[4 + len(header) :])
    assert_refused(estimate(path, *OPTIONS), message="labels.parquet: cannot be read: a page's header is da")


def test_long_headers(tmp_path: Path) -> None:
    """Statistics of long text make a header longer than the piece that is read first."""
    path = tmp_path / "labels.parquet"
    names = ["x" * 250, "y" * 250]
    pq.write_table(pa.table({"c": names, "a": [0, 1]}), path, use_dictionary=False)
    done = estimate(path, *OPTIONS)
    assert (done.code, names[0] in done.out) == (0, True)


@pytest.mark.parametrize("position", [-1, 2**62])
def test_columns_that_stand_nowhere(tmp_path: Path, position: int) -> None:
    chunk = SimpleNamespace(
        data_page_offset=position, has_dictionary_page=False, total_compressed_size=9, num_values=1
    )
    (tmp_path / "empty").touch()
    with (tmp_path / "empty").open("rb") as file, pytest.raises(pa.ArrowInvalid, match="footer is damaged"):
        list(_pages.pages(file, chunk, ""))
