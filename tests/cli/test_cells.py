"""What the cells of a column mean, whatever file they are in."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from coupling.cli._cells import Cells, Signs


def test_groups_that_differ_in_their_last_letter() -> None:
    """NumPy's own texts lose it."""
    names = ["a", "a\0", "a", "b"]
    assert Cells(attributes=1).groups(pa.array(names), "here").tolist() == names


def test_empty_classes_are_missing() -> None:
    encoded = pa.DictionaryArray.from_arrays([0, 1, 2, 3, None], ["x", None, "", " "])
    for column in (encoded, pa.array(["x", None, "", " ", None])):
        assert Cells(attributes=1).class_labels(column, "here").tolist() == ["x"] + 4 * [None]


def test_names_that_are_no_classes() -> None:
    with pytest.raises(ValueError, match=r"^here should hold names of the classes, got 'x' \("):
        Cells(classes=["a", "b"], attributes=1).class_labels(pa.array(["a", "x"]), "here")


def test_numerals_that_are_no_classes() -> None:
    cells = Cells(classes=["3", "5"], attributes=1)
    assert cells.class_labels(pa.array([3, 5, -1]), "here").tolist()[:2] == [0, 1]
    with pytest.raises(ValueError, match=r"^here should hold names of the classes, got '4' \("):
        cells.class_labels(pa.array([4]), "here")


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize(
    ("read", "wanted"),
    [("attribute_labels", "labels from 0 to 1"), ("class_labels", "integers or names")],
)
def test_types_that_are_no_labels(read: str, wanted: str, encoded: bool) -> None:
    column = pa.array([date(2026, 1, 1)])
    column = column.dictionary_encode() if encoded else column
    with pytest.raises(ValueError, match=rf"^here should hold {wanted}, has the type date32"):
        getattr(Cells(attributes=1), read)(column, "here")


@pytest.mark.parametrize(
    ("batches", "refused"),
    [
        ([[[-1, -1]], [[1, -1]]], "'x'"),  # -1 and 1, in whichever batch
        ([[[0.5, 1]], [[-1, -1]]], "'y'"),
        ([[[1, 0], [0, 1]], [[-1, -1]]], None),
        ([[[-1, 1]], [[-1, 1]]], None),
        ([[[-1, np.nan]], [[np.nan, 1]]], None),
        ([[[1, -1]], [[0, 0]], [[-1, 1]]], None),
        ([[[0.5, np.nan]], [[-1, 1]], [[np.nan, -1]]], "'y'"),
    ],
)
def test_signs_over_batches(batches: Sequence[Any], refused: str | None) -> None:
    signs = Signs(2)
    for batch in batches:
        signs.update(np.array(batch, float))
    if refused is None:
        signs.check(["x", "y"], "labels.csv")
    else:
        with pytest.raises(ValueError, match=f"^labels.csv: column {refused} holds -1 and 1"):
            signs.check(["x", "y"], "labels.csv")


def test_numerals_among_other_names() -> None:
    """A cell that is the name of a class means it, and none is counted from 0 beside such."""
    cells = Cells(classes=["1", "2", "other"], attributes=1)
    assert cells.class_labels(pa.array(["1", "2", "other", ""]), "here").tolist() == [0, 1, 2, -1]
    with pytest.raises(ValueError, match="^here should hold integers or names, got 0 and '1'"):
        cells.class_labels(pa.array(["0"]), "here")


def test_numerals_with_leading_zeros() -> None:
    cells = Cells(classes=["01", "02"], attributes=1)
    assert cells.class_labels(pa.array(["02", "01"]), "here").tolist() == [1, 0]
