import tempfile
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import cub as tree
from dataset_trees.files import append, change
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.datasets import cub
from benchmarks.datasets.left_out import MALFORMED, OUT_OF_RANGE, TWICE, counts

SHAPE = (6, len(tree.ATTRIBUTES))
present = arrays(np.int64, SHAPE, elements=st.integers(0, 1))
certainty = arrays(np.int64, SHAPE, elements=st.integers(1, 4))


@settings(max_examples=20)
@given(present, certainty, st.integers(1, 4))
def test_what_is_written_is_read(present, certainty, least):
    with tempfile.TemporaryDirectory() as folder:
        tree.write(Path(folder), present=present.tolist(), certainty=certainty.tolist())
        birds = cub.load(Path(folder), min_certainty=least)
    np.testing.assert_array_equal(birds.attribute_labels, np.where(certainty >= least, present, np.nan))
    np.testing.assert_array_equal(birds.class_labels, [0, 1, 2, 0, 1, 2])
    np.testing.assert_array_equal(birds.split, [0, 0, 2, 0, 0, 2])
    assert birds.classes == tree.SPECIES
    assert birds.attributes == tree.ATTRIBUTES
    assert birds.left_out == ()


def test_not_visible_is_missing(tmp_path: Path):
    tree.write(tmp_path, present=[[0, 0, 1, 1]], certainty=[[1, 2, 1, 4]])
    np.testing.assert_array_equal(cub.load(tmp_path).attribute_labels, [[np.nan, 0, np.nan, 1]])
    np.testing.assert_array_equal(cub.load(tmp_path, min_certainty=1).attribute_labels, [[0, 0, 1, 1]])
    with pytest.raises(ValueError, match="min_certainty should be in 1, 2, 3, 4, got 0"):
        cub.load(tmp_path, min_certainty=0)


@pytest.mark.parametrize("block", [1, 3, 1000])
def test_lines_of_more_columns_keep_their_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int):
    monkeypatch.setattr(cub, "BLOCK", block)
    tree.write(tmp_path, present=[[1, 1, 1, 1], [1, 0, 1, 0]])
    change(tmp_path / tree.LABELS, "1 2 1 4 17.6", "1 2 1 4 0 0 17.6")
    birds = cub.load(tmp_path)
    np.testing.assert_array_equal(birds.attribute_labels, [[1, 1, 1, 1], [1, 0, 1, 0]])
    assert birds.left_out == ()
    assert "1 lines of image_attribute_labels.txt have more than 5 columns" in birds.summary()


DEFECTS = [
    ("1 2 1 4 17.6", "1 two 1 4 17.6", MALFORMED, "image_attribute_labels.txt:2: 1 two 1 4 17.6"),
    ("1 2 1 4 17.6", "1 2", MALFORMED, "image_attribute_labels.txt:2: 1 2"),
    ("1 2 1 4 17.6", "", MALFORMED, "image_attribute_labels.txt:2"),
    ("1 2 1 4 17.6", "1 2 2 4 17.6", OUT_OF_RANGE, "image_attribute_labels.txt:2: 1 2 2 4"),
    ("1 2 1 4 17.6", "1 2 -1 4 17.6", OUT_OF_RANGE, "image_attribute_labels.txt:2: 1 2 -1 4"),
    ("1 2 1 4 17.6", "1 2 1 5 17.6", OUT_OF_RANGE, "image_attribute_labels.txt:2: 1 2 1 5"),
    ("1 2 1 4 17.6", "1 2 1 0 17.6", OUT_OF_RANGE, "image_attribute_labels.txt:2: 1 2 1 0"),
    ("1 2 1 4 17.6", "1 5 1 4 17.6", OUT_OF_RANGE, "image_attribute_labels.txt:2: 1 5 1 4"),
    ("1 2 1 4 17.6", "1 0 1 4 17.6", OUT_OF_RANGE, "image_attribute_labels.txt:2: 1 0 1 4"),
    ("1 2 1 4 17.6", "9 2 1 4 17.6", OUT_OF_RANGE, "image_attribute_labels.txt:2: 9 2 1 4"),
    ("1 2 1 4 17.6", "0 2 1 4 17.6", OUT_OF_RANGE, "image_attribute_labels.txt:2: 0 2 1 4"),
    ("1 2 1 4 17.6", "1 1 0 4 17.6", TWICE, "image_attribute_labels.txt:2: 1 1 0 4"),
]


@pytest.mark.parametrize("block", [1, 1000])
@pytest.mark.parametrize(("old", "new", "kind", "told"), DEFECTS)
def test_bad_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block, old, new, kind, told):
    monkeypatch.setattr(cub, "BLOCK", block)
    tree.write(tmp_path, present=[[1, 1, 1, 1], [1, 0, 1, 0]])
    change(tmp_path / tree.LABELS, old, new)
    birds = cub.load(tmp_path)
    np.testing.assert_array_equal(birds.attribute_labels, [[1, np.nan, 1, 1], [1, 0, 1, 0]])
    (omission,) = birds.left_out
    assert (omission.kind, omission.total) == (kind, 1)
    assert str(omission.examples[0]) == told
    assert "1 pairs of image and attribute have no line" in birds.summary()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("image_class_labels.txt", "2 2", "2 4"),
        ("image_class_labels.txt", "2 2\n", ""),
        ("train_test_split.txt", "2 1", "2 7"),
        ("bounding_boxes.txt", "2 1.0 0.0 5.5 4.0", "2 1.0 0.0 0.0 4.0"),
        ("bounding_boxes.txt", "2 1.0 0.0 5.5 4.0", "2 1.0 0.0"),
    ],
)
def test_an_image_with_a_bad_label_is_left_out(tmp_path: Path, file: str, old: str, new: str):
    tree.write(tmp_path)
    change(tmp_path / "CUB_200_2011" / file, old, new)
    birds = cub.load(tmp_path)
    assert len(birds) == 8
    assert counts(birds.left_out) == {OUT_OF_RANGE: 1}
    assert "bird_2.jpg" in birds.summary()


def test_bad_lines_of_the_tables(tmp_path: Path):
    tree.write(tmp_path)
    append(tmp_path / "CUB_200_2011/images.txt", "nonsense")
    append(tmp_path / "CUB_200_2011/image_class_labels.txt", "1 2")
    birds = cub.load(tmp_path)
    assert len(birds) == 9
    assert birds.class_labels[0] == 0
    assert counts(birds.left_out) == {MALFORMED: 1, TWICE: 1}
    assert "images.txt:10: nonsense" in birds.summary()


@pytest.mark.parametrize(
    "place", ["attributes.txt", "CUB_200_2011/attributes.txt", "CUB_200_2011/attributes/attributes.txt"]
)
def test_attributes_are_found_where_they_may_be(tmp_path: Path, place: str):
    tree.write(tmp_path, attributes_at=place)
    for root in (tmp_path, tmp_path / "CUB_200_2011"):
        assert cub.load(root).attributes == tree.ATTRIBUTES


def test_boxes(tmp_path: Path):
    tree.write(tmp_path)
    assert cub.load(tmp_path).images[3].box == (1.0, 0.0, 5.5, 4.0)
    assert cub.load(tmp_path, crop=False).images[3].box is None
