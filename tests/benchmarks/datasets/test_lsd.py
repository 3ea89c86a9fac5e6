from pathlib import Path

import numpy as np
import pytest
from dataset_trees import lsd as tree
from dataset_trees.files import append, picture, text

from benchmarks.datasets import lsd
from benchmarks.datasets.left_out import (
    MALFORMED,
    MISSING_ANNOTATION,
    MISSING_IMAGE,
    OUT_OF_RANGE,
    TWICE,
    counts,
)


@pytest.mark.parametrize("anger", ["ANGRER", "ANGERE", "ANGER"])
def test_classes_are_folders_however_anger_is_spelled(tmp_path: Path, anger: str):
    tree.write(tmp_path, folders=(anger, *tree.FOLDERS[1:]))
    faces = lsd.load(tmp_path)
    assert sorted(faces.select(split="train").class_labels) == sorted([*range(6)] * 2)
    assert sorted(faces.select(split="validation").class_labels) == list(range(6))
    for image, label in zip(faces.images, faces.class_labels, strict=True):
        assert image.path.split("/")[1][:3] == faces.classes[label][:3].upper()
    assert faces.left_out == ()


def test_real_images_of_a_list(tmp_path: Path):
    tree.write(tmp_path, listed=True)
    faces = lsd.load(tmp_path, validation=tree.LIST).select(split="validation")
    np.testing.assert_array_equal(faces.class_labels, range(6))
    assert faces.left_out == ()


def test_a_list_for_who_has_the_test_set(tmp_path: Path):
    tree.write(tmp_path)
    picture(tmp_path / "test_set_real_images/a.jpg")
    text(tmp_path / "test.txt", ["image,expression", "a.jpg,4"])
    faces = lsd.load(tmp_path, test="test.txt").select(split="test")
    np.testing.assert_array_equal(faces.class_labels, [4])


def test_images_in_no_folder_of_a_class(tmp_path: Path):
    tree.write(tmp_path)
    picture(tmp_path / "training_set_synthetic_images/OTHER/1.jpg")
    picture(tmp_path / "training_set_synthetic_images/1.jpg")
    faces = lsd.load(tmp_path)
    assert len(faces) == 18
    assert counts(faces.left_out) == {MISSING_ANNOTATION: 2}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("new.jpg,6", OUT_OF_RANGE),
        ("new.jpg,-1", OUT_OF_RANGE),
        ("new.jpg", MALFORMED),
        ("new.jpg,FEAR", MALFORMED),
        (",5", MALFORMED),
        ("0.jpg,5", TWICE),
        ("gone.jpg,5", MISSING_IMAGE),
    ],
)
def test_bad_lines(tmp_path: Path, line: str, kind: str):
    tree.write(tmp_path, listed=True)
    picture(tmp_path / "validation_set_real_images/new.jpg")
    append(tmp_path / tree.LIST, line)
    faces = lsd.load(tmp_path, validation=tree.LIST)
    found = counts(faces.left_out)
    assert len(faces) == 18
    assert found.pop(kind) == 1
    assert found == ({} if kind == OUT_OF_RANGE else {MISSING_ANNOTATION: 1})
    assert f"{tree.LIST}:8" in faces.summary()


def test_synthetic_images_alone(tmp_path: Path):
    tree.write(tmp_path)
    (tmp_path / "validation_set_real_images").rename(tmp_path / "elsewhere")
    assert len(lsd.load(tmp_path)) == 12
