"""`coupling relatedness estimate` against `Relatedness.from_annotations` on the same labels."""

import csv
import gzip
import json
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bad_commands import OPTIONS
from commands import assert_refused, estimate, files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupling import Relatedness
from coupling.cli import _files
from coupling.cli._annotations import Annotations
from coupling.cli._estimate import passes

NAMES = ["crow", "gull", "heron, grey", "été"]
ATTRIBUTES = ["AU1", "AU 2", "beak.length"]
MISSING = [None, -5.0, 999.0]


class Labels(NamedTuple):
    classes: list[Any]
    rows: list[list[float | None]]
    groups: list[str]
    weights: list[float]

    def table(self, start: int, stop: int) -> pa.Table:
        columns: dict[str, Any] = {"file": [f"{n}.jpg" for n in range(start, stop)]}
        columns |= {name: [row[i] for row in self.rows[start:stop]] for i, name in enumerate(ATTRIBUTES)}
        columns |= {"bird": self.classes[start:stop], "nest": self.groups[start:stop]}
        return pa.table(columns | {"share": self.weights[start:stop]})

    def expected(self, **options: Any) -> Relatedness:
        values = np.array(self.rows, float)
        return Relatedness.from_annotations(
            self.classes if isinstance(self.classes[0], int) else np.array(self.classes, object),
            np.where(np.isnan(values), -1, values),
            attributes=ATTRIBUTES,
            **options,
        )


def write_csv(path: Path, table: pa.Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.column_names)
        writer.writerows(zip(*table.to_pydict().values(), strict=True))


@st.composite
def annotations(draw: st.DrawFn) -> Labels:
    size = draw(st.integers(1, 30))
    named = draw(st.booleans())
    label = st.sampled_from([*NAMES, None, ""]) if named else st.sampled_from([0, 1, 3, -1, -7])
    cells = st.sampled_from([0.0, 1.0, 0.25, *MISSING])

    def several(one: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(one, min_size=size, max_size=size))

    classes = [NAMES[0] if named else 0, *several(label)[1:]]  # a class at least
    rows = several(st.lists(cells, min_size=3, max_size=3))
    groups, weights = several(st.sampled_from("abc")), several(st.sampled_from([1.0, 0.5, 0.0, 3.0]))
    return Labels(classes, rows, groups, weights)


def options_of(labels: Labels, *, grouped: bool, weighted: bool) -> tuple[list[str], dict[str, Any]]:
    typed = (["--groups", "nest"] if grouped else []) + (["--weight", "share"] if weighted else [])
    called: dict[str, Any] = {"groups": labels.groups} if grouped else {}
    return typed, called | ({"sample_weight": labels.weights} if weighted else {})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(annotations(), st.booleans(), st.booleans(), st.integers(1, 3))
def test_equals_from_annotations(
    tmp_path: Path, labels: Labels, grouped: bool, weighted: bool, parts: int
) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    bounds = np.linspace(0, len(labels.rows), parts + 1).astype(int)
    for part, (start, stop) in enumerate(pairwise(bounds)):
        table = labels.table(start, stop)
        write_csv(tmp_path / f"{part}.csv", table)
        pq.write_table(table, tmp_path / f"{part}.parquet", row_group_size=4)
    typed, called = options_of(labels, grouped=grouped, weighted=weighted)
    expected = labels.expected(smoothing=0.5, min_support=2, **called)
    options = ["--class", "bird", "--attributes", "AU*", "--attributes", "beak.length", *typed]
    output = tmp_path / "birds.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_files, "BLOCK", 120)
        patch.setattr(_files, "CELLS", 20)
        for pattern in ("*.csv", "*.parquet"):
            done = estimate(
                tmp_path / pattern, *options, "--smoothing", 0.5, "--min-support", 2, "-o", output
            )
            assert (done.code, done.out) == (0, ""), done.err
            assert Relatedness.load(output) == expected
            assert f" from {len(labels.rows)} samples" in done.err


def written(tmp_path: Path, text: str, *options: str, name: str = "labels.csv") -> Relatedness:
    (tmp_path / name).write_text(text)
    return counted(tmp_path / name, *options)


def counted(path: Path, *options: str) -> Relatedness:
    done = estimate(path, "--class", "c", "--attributes", "a*", *options)
    assert done.code == 0, done.err
    content = json.loads(done.out)
    assert (content.pop("format"), content.pop("version")) == ("coupling.relatedness", 1)
    return Relatedness.from_dict(content)


@pytest.mark.parametrize(
    ("cells", "options", "expected"),
    [
        (["1", "0", " 1 ", "0.0"], [], [0.5, 4]),
        (["true", "False", "TRUE", "1e0"], [], [0.75, 4]),
        (["1", "", "nan", "NA", "null", "None", "N/A"], [], [1.0, 1]),
        (["1", "-1", "-5", "999", "-99.0", "0"], [], [0.5, 2]),
        (["1", "-1", "-1"], ["--negative", "-1"], [1 / 3, 3]),
        (["1", "-1", "-1"], ["--missing", "-1"], [1.0, 1]),
        (["1", "9", "x", "0"], ["--missing", "9", "--missing", "x"], [0.5, 2]),
        (["1", "9.0", "0"], ["--missing", "9"], [0.5, 2]),
        (["0.25", ".5", "5e-1"], [], [1.25 / 3, 3]),
    ],
)
def test_attribute_cells(
    tmp_path: Path, cells: list[str], options: list[str], expected: Sequence[float]
) -> None:
    table = written(tmp_path, "c,a\n" + "".join(f"0,{cell}\n" for cell in cells), *options)
    assert table.support is not None
    assert [table.conditional[0, 0], table.support[0, 0]] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("cells", "options", "expected"),
    [
        (["gull", "crow", " gull", "", "nan"], [], {"crow": 1, "gull": 2}),
        (["0", "2.0", "-1", "", "NaN"], [], {"class_0": 1, "class_1": 0, "class_2": 1}),
        (["1", "0", "1"], ["--classes", "crow,gull"], {"crow": 1, "gull": 2}),
        (["gull"], ["--classes", "crow, gull"], {"crow": 0, "gull": 1}),
        (["7", "3", "7.0", ""], ["--classes", "7,3"], {"7": 2, "3": 1}),  # names, not positions
        (["gull", "?", "NA"], ["--missing", "?", "--missing", "NA"], {"gull": 1}),
        (["0", "1", "9"], ["--missing", "9"], {"class_0": 1, "class_1": 1}),
        (["0", "1", "9.0"], ["--missing", "9"], {"class_0": 1, "class_1": 1}),
        (["none", "NA", "1_2"], [], {"1_2": 1, "NA": 1, "none": 1}),  # a class may be called so
        (["Infinity", "inf"], [], {"Infinity": 1, "inf": 1}),
    ],
)
def test_class_cells(tmp_path: Path, cells: list[str], options: list[str], expected: dict[str, int]) -> None:
    table = written(tmp_path, "c,a\n" + "".join(f"{cell},1\n" for cell in cells), *options)
    assert table.support is not None
    assert dict(zip(table.classes, table.support[:, 0], strict=True)) == expected


@pytest.mark.parametrize(
    "attribute",
    [
        pa.array([True, False, None, True]),
        pa.array([1, 0, 999, 1], pa.int16()),
        pa.array([1, 0, None, 1], pa.uint64()),
        pa.array([1.0, 0.0, float("nan"), 1.0], pa.float32()),
        pa.array(np.array([1, 0, np.nan, 1], np.float16)),
        pa.array([1, 0, -1, 1], pa.decimal128(5, 2)),
        pa.array(["1", "0", "", "1"]),
        pa.array(["1", "0", None, "1"]).dictionary_encode(),
        pa.array([1, 0, None, 1]).dictionary_encode(),
        pa.array(["1", "0", "nan", "1"], pa.large_string()),
    ],
    ids=lambda array: str(array.type),
)
@pytest.mark.parametrize(
    "classes",
    [
        pa.array([1, 1, 1, None], pa.int8()),
        pa.array([1.0, 1.0, 1.0, float("nan")]),
        pa.array(["x", "x", "x", None]).dictionary_encode(),
        pa.array(["x", "x", "x", ""], pa.large_string()),
    ],
    ids=lambda array: str(array.type),
)
def test_parquet_types(tmp_path: Path, attribute: pa.Array, classes: pa.Array) -> None:
    path = tmp_path / "labels.parquet"
    pq.write_table(pa.table({"a": attribute, "c": classes}), path)
    table = counted(path)
    assert table.support is not None
    assert (table.conditional[-1, 0], table.support[-1, 0]) == (0.5, 2)


def test_compressed_and_tabs(tmp_path: Path) -> None:
    expected = written(tmp_path, "c,a\n0,1\n1,0\n")
    assert written(tmp_path, "c\ta\n0\t1\n1\t0\n", name="labels.tsv") == expected
    assert written(tmp_path, "c;a\n0;1\n1;0\n", "--delimiter", ";") == expected
    assert written(tmp_path, "c\ta\n0\t1\n1\t0\n", "--delimiter", r"\t") == expected
    assert written(tmp_path, "\ufeffc,a\r\n0,1\r\n1,0\r\n") == expected
    (tmp_path / "labels.csv.gz").write_bytes(gzip.compress(b"c,a\n0,1\n1,0\n"))
    assert counted(tmp_path / "labels.csv.gz") == expected


def test_globs_and_several_files(tmp_path: Path) -> None:
    for name in ("a/1.csv", "a/b/2.csv", "[x].csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("a2,c,a1\n1,0,1\n")
    nested = counted(tmp_path / "**" / "?.csv")
    assert nested.attributes == ("a2", "a1")
    assert nested.support is not None
    assert nested.support.tolist() == [[2, 2]]
    done = estimate(tmp_path / "[x].csv", tmp_path / "a/1.csv", "--class", "c", "--attributes", "a1")
    assert done.code == 0, done.err
    assert json.loads(done.out)["support"] == [[2]]


def test_exact_names_are_no_patterns(tmp_path: Path) -> None:
    text = "c,a[1],a1\n0,1,0\n"
    assert written(tmp_path, text, "--attributes", "a[1]").attributes == ("a[1]", "a1")
    done = estimate(tmp_path / "labels.csv", "--class", "c", "--attributes", "a[1]", "-q")
    assert '"a[1]"' in done.out
    assert '"a1"' not in done.out


def test_output_and_messages_are_apart(tmp_path: Path) -> None:
    expected = written(tmp_path, "c,a\nx,1\ny,0\n")
    labels = tmp_path / "labels.csv"
    options = ["--class", "c", "--attributes", "a"]
    done = estimate(labels, *options)
    assert done.err == "2 classes x 1 attributes from 2 samples, 2 of them with a class\n"
    written_to = estimate(labels, *options, "-o", tmp_path / "out.json")
    assert written_to.out == ""
    assert (tmp_path / "out.json").read_text() == done.out
    assert Relatedness.load(tmp_path / "out.json") == expected
    assert estimate(labels, *options, "--quiet").err == ""
    assert files(tmp_path) == {"labels.csv", "out.json"}


def test_labels_are_not_written_over(tmp_path: Path) -> None:
    written(tmp_path, "c,a\nx,1\ny,0\n")
    labels, link = tmp_path / "labels.csv", tmp_path / "link.json"
    link.symlink_to(labels)
    before = labels.read_bytes()
    for output in (labels, link):
        done = estimate(labels, "--class", "c", "--attributes", "a", "-o", output)
        assert_refused(done, message=f"{output}: should be another file than those with labels")
    assert labels.read_bytes() == before


def test_line_breaks_in_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a piece of the file ends within one."""
    monkeypatch.setattr(_files, "BLOCK", 64)
    path = tmp_path / "labels.csv"
    path.write_text("c,a\n" + '"xy\n\nz",1\n' * 50)
    assert estimate(path, "--class", "c", "--attributes", "a", "-o", tmp_path / "out.json").code == 0
    table = Relatedness.load(tmp_path / "out.json")
    assert (table.classes, table.support) == (("xy\n\nz",), [[50]])


def test_several_files_are_the_source(tmp_path: Path) -> None:
    for name in "xyz":
        (tmp_path / f"{name}.csv").write_text(f"c,a\n{name},1\n")
    for names, source in (("x", "x.csv"), ("xyz", "x.csv and 2 more files")):
        done = estimate(*(tmp_path / f"{name}.csv" for name in names), *OPTIONS)
        assert json.loads(done.out)["source"] == source
        assert f"{len(names)} samples, {len(names)} of them with a class" in done.err


def test_signs_in_several_files_are_of_all(tmp_path: Path) -> None:
    for name, label in (("x", 1), ("y", -1)):
        (tmp_path / f"{name}.csv").write_text(f"c,a\n0,{label}\n")
    both = [tmp_path / "x.csv", tmp_path / "y.csv"]
    assert_refused(estimate(*both, *OPTIONS), message=f"{both[0]} and others: column 'a' holds -1 and 1")
    (tmp_path / "x.csv").write_text("c,a\n0,1\n0,-1\n")
    assert_refused(estimate(both[0], *OPTIONS), message=f"coupling: {both[0]}: column 'a' holds -1 and 1")


def test_rows_of_any_file_are_enough(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("c,a\n0,1\n")
    (tmp_path / "y.csv").write_text("c,a\n")
    assert estimate(tmp_path / "x.csv", tmp_path / "y.csv", *OPTIONS).code == 0


def test_endings_of_parquet(tmp_path: Path) -> None:
    for name in ("labels.pq", "labels.parquet"):
        (tmp_path / name).write_text("c,a\n0,1\n")
        assert_refused(estimate(tmp_path / name, *OPTIONS), message="Parquet magic bytes not found")


def test_passes_over_the_files() -> None:
    of = partial(Annotations, ("x",), "c", ("a",))
    assert [passes(of()), passes(of(group_column="g"))] == [1, 2]
