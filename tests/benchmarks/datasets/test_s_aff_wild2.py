from pathlib import Path

import numpy as np
import pytest
from dataset_trees import aff_wild2 as tree
from dataset_trees.files import append, picture

from benchmarks.datasets import s_aff_wild2
from benchmarks.datasets.left_out import (
    MALFORMED,
    MISSING_ANNOTATION,
    MISSING_IMAGE,
    OUT_OF_RANGE,
    TWICE,
    UNLABELLED,
    counts,
)

LIST = "training_set_annotations.txt"
UNITS = "0,1,0,1,0,1,0,1,0,1,0,1"


def test_what_is_written_is_read(tmp_path: Path):
    tree.write_single(tmp_path)
    faces = s_aff_wild2.load(tmp_path)
    np.testing.assert_array_equal(faces.class_labels, [*range(8), -1])
    expected = [[(expression + unit) % 2 for unit in range(12)] for expression in range(8)]
    np.testing.assert_array_equal(faces.attribute_labels[:8], expected)
    np.testing.assert_array_equal(faces.split, [0] * 8 + [1])
    np.testing.assert_array_equal(faces.group, [0, 1] * 4 + [2])


@pytest.mark.parametrize("name", ["x" * 256, "x" * 5000, "é" * 128, "x\0"])
def test_a_name_that_no_folder_has(tmp_path: Path, name: str):
    tree.write_single(tmp_path)
    append(tmp_path / LIST, f"{name}/00001.jpg,-5,-5,3,{UNITS}")
    assert counts(s_aff_wild2.load(tmp_path).left_out) == {MISSING_IMAGE: 1}


def test_labels_are_missing_one_by_one(tmp_path: Path):
    rows = [
        f"a_left/00001.jpg,-5,-5,3,{UNITS}",
        "a_right/00001.jpg,0.5,0.5,-1,-1,1,-1,0,-1,1,-1,0,-1,1,-1,0",
        "b/00001.jpg,0.5,0.5,-1" + ",-1" * 12,
        "b/00002.jpg,0.5,0.5,7" + ",-1" * 12,
    ]
    tree.write_lists(tmp_path, training=rows, validation=[])
    faces = s_aff_wild2.load(tmp_path)
    np.testing.assert_array_equal(faces.class_labels, [3, -1, 7])
    np.testing.assert_array_equal(faces.attribute_labels[1], [np.nan, 1, np.nan, 0] * 3)
    assert np.isnan(faces.attribute_labels[2]).all()
    np.testing.assert_array_equal(faces.group, [0, 0, 1])
    assert counts(faces.left_out) == {UNLABELLED: 1}


@pytest.mark.parametrize("named", [True, False])
def test_units_are_those_of_the_header_or_of_the_third_competition(tmp_path: Path, named: bool):
    tree.write_lists(tmp_path, training=tree.SINGLE_TRAIN, validation=[], named=named)
    assert s_aff_wild2.load(tmp_path).attributes == tree.UNITS


def test_lists_of_the_third_competition(tmp_path: Path):
    tree.write_single(tmp_path)
    (tmp_path / LIST).rename(tmp_path / "train_set.txt")
    assert len(s_aff_wild2.load(tmp_path)) == 9


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"video_0/00099.jpg,0,0,1,{UNITS}", MISSING_IMAGE),
        (f"video_0/1.jpg,0,0,1,{UNITS}", MISSING_IMAGE),
        (f"nowhere/00001.jpg,0,0,1,{UNITS}", MISSING_IMAGE),
        (f"../00001.jpg,0,0,1,{UNITS}", MISSING_IMAGE),
        (f"video_0/00001.jpg,0,0,1,{UNITS}", TWICE),
        (f"video_8/00001.jpg,0,0,1,{UNITS},1", MALFORMED),
        (f"video_8/00001.jpg,0,0,one,{UNITS}", MALFORMED),
        ("video_8/00001.jpg", MALFORMED),
        (f"video_8/00001.jpg,0,0,8,{UNITS}", OUT_OF_RANGE),
        (f"video_8/00001.jpg,0,0,1.5,{UNITS}", OUT_OF_RANGE),
        (f"video_8/00001.jpg,0,0,1,2{UNITS[1:]}", OUT_OF_RANGE),
    ],
)
def test_bad_lines(tmp_path: Path, line: str, kind: str):
    tree.write_single(tmp_path)
    picture(tmp_path / "cropped_aligned/video_8/00001.jpg")
    append(tmp_path / LIST, line)
    faces = s_aff_wild2.load(tmp_path)
    found = counts(faces.left_out)
    assert found.pop(kind) == 1
    kept = kind == OUT_OF_RANGE  # the other labels of the line are good
    assert len(faces) == 9 + kept
    assert found == ({} if kept else {MISSING_ANNOTATION: 1})
    assert f"{LIST}:10" in faces.summary()
