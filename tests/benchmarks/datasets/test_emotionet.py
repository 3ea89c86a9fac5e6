import tempfile
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import emotionet as tree
from dataset_trees.files import append, change, picture
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.datasets import emotionet
from benchmarks.datasets.left_out import (
    MALFORMED,
    MISSING_ANNOTATION,
    MISSING_IMAGE,
    OUT_OF_RANGE,
    TWICE,
    UNLABELLED,
    counts,
)

UNITS = (1, 2, 4, 5, 6, 9, 12, 17, 20, 25, 26)
labels = arrays(np.int64, (4, 60), elements=st.sampled_from([0, 1, 999]))


@settings(max_examples=20)
@given(labels, st.lists(st.integers(1, 60), min_size=1, max_size=12, unique=True))
def test_units_are_columns_by_number(labels, units):
    """No row is lost to a header that is not there, and 999 is missing."""
    labels[:, units[0] - 1] = 1
    with tempfile.TemporaryDirectory() as folder:
        tree.write(Path(folder), labels=labels.tolist())
        faces = emotionet.load(Path(folder), units=[f"AU{unit}" for unit in units])
    own = labels[:, [unit - 1 for unit in units]]
    np.testing.assert_array_equal(faces.attribute_labels, np.where(own == 999, np.nan, own))
    assert faces.attributes == tuple(f"AU{unit}" for unit in units)
    assert faces.left_out == ()
    np.testing.assert_array_equal(faces.class_labels, -1)


def test_units_of_the_study(tmp_path: Path):
    tree.write(tmp_path)
    faces = emotionet.load(tmp_path)
    assert faces.attributes == tuple(f"AU{unit}" for unit in UNITS)
    assert faces.classes == ()


def test_the_manual_table_is_read_by_its_header(tmp_path: Path):
    tree.write_table(tmp_path, units=(12, 1, 60, 2), labels=[[1, 0, 1, 999], [0, 1, 1, 0]])
    faces = emotionet.load(tmp_path, table="manual.csv", units=["AU1", "AU02", "au_12"])
    np.testing.assert_array_equal(faces.attribute_labels, [[0, np.nan, 1], [1, 0, 0]])
    with pytest.raises(ValueError, match="units should be among the columns of the files, got 'AU4'"):
        emotionet.load(tmp_path, table="manual.csv", units=["AU4"])


def test_bad_lines_of_the_manual_table(tmp_path: Path):
    tree.write_table(tmp_path, units=(1, 2), labels=[[1, 0], [0, 1], [1, 1]])
    change(tmp_path / "manual.csv", "00002.jpg, 0, 1", "00002.jpg, 0")
    faces = emotionet.load(tmp_path, table="manual.csv", units=["AU1", "AU2"])
    np.testing.assert_array_equal(faces.attribute_labels, [[1, 0], [1, 1]])
    assert counts(faces.left_out)[MALFORMED] == 1
    assert "manual.csv:3" in faces.summary()


def test_an_address_of_no_form_is_a_line_without_an_image(tmp_path: Path):
    tree.write_table(tmp_path, units=(1, 2), labels=[[1, 0], [0, 1], [1, 1]])
    append(tmp_path / "manual.csv", "http://[x/y.jpg, 0, 1")
    faces = emotionet.load(tmp_path, table="manual.csv", units=["AU1", "AU2"])
    assert counts(faces.left_out) == {MISSING_IMAGE: 1}
    assert "manual.csv:5" in faces.summary()


@pytest.mark.parametrize("units", [[], ["AU1", "AU1"], ["AU1", "au_01"]])
def test_units_that_are_no_set(tmp_path: Path, units: list[str]):
    tree.write(tmp_path)
    with pytest.raises(ValueError, match="units should be different ones, got"):
        emotionet.load(tmp_path, units=units)


@pytest.mark.parametrize("unit", ["AU61", "AU0", "smile"])
def test_units_that_there_are_none_of(tmp_path: Path, unit: str):
    tree.write(tmp_path)
    with pytest.raises(ValueError, match=f"units should be among the columns of the files, got '{unit}'"):
        emotionet.load(tmp_path, units=["AU1", unit])


@pytest.mark.parametrize(
    ("new", "kind", "rest"),
    [
        ("\t".join(["http://example.org/new.jpg", "", *["1"] * 61]), MALFORMED, {MISSING_ANNOTATION: 1}),
        ("\t".join(["http://example.org/new.jpg", "", *["1"] * 59]), MALFORMED, {MISSING_ANNOTATION: 1}),
        ("\t".join(["http://example.org/new.jpg", "", *["999"] * 60]), UNLABELLED, {}),
        ("\t".join([f"{tree.SITE}/N_0000000001_00001.jpg", "", *["1"] * 60]), TWICE, {MISSING_ANNOTATION: 1}),
    ],
)
def test_bad_lines(tmp_path: Path, new: str, kind: str, rest: dict[str, int]):
    tree.write(tmp_path)
    picture(tmp_path / "images/new.jpg")
    append(tmp_path / "dataFile_0002.txt", new)
    faces = emotionet.load(tmp_path)
    assert len(faces) == 9
    assert counts(faces.left_out) == {kind: 1, **rest}
    assert "dataFile_0002.txt:2" in faces.summary()


def test_labels_outside_their_range_are_missing(tmp_path: Path):
    tree.write(tmp_path)
    picture(tmp_path / "images/new.jpg")
    append(tmp_path / "dataFile_0001.txt", "\t".join(["new.jpg?size=1", "", "2", "x", *["1"] * 58]))
    faces = emotionet.load(tmp_path)
    assert len(faces) == 10
    (row,) = (row for row, image in enumerate(faces.images) if image.path == "images/new.jpg")
    np.testing.assert_array_equal(faces.attribute_labels[row], [np.nan] * 2 + [1] * 9)
    assert counts(faces.left_out) == {OUT_OF_RANGE: 2}


def test_two_images_of_one_name_are_told(tmp_path: Path):
    tree.write(tmp_path)
    picture(tmp_path / "images/other/N_0000000001_00001.jpg")
    faces = emotionet.load(tmp_path)
    assert len(faces) == 9
    assert counts(faces.left_out) == {"two images of one name": 1, MISSING_ANNOTATION: 1}


def test_split_is_drawn(tmp_path: Path):
    tree.write(tmp_path)
    assert np.bincount(emotionet.load(tmp_path).split).tolist() == [7, 1, 1]
    assert np.bincount(emotionet.load(tmp_path, fractions=(1, 0, 0)).split).tolist() == [9]
    assert "seed 4" in emotionet.load(tmp_path, seed=4).summary()
