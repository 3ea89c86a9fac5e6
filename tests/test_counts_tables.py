"""Labels to be counted, in arrays, tables and sparse matrices of every library."""

import sys
from collections.abc import Callable
from typing import Any

import array_api_compat
import array_api_strict
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

from backends import jax_core, needs, torch_core
from coupling import Relatedness, RelatednessCounts, diagnose
from coupling._tables import as_numpy

NAMES = ["gull", "crow", "wren"]
TABLES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda table: table,
    "pandas nullable": lambda table: table.convert_dtypes(),
    "pandas pyarrow": lambda table: table.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas,
    "pyarrow": lambda table: pa.Table.from_pandas(table, preserve_index=False),
}
ARRAYS = [
    pytest.param(np.ndarray.tolist, id="list"),
    pytest.param(torch_core.asarray, id="torch", marks=needs(torch_core)),
    pytest.param(jax_core.asarray, id="jax", marks=needs(jax_core)),
    pytest.param(array_api_strict.asarray, id="strict"),
    pytest.param(np.asfortranarray, id="fortran"),
    pytest.param(lambda values: np.repeat(values, 2, axis=0)[::2], id="every other"),
]


@pytest.fixture
def annotated() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    values = rng.choice([0, 1, 0.25, np.nan, -1], size=(200, 6))
    values[:, 0] = rng.integers(0, 2, 200)
    return rng.integers(-1, 3, 200), values


@pytest.mark.parametrize("made", ARRAYS)
def test_arrays(made: Callable[[np.ndarray], Any], annotated: tuple[np.ndarray, np.ndarray]) -> None:
    labels, values = annotated
    assert Relatedness.from_annotations(made(labels), made(values)) == Relatedness.from_annotations(
        labels, values
    )


@pytest.mark.parametrize("library", TABLES)
def test_tables(library: str, annotated: tuple[np.ndarray, np.ndarray]) -> None:
    labels, values = annotated
    columns = [f"AU{i}" for i in range(6)]
    named = [NAMES[label] if label >= 0 else None for label in labels]
    frame = pd.DataFrame(values, columns=columns).assign(
        bird=named, number=labels, AU0=values[:, 0].astype(bool)
    )
    table = TABLES[library](frame)
    expected = Relatedness.from_annotations(labels, values, classes=NAMES, attributes=columns)
    options = {"classes": NAMES}
    assert (
        Relatedness.from_annotations(
            table["bird"], table[columns] if library != "pyarrow" else table.select(columns), **options
        )
        == expected
    )
    found = Relatedness.from_annotations(table["number"], table, attributes=columns[::-1], **options)
    assert found == expected.align(attributes=columns[::-1])
    by_name = Relatedness.from_annotations(table["bird"], table, attributes=columns)
    assert by_name == expected.align(classes=sorted(NAMES))


@pytest.mark.parametrize("layout", ["csr", "csc", "coo"])
def test_sparse(layout: str, annotated: tuple[np.ndarray, np.ndarray]) -> None:
    labels, values = annotated
    matrix = scipy.sparse.csr_array(values).asformat(layout)
    assert Relatedness.from_annotations(labels, matrix) == Relatedness.from_annotations(labels, values)


def test_class_labels_with_nulls_are_numbers_still() -> None:
    counts = RelatednessCounts(classes=["a", "b"])
    counts.update(pd.Series([1.0, np.nan, 0.0]), [[1], [1], [0]])
    counts.update(pl.Series([1, None]), [[1], [1]])
    assert counts.support.tolist() == [[1.0], [2.0]]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint64", "float32"])
def test_any_kind_of_class_numbers(dtype: str) -> None:
    table = Relatedness.from_annotations(np.array([0, 1, 1], dtype), [[1], [0], [1]])
    assert table.conditional.tolist() == [[1.0], [0.5]]


def test_columns_and_classes_are_found_by_name() -> None:
    table = pd.DataFrame({"AU1": [1.0], "AU12": [0.0]})
    with pytest.raises(KeyError, match="attributes should be .*'AU2'.*close matches: 'AU12'"):
        Relatedness.from_annotations([0], table, attributes=["AU2"])
    with pytest.raises(KeyError, match="class_labels should be .*'gul'.*close matches: 'gull'"):
        Relatedness.from_annotations(["gul"], table, classes=NAMES)


TWICE = {
    "pandas": pd.DataFrame([[1, 0]], columns=["x", "x"]),
    "pyarrow": pa.Table.from_arrays([pa.array([1]), pa.array([0])], names=["x", "x"]),
}
COLUMNS = {
    "pandas": pd.Series([1]),
    "polars": pl.Series([1]),
    "pyarrow": pa.chunked_array([[1]]),
    "lazy": pl.LazyFrame({"x": [1]}),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_what_is_no_table_in_memory(kind: str) -> None:
    expected = (
        r"^attribute_labels should be an array of shape \(B, A\) or a table in memory, got .*(Ser|Arr|Laz)"
    )
    with pytest.raises(TypeError, match=expected):
        RelatednessCounts().update([0], COLUMNS[kind])


@pytest.mark.parametrize("library", TWICE)
def test_a_column_that_is_there_twice(library: str) -> None:
    with pytest.raises(ValueError, match="^the columns of attribute_labels should be unique: .*'x' 2 times$"):
        RelatednessCounts().update([0], TWICE[library])


def test_columns_without_a_name() -> None:
    with pytest.raises(TypeError, match="^the columns of attribute_labels should be strings, got 0$"):
        RelatednessCounts().update([0], pd.DataFrame([[1, 0]]))


def test_labels_of_a_table_are_named_wherever_they_stand() -> None:
    index = pd.Index(["a", "b", "a"])
    counts = RelatednessCounts()
    counts.update(index, [[1], [0], [1]])
    assert counts.support.tolist() == [[2.0], [1.0]]
    with pytest.raises(TypeError, match="^class_labels should be integers or names, got dtype bool$"):
        counts.update([True], [[1]])


def test_tables_need_narwhals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(ImportError, match=r'^tables need narwhals: pip install "coupling\[data\]"$'):
        RelatednessCounts().update([0], pd.DataFrame({"x": [1]}))


def test_arrays_of_a_device_are_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_api_compat, "is_cupy_array", lambda value: isinstance(value, str))
    monkeypatch.setattr(array_api_compat, "to_device", lambda value, device: [f"{value} on {device}"])
    assert as_numpy("x", "x").tolist() == ["x on cpu"]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA], ids=str)
@pytest.mark.parametrize(("first", "second"), [("a", "b"), (0, 1)])
def test_lists_with_something_missing(missing: Any, first: Any, second: Any) -> None:
    labels = [first, missing, second, first]
    names = ["a", "b"]
    expected = [[2.0], [1.0]]
    for given in (labels, np.array(labels, object), pd.Series(labels, dtype=object)):
        counts = RelatednessCounts(classes=names)
        counts.update(given, [[1], [1], [1], [0]])
        assert counts.support.tolist() == expected


def test_names_and_numbers_in_one_list() -> None:
    with pytest.raises(TypeError, match="^class_labels should be all integers or all names, got 1$"):
        RelatednessCounts().update(["a", 1, "b"], [[1], [1], [1]])
    with pytest.raises(TypeError, match="^class_labels should be all integers or all names, got True$"):
        RelatednessCounts().update([True, None], [[1], [1]])


@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_an_infinite_class(infinite: float) -> None:
    with pytest.raises(TypeError, match="^class_labels should be integers or names, got -?inf$"):
        RelatednessCounts().update([0.0, infinite], [[1], [1]])


def test_what_is_masked_is_missing() -> None:
    values = np.ma.array([[1, 0], [1, 1], [0, 1]], mask=[[0, 0], [0, 1], [1, 0]])
    numbers, names = (np.ma.array(own, mask=[0, 0, 0]) for own in ([0, 1, 1], ["a", "b", "b"]))
    without = np.ma.array([0, 1, 1])
    for labels in (numbers, names, without):
        assert Relatedness.from_annotations(labels, values).conditional.tolist() == [[1, 0], [1, 1]]
    for labels in (numbers, names):
        labels.mask = [False, True, False]
        counts = RelatednessCounts(classes=["a", "b"])
        counts.update(labels, values)
        assert counts.support.tolist() == [[1, 1], [0, 1]]
    with pytest.raises(ValueError, match="^conditional should have no masked entries, got 2$"):
        Relatedness(values)


def test_a_column_without_any_label() -> None:
    counts = RelatednessCounts()
    counts.update([0, 1], pl.DataFrame({"x": [None, None], "y": [1, 0]}))
    assert counts.support.tolist() == [[0, 1], [0, 1]]
    table = pl.DataFrame({"attribute_0": [None, None], "attribute_1": [1, 0]})
    assert diagnose(Relatedness(np.eye(2)), attribute_labels=table).attribute_label_counts == (0, 2)


def test_a_table_for_a_column() -> None:
    with pytest.raises(ValueError, match=r"^class_labels should have shape \(B,\), got \(2, 1\)$"):
        RelatednessCounts().update(pd.DataFrame({"a": [0, 1]}), [[1], [0]])


def test_weights_with_nulls_are_numbers_still() -> None:
    weight = pd.Series([1, None], dtype="Int64")
    with pytest.raises(ValueError, match="^sample_weight should be finite and at least 0, got nan$"):
        RelatednessCounts().update([0, 1], [[1], [0]], sample_weight=weight)
