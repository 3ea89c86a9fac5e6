from pathlib import Path

import numpy as np
import pytest
from dataset_trees import affectnet as tree
from dataset_trees.files import append, change, picture

from benchmarks.datasets import affectnet
from benchmarks.datasets.left_out import EXCLUDED, MALFORMED, MISSING_ANNOTATION, OUT_OF_RANGE, TWICE, counts
from coupling.knowledge import orders

LABELS = tuple(range(11))


@pytest.mark.parametrize("write", [tree.write, tree.write_arrays])
@pytest.mark.parametrize("classes", [7, 8])
def test_labels_that_are_no_expressions_are_left_out(tmp_path: Path, write, classes):
    write(tmp_path, training=LABELS, validation=[0, 7, 10])
    faces = affectnet.load(tmp_path, classes=classes)
    train, validation = faces.select(split="train"), faces.select(split="validation")
    assert sorted(train.class_labels) == list(range(classes))
    assert sorted(validation.class_labels) == ([0] if classes == 7 else [0, 7])
    assert faces.classes == orders()["affectnet" if classes == 7 else "affectnet-8"].classes
    assert counts(faces.left_out) == {EXCLUDED: 14 - len(faces)}


@pytest.mark.parametrize("lists", ["", "Manually_Annotated_file_lists"])
def test_a_header_is_no_row_and_a_row_no_header(tmp_path: Path, lists: str):
    tree.write(tmp_path, lists=lists)
    faces = affectnet.load(tmp_path)
    assert sorted(faces.select(split="train").class_labels) == sorted(tree.TRAINING)
    assert sorted(faces.select(split="validation").class_labels) == sorted(tree.VALIDATION)
    assert faces.left_out == ()


def test_boxes(tmp_path: Path):
    tree.write(tmp_path)
    assert affectnet.load(tmp_path).images[0].box == (1.0, 0.0, 5.0, 4.0)
    assert affectnet.load(tmp_path, crop=False).images[0].box is None


ROW = "1/new.jpg,1,0,5,4,1;2,0,-2,-2"


@pytest.mark.parametrize(
    ("row", "kind", "rest"),
    [
        (ROW.replace(",0,-2", ",11,-2"), OUT_OF_RANGE, {}),
        (ROW.replace(",0,-2", ",-1,-2"), OUT_OF_RANGE, {}),
        (ROW.replace(",0,-2", ",Happy,-2"), MALFORMED, {MISSING_ANNOTATION: 1}),
        (ROW.replace(",0,-2", ",0.5,-2"), MALFORMED, {MISSING_ANNOTATION: 1}),
        (ROW.replace("1,0,5,4", "1,0,0,4"), MALFORMED, {MISSING_ANNOTATION: 1}),
        (ROW.replace("1,0,5,4", "1,0,NULL,4"), MALFORMED, {MISSING_ANNOTATION: 1}),
        (ROW + ",7", MALFORMED, {MISSING_ANNOTATION: 1}),
        (ROW.replace("new", "training_0"), TWICE, {MISSING_ANNOTATION: 1}),
    ],
)
def test_bad_rows(tmp_path: Path, row: str, kind: str, rest: dict[str, int]):
    tree.write(tmp_path)
    picture(tmp_path / "Manually_Annotated_Images/1/new.jpg")
    append(tmp_path / "validation.csv", row)
    faces = affectnet.load(tmp_path)
    assert len(faces) == 9
    assert counts(faces.left_out) == {kind: 1, **rest}
    assert "validation.csv:3" in faces.summary()


@pytest.mark.parametrize("label", [np.array("neutral"), np.array(["1", "2"]), np.array({"a": 1}), None])
def test_label_files_of_another_form(tmp_path: Path, label):
    """Nothing is unpickled, and the image is not lost without a word."""
    tree.write_arrays(tmp_path)
    path = tmp_path / "train_set/annotations/0_exp.npy"
    np.save(path, label) if label is not None else path.write_bytes(b"")
    faces = affectnet.load(tmp_path)
    assert len(faces) == 8
    assert counts(faces.left_out) == {"malformed label file": 1}
    assert "train_set/annotations/0_exp.npy" in faces.summary()


def test_a_label_file_with_bytes_too_many(tmp_path: Path):
    tree.write_arrays(tmp_path)
    path = tmp_path / "train_set/annotations/0_exp.npy"
    path.write_bytes(path.read_bytes()[:128] + b"\0\0" + path.read_bytes()[128:])
    assert counts(affectnet.load(tmp_path).left_out) == {"malformed label file": 1}


def test_labels_of_arrays_are_strings_or_numbers(tmp_path: Path):
    tree.write_arrays(tmp_path, training=[3])
    assert affectnet.load(tmp_path).class_labels[0] == 3
    np.save(tmp_path / "train_set/annotations/0_exp.npy", np.array(4))
    assert affectnet.load(tmp_path).class_labels[0] == 4


def test_half_a_release_is_refused(tmp_path: Path):
    tree.write_arrays(tmp_path)
    (tmp_path / "val_set").rename(tmp_path / "other")
    with pytest.raises(ValueError, match="val_set/annotations is not there; root should hold"):
        affectnet.load(tmp_path)


def test_classes(tmp_path: Path):
    with pytest.raises(ValueError, match="classes should be 7 or 8, got 6"):
        affectnet.load(tmp_path, classes=6)


def test_quotes_and_a_byte_order_mark(tmp_path: Path):
    tree.write(tmp_path)
    change(tmp_path / "training.csv", "subDirectory_filePath", "\ufeffsubDirectory_filePath")
    assert len(affectnet.load(tmp_path)) == 9
