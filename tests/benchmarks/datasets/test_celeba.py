import tempfile
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import celeba as tree
from dataset_trees.files import append, change
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.datasets import celeba, splits
from benchmarks.datasets.left_out import MALFORMED, OUT_OF_RANGE, TWICE, counts

ATTRIBUTES = "Anno/list_attr_celeba.txt"
IDENTITIES = "Anno/identity_CelebA.txt"
PARTITION = "Eval/list_eval_partition.txt"
SHAPE = (len(tree.IDENTITIES), len(tree.ATTRIBUTES))


@settings(max_examples=20)
@given(
    arrays(np.int64, SHAPE, elements=st.sampled_from([-1, 1])),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_what_is_written_is_read(labels, count, flat, commas):
    """Negatives are stored as -1: none may come out as missing."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        tree.write(root, labels=labels.tolist(), count=count and not commas, flat=flat, commas=commas)
        if commas and not flat:
            (root / "Anno/list_attr_celeba.csv").rename(root / "list_attr_celeba.csv")
        faces = celeba.load(root)
    np.testing.assert_array_equal(faces.attribute_labels, labels > 0)
    np.testing.assert_array_equal(faces.group, tree.IDENTITIES)
    assert faces.classes == ("7", "11", "2880")
    assert faces.attributes == tree.ATTRIBUTES
    assert [faces.classes[label] for label in faces.class_labels] == list(map(str, tree.IDENTITIES))
    assert faces.left_out == ()


def test_identities_are_numbered_again_without_what_is_left_out(tmp_path: Path):
    tree.write(tmp_path)
    for number in (2, 4, 7):  # all images of identity 7
        (tmp_path / f"Img/img_align_celeba/{number:06d}.jpg").unlink()
    faces = celeba.load(tmp_path)
    assert faces.classes == ("11", "2880")
    assert sorted(set(faces.class_labels.tolist())) == [0, 1]


def test_new_split_is_within_identities(tmp_path: Path):
    tree.write(tmp_path)
    faces = celeba.load(tmp_path)
    for person in (7, 2880):  # three and four images
        assert set(faces.split[faces.group == person]) == {0, 1, 2}
    assert sorted(faces.split[faces.group == 11]) == [0, 2]  # two images
    assert "seed 0" in faces.summary()
    other = celeba.load(tmp_path, seed=1)
    assert not np.array_equal(other.split, faces.split)


def test_published_split(tmp_path: Path):
    """The split is a file whose digest the guide states; whoever has the file has the split."""
    tree.write(tmp_path)
    faces = celeba.load(tmp_path)
    names = [Path(image.path).name for image in faces.images]
    digest = splits.write(tmp_path / "split.txt", names, faces.split)
    guide = Path(__file__).parents[3] / "docs" / "datasets.md"
    assert digest in guide.read_text()
    again = celeba.load(tmp_path, partition=str(tmp_path / "split.txt"), seed=9)
    np.testing.assert_array_equal(again.split, faces.split)


def test_official_split(tmp_path: Path):
    tree.write(tmp_path)
    faces = celeba.load(tmp_path, partition="official")
    np.testing.assert_array_equal(faces.split, [0, 1, 2] * 3)
    change(tmp_path / PARTITION, "000002.jpg 1\n", "")
    change(tmp_path / PARTITION, "000003.jpg 2", "000003.jpg 3")
    faces = celeba.load(tmp_path, partition="official")
    np.testing.assert_array_equal(faces.split, [0, 0, 1, 2, 0, 1, 2])
    assert counts(faces.left_out) == {"image without a split": 2}
    assert "000002.jpg, 000003.jpg" in faces.summary()


@pytest.mark.parametrize(
    ("file", "old", "new", "kind", "told", "left"),
    [
        (ATTRIBUTES, "000002.jpg  ", "000002.jpg  1  ", MALFORMED, "list_attr_celeba.txt:4: 000002.jpg", 8),
        (ATTRIBUTES, "000002.jpg  ", "\n000002.jpg  ", MALFORMED, "list_attr_celeba.txt:4", 9),
        (IDENTITIES, "000002.jpg 7\n", "", "image without identity", "list_attr_celeba.txt:4: 000002.jpg", 8),
        (
            IDENTITIES,
            "000002.jpg 7",
            "000002.jpg 7\n000002.jpg 9",
            TWICE,
            "identity_CelebA.txt:3: 000002.jpg",
            9,
        ),
        (IDENTITIES, "000002.jpg 7", "000002.jpg 7\nx.jpg 9", "identity without attributes", "x.jpg", 9),
        (IDENTITIES, "000002.jpg 7", "000002.jpg 7\nx.jpg x", MALFORMED, "identity_CelebA.txt:3: x.jpg x", 9),
    ],
)
def test_bad_lines(tmp_path: Path, file, old, new, kind, told, left):
    tree.write(tmp_path)
    change(tmp_path / file, old, new)
    faces = celeba.load(tmp_path)
    assert len(faces) == left
    assert counts(faces.left_out)[kind] == 1
    assert told in faces.summary()


def test_labels_outside_their_range_are_missing(tmp_path: Path):
    tree.write(tmp_path, labels=[[-1, 1, 0], [1, 1, 1]], identities=[7, 7])
    faces = celeba.load(tmp_path)
    np.testing.assert_array_equal(faces.attribute_labels, [[0, 1, np.nan], [1, 1, 1]])
    assert counts(faces.left_out) == {OUT_OF_RANGE: 1}


def test_an_image_annotated_twice(tmp_path: Path):
    tree.write(tmp_path)
    append(tmp_path / ATTRIBUTES, "000001.jpg 1 1 1")
    faces = celeba.load(tmp_path)
    assert len(faces) == 9
    assert counts(faces.left_out) == {TWICE: 1}
