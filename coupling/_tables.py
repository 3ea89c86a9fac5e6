"""What annotations come in, as classes by number and attributes by block of rows.

NumPy arrays and nested lists, arrays of any library that follows the Array API standard, pandas, polars and
PyArrow tables (through narwhals), and sparse matrices of SciPy.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import array_api_compat as compat
import numpy as np
import numpy.typing as npt

from coupling._check import check_shapes
from coupling._exact import LARGEST, Floats
from coupling._fields import mask, strings
from coupling._names import exact
from coupling._namespace import describe_type
from coupling._tally import Array, Block

TABLES = ("pandas", "polars", "pyarrow")
REAL = (int, float, np.integer, np.floating)
MOST_UNNAMED_CLASSES = 2**26


class Columns(NamedTuple):
    """The labels of A attributes: their names where a table has them, the shape, and any rows of them."""

    names: tuple[str, ...] | None
    shape: tuple[int, int]
    block: Block


class Codes(NamedTuple):
    """Each sample's class as a number, negative where it is missing, and the classes' names where given."""

    numbers: npt.NDArray[np.intp]
    names: tuple[str, ...] | None


def columns(value: Any, chosen: Sequence[str] | None) -> Columns:
    """Return attribute labels, those of the columns `chosen` where they stand in a table."""
    if _library(value) in TABLES:
        return _table_columns(value, chosen)
    if _is_sparse(value):
        rows = value.tocsr()
        _check_matrix(rows)
        return Columns(None, rows.shape, lambda start, stop: (rows[start:stop].toarray(),))
    array = as_numpy("attribute_labels", value)
    _check_matrix(array)
    rows, attributes = array.shape
    return Columns(None, (rows, attributes), lambda start, stop: (array[start:stop],))


def _table_columns(table: Any, chosen: Sequence[str] | None) -> Columns:
    frame = _frame(table)
    if chosen is not None:
        frame = frame[:, exact("attributes", chosen, tuple(frame.columns))]
    names = strings("the columns of attribute_labels", frame.columns)
    numeric = {name: dtype.is_numeric() for name, dtype in frame.schema.items()}
    for name, dtype in frame.schema.items():
        if not numeric[name] and dtype != _narwhals().Boolean and frame[name].null_count() < len(frame):
            raise TypeError(f"attribute_labels[{name!r}] should be numbers, got dtype {dtype}")

    def block(start: int, stop: int) -> list[Array]:
        part = frame[start:stop]
        return [_column(part[name], numeric[name]) for name in names]

    return Columns(names, (len(frame), len(names)), block)


def _frame(table: Any) -> Any:
    """Return a table as one of narwhals'."""
    try:
        return _narwhals().from_native(table, eager_only=True)
    except TypeError:  # a single column, or a table that is not read yet
        expected = "an array of shape (B, A) or a table in memory"
        raise TypeError(f"attribute_labels should be {expected}, got {describe_type(table)}") from None
    except _narwhals().exceptions.DuplicateError as error:
        found = " ".join(str(error).split())
        raise ValueError(f"the columns of attribute_labels should be unique: {found}") from None


def _column(series: Any, numeric: bool) -> Array:
    """Return one column (rows, 1), NaN where a label is null."""
    if series.null_count() == len(series):  # which may have no dtype
        return np.full((len(series), 1), np.nan)
    if not numeric:
        series = series.cast(_narwhals().Int8)
    if series.null_count():  # without nulls the dtype stays, and often the memory
        series = series.cast(_narwhals().Float64)
    array: Array = series.to_numpy()
    return array[:, np.newaxis]


def codes(value: Any, names: tuple[str, ...] | None) -> Codes:
    """Return class labels: integers, or names among `names` (all that occur, sorted, where None is given).

    None, NaN, an empty name and a negative number are missing labels.
    """
    labels = series("class_labels", value)
    if labels.dtype.kind == "O" and _are_numbers(labels):
        labels = np.array([np.nan if _is_missing(label) else label for label in labels], np.float64)
    if labels.dtype.kind in "OUT":
        return _named_codes(labels.astype(object), names)
    if labels.dtype.kind == "f":
        labels = np.where(np.isnan(labels), -1, labels)
        fractions = (labels != np.floor(labels)) | np.isinf(labels)
        if fractions.any():
            raise TypeError(f"class_labels should be integers or names, got {labels[fractions][0]}")
    elif labels.dtype.kind not in "iu":
        raise TypeError(f"class_labels should be integers or names, got dtype {labels.dtype}")
    size = int(labels.max()) + 1 if len(labels) else 0
    if names is not None and size > len(names):
        raise ValueError(f"class_labels should be below C = {len(names)}, got {size - 1}")
    if names is None and size > MOST_UNNAMED_CLASSES:
        raise ValueError(f"class_labels should be numbers from 0 to C - 1, got {size - 1}: name the classes")
    return Codes(np.maximum(labels.astype(np.intp), -1), None)


def _named_codes(labels: Array, names: tuple[str, ...] | None) -> Codes:
    numbers, found = factorised(labels)
    for label in found:
        if not isinstance(label, str):
            raise TypeError(f"class_labels should be all integers or all names, got {label!r}")
    if names is None:
        names = tuple(sorted(found))
    place = np.array([*exact("class_labels", found, names), -1], np.intp)  # the last is for -1
    return Codes(place[numbers], names)


def factorised(values: Array) -> tuple[npt.NDArray[np.intp], list[Any]]:
    """Return each value's number, -1 where it is missing, and the values in the order of their numbers."""
    found: dict[Any, int] = {}
    numbers = np.fromiter(
        (-1 if _is_missing(value) else found.setdefault(value, len(found)) for value in values.tolist()),
        np.intp,
        len(values),
    )
    return numbers, list(found)


def _are_numbers(labels: Array) -> bool:
    """Tell whether all that is not missing is a number, as where some integers are None."""
    kinds = {type(label) for label in labels.tolist() if not _is_missing(label)}
    return bool(kinds) and bool not in kinds and all(issubclass(kind, REAL) for kind in kinds)


def _is_missing(label: Any) -> bool:
    if label is None or isinstance(label, str):
        return not label
    unequal = label != label
    return type(unequal).__name__ == "NAType" or bool(unequal)  # the one of pandas has no truth


def series(name: str, value: Any) -> Array:
    """Return one value for each sample as a NumPy array (B,), None or NaN where a table has a null."""
    array = as_numpy(name, value) if _library(value) not in TABLES else _series(name, value)
    if array.dtype.kind == "U" and isinstance(value, (list, tuple)):
        array = np.array(value, object)  # or what is no string, as NaN, would be one now
    check_shapes({}, **{name: (array, "B")})
    return array


def _series(name: str, value: Any) -> Array:
    column = _narwhals().from_native(value, series_only=True, pass_through=True)
    if column is value:  # no series after all: a pandas index or array
        return as_numpy(name, value)
    if column.dtype.is_numeric():
        return _column(column, numeric=True)[:, 0]
    array = np.array(column.to_list(), object)
    array[column.is_null().to_numpy()] = None
    return array


def weights(value: Any, rows: int) -> Floats:
    """Return sample weights, finite and at least 0."""
    weight = series("sample_weight", value)
    if weight.dtype.kind not in "biuf":
        raise TypeError(f"sample_weight should be numbers, got dtype {weight.dtype}")
    check_shapes({"B": rows}, sample_weight=(weight, "B"))
    floats: Floats = weight.astype(np.float64)
    if not (np.isfinite(floats) & (floats >= 0)).all():
        raise ValueError(f"sample_weight should be finite and at least 0, got {floats.min()}")
    if floats.sum() > LARGEST:
        raise ValueError(f"sample_weight should sum to at most 2**53, got {floats.sum()}")
    return floats


def as_numpy(name: str, value: Any) -> Array:
    """Return an array of any library, or nested lists, as a NumPy array, NaN or None where it is masked."""
    if (hidden := mask(value)) is not None:
        numbers = value.dtype.kind in "biuf"
        array = np.array(value.data, np.float64 if numbers else object)
        array[hidden] = np.nan if numbers else None
        return array
    if compat.is_torch_array(value) or compat.is_cupy_array(value):  # which NumPy cannot read on a GPU
        value = compat.to_device(value, "cpu")
    try:
        return np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} should be an array: {error}") from None


def is_dask(value: Any) -> bool:
    """Tell whether this is a collection of Dask."""
    return _library(value) == "dask"


def _library(value: Any) -> str:
    return type(value).__module__.partition(".")[0]


def _is_sparse(value: Any) -> bool:
    scipy_sparse = sys.modules.get("scipy.sparse")
    return scipy_sparse is not None and bool(scipy_sparse.issparse(value))


def _narwhals() -> Any:
    try:
        import narwhals
    except ModuleNotFoundError as error:
        raise ImportError('tables need narwhals: pip install "coupling[data]"') from error
    return narwhals


def _check_matrix(labels: Any) -> None:
    if labels.dtype.kind not in "biuf":
        raise TypeError(f"attribute_labels should be numbers, got dtype {labels.dtype}")
    check_shapes({}, attribute_labels=(labels, "BA"))
