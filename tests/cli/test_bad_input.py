"""Bad input of every kind: one line, exit code 2, no file."""

import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bad_commands import CASES, OPTIONS, USAGE, Case
from commands import assert_refused, estimate, files, run

from coupling import Relatedness
from coupling.cli import _files


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bad_labels(tmp_path: Path, case: Case) -> None:
    content = case.content if isinstance(case.content, bytes) else case.content.encode()
    (tmp_path / "labels.csv").write_bytes(content)
    done = estimate(tmp_path / "labels.csv", *OPTIONS, *case.options, "-o", tmp_path / "out.json")
    assert_refused(done, message=case.message)
    assert files(tmp_path) == {"labels.csv"}


@pytest.mark.parametrize("kind", ["plain", "dictionary"])
def test_text_that_says_little(tmp_path: Path, kind: str) -> None:
    """A megabyte of text beside a million rows: a file of a few kilobytes, a terabyte if it stood in each."""
    names = pa.DictionaryArray.from_arrays(pa.array([0] * 10**6, pa.int32()), pa.array(["x", "y" * 10**6]))
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": names, "a": [1] * 10**6}), path, store_schema=kind == "dictionary")
    before = pa.default_memory_pool().max_memory()
    assert estimate(path, *OPTIONS, "-o", tmp_path / "out.json").code == 0
    assert Relatedness.load(tmp_path / "out.json").classes == ("x",)
    assert pa.default_memory_pool().max_memory() - before < 2**28


def test_numbers_that_ask_for_too_much(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("c" + "".join(f",a{i}" for i in range(64)) + "\n")
    with (tmp_path / "labels.csv").open("a") as file:
        file.write("20000" + ",1" * 64 + "\n")
    done = estimate(tmp_path / "labels.csv", *OPTIONS, "-o", tmp_path / "out.json")
    assert_refused(done, message="should hold names, or integers from 0 to C - 1, got 20000")


def test_many_columns(tmp_path: Path) -> None:
    """As many as there is room for in the first piece of a file take seconds, not hours."""
    (tmp_path / "labels.csv").write_bytes(b"c,a" + b"," * 100_000 + b"\n1,1" + b"," * 100_000 + b"\n")
    begin, before = time.process_time(), pa.default_memory_pool().max_memory()
    assert estimate(tmp_path / "labels.csv", *OPTIONS, "-o", tmp_path / "out.json").code == 0
    assert time.process_time() - begin < 30
    assert pa.default_memory_pool().max_memory() - before < 2**28


@pytest.mark.parametrize("size", [0, 3, 4, 50, -4, -1])
def test_truncated_parquet(tmp_path: Path, size: int) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": [0, 1] * 100, "a": [0, 1] * 100}), path)
    path.write_bytes(path.read_bytes()[:size])
    done = estimate(path, *OPTIONS, "-o", tmp_path / "out.json")
    assert_refused(done, message="labels.parquet: cannot be read: Parquet")
    assert files(tmp_path) == {"labels.parquet"}


def test_damaged_parquet(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": [*range(5000)], "a": [0, 1] * 2500}), path)
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\xff" * 1996
    path.write_bytes(content)
    assert_refused(
        estimate(path, *OPTIONS, "-o", tmp_path / "out.json"), message="labels.parquet: cannot be read: "
    )
    assert files(tmp_path) == {"labels.parquet"}


LATIN = pa.array(["été".encode("latin-1"), b"x"]).view(pa.string())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [[1], [0]]}, "column 'a' should hold text or numbers, has the type list<"),
        ({"a": [1, 2]}, "column 'a' should hold labels from 0 to 1, got 2"),
        ({"a": [1.0, float("inf")]}, "column 'a' should hold labels from 0 to 1, got inf"),
        ({"c": [1.5, 1.0]}, "column 'c' should hold integers or names, got 1.5"),
        ({"c": [True, False]}, "column 'c' should hold integers or names, has the type bool"),
        ({"c": [float("inf"), 1.0]}, "column 'c' should hold integers or names, got"),
        ({"c": LATIN}, "labels.parquet: should be UTF-8 text: invalid continuation byte\n"),
        ({"a": LATIN}, "labels.parquet: should be UTF-8 text: invalid continuation byte\n"),
        ({"g": LATIN}, "labels.parquet: should be UTF-8 text: invalid continuation byte\n"),
        ({"g": [True, False]}, "labels.parquet: column 'g' should hold names or integers, has the type bool"),
        ({"g": ["", "v1"]}, "labels.parquet: column 'g' should name a group in every row, got an empty cell"),
        ({"g": ["v", "v" * 257]}, "labels.parquet: column 'g' should hold names of at most 256 letters, got"),
    ],
)
def test_bad_parquet(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": [0, 1], "a": [0, 1]} | columns), path)
    groups = ["--groups", "g"] if "g" in columns else []
    assert_refused(estimate(path, *OPTIONS, *groups, "-o", tmp_path / "out.json"), message=message)
    assert files(tmp_path) == {"labels.parquet"}


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (["none.csv"], "none.csv: no such file"),
        (["*.txt"], "*.txt: no such file"),
        (["good.csv", "*.csv"], "good.csv: should be given once, is given twice"),
        (["."], "should be a file, is a folder"),
        (["/dev/null"], "/dev/null: should be a file that can be read more than once"),
        (["good.csv", "more.csv"], "good.csv: should have the column 'a2', as more.csv has"),
        (["more.csv", "good.csv"], "good.csv: should have the column 'a2', as more.csv has"),
        (["good.csv", "bad.csv"], "bad.csv: column 'a' should hold labels from 0 to 1, got 3"),
        ([], "Missing argument 'LABELS...'"),
    ],
)
def test_bad_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patterns: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    contents = {"good": "c,a\n1,1\n", "more": "c,a,a2\n1,1,1\n", "bad": "c,a\n1,1\n1,3\n"}
    for name, content in contents.items():
        Path(f"{name}.csv").write_text(content)
    assert_refused(estimate(*patterns, *OPTIONS, "-o", "out.json"), message=message)
    assert files(tmp_path) == {"good.csv", "more.csv", "bad.csv"}


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("labels.csv/out.json", "labels.csv is no folder"),
        ("none/out.json", "none is no folder"),
        (".", "it is a folder"),
    ],
)
@pytest.mark.parametrize("command", ["estimate", "plot"])
def test_output_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, output: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labels.csv").write_text("c,a\n1,5\n")  # found out before the labels are read
    what = ["labels.csv", *OPTIONS] if command == "estimate" else ["du2014"]
    assert_refused(run("relatedness", command, *what, "-o", output), message=message)
    assert files(tmp_path) == {"labels.csv"}


@pytest.mark.parametrize("command", ["show", "plot", "diff", "diagnose"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.json", "no such file, and no table that is built in (du2014, aff_wild2)"),
        ("cut.json", "cut.json: not a relatedness file: no valid JSON"),
        ("latin.json", "latin.json: not a relatedness file"),
        ("folder", "folder: Is a directory"),
    ],
)
def test_bad_relatedness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Relatedness([[0.5]]).save("cut.json")
    Path("cut.json").write_bytes(Path("cut.json").read_bytes()[:60])
    Path("latin.json").write_bytes(b'{"\xe9": 1}')
    before = files(tmp_path)
    more = {"plot": ["-o", "out.png"], "diff": ["du2014"]}.get(command, [])
    assert_refused(run("relatedness", command, name, *more), message=message)
    assert files(tmp_path) == before


def test_output_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    done = run("relatedness", "plot", "du2014", "-o", tmp_path / "out.png")
    assert_refused(done, message="out.png: cannot be written: no permission to write in")


def test_no_memory_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Relatedness, "align", fail)
    assert_refused(run("relatedness", "diff", "du2014", "aff_wild2"), message="coupling: not enough memory")


@pytest.mark.parametrize(("arguments", "message"), USAGE.values(), ids=USAGE)
def test_bad_usage(arguments: list[str], message: str) -> None:
    assert_refused(run(*arguments), message=message)


def test_text_that_goes_wrong_later_on(tmp_path: Path) -> None:
    """Beyond the first piece of a file, of which the names of the columns are read."""
    path = tmp_path / "labels.csv"
    path.write_bytes(b"c,a\n" + b"x,1\n" * (_files.BLOCK // 2) + "é,1\n".encode("latin-1"))
    done = estimate(path, *OPTIONS, "-o", tmp_path / "out.json")
    assert_refused(done, message="labels.csv: should be UTF-8 text: ")


def test_names_of_columns_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"c": [0, 1], "a": [0, 1], "é": [0, 1]}), path)
    path.write_bytes(path.read_bytes().replace("é".encode(), "éé".encode("latin-1")))
    done = estimate(path, *OPTIONS, "-o", tmp_path / "out.json")
    assert_refused(done, message="should be UTF-8 text: invalid continuation byte\n")
