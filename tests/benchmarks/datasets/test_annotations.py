import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import cub as tree
from dataset_trees.files import picture
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.datasets import Annotations, Images, load
from benchmarks.datasets.annotations import Frames
from benchmarks.datasets.left_out import MALFORMED, SHOWN, Tally, counts
from benchmarks.datasets.tree import Shelf, lines
from coupling import Relatedness

STRING = np.dtypes.StringDType()


def make(**changed) -> Annotations:
    content = {
        "name": "two",
        "classes": ("a", "b"),
        "attributes": ("x",),
        "images": Images(Path("root"), np.array(["1.jpg", "2.jpg"], STRING)),
        "class_labels": np.array([0, -1], np.int32),
        "attribute_labels": np.array([[np.nan], [1]], np.float32),
        "split": np.array([0, 2], np.int8),
        "group": np.array([-1, 5], np.int32),
    }
    return Annotations(**(content | changed))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("class_labels", np.array([0, 2], np.int32), r"class_labels should be in \[-1, 1\], got 2"),
        ("class_labels", np.array([0, -2], np.int32), r"class_labels should be in \[-1, 1\], got -2"),
        ("class_labels", np.array([0, 1]), r"class_labels should be int32 \(2,\), got int64 \(2,\)"),
        ("split", np.array([0, 3], np.int8), r"split should be in \[0, 2\], got 3"),
        ("group", np.array([0, -2], np.int32), r"group should be in \[-1, 2147483647\], got -2"),
        ("group", np.array([0], np.int32), r"group should be int32 \(2,\), got int32 \(1,\)"),
        (
            "attribute_labels",
            np.array([[-1], [1]], np.float32),
            r"attribute_labels should be in \[0, 1\], got -1",
        ),
        (
            "attribute_labels",
            np.array([[1], [np.inf]], np.float32),
            r"attribute_labels should be in .* got inf",
        ),
    ],
)
def test_what_is_no_label_is_refused(name: str, value, message: str):
    with pytest.raises(ValueError, match=message):
        make(**{name: value})


def test_the_arrays_of_others_stay_writable():
    labels = np.array([0, -1], np.int32)
    annotations = make(class_labels=labels)
    labels[0] = 1
    assert annotations.class_labels.flags.writeable is False


@given(st.lists(st.integers(0, 8), max_size=12))
def test_take(tmp_path_factory, index):
    root = tmp_path_factory.mktemp("cub")
    tree.write(root)
    birds = load("cub", root)
    taken = birds.take(np.array(index, np.int64))
    assert list(taken.images) == [birds.images[position] for position in index]
    np.testing.assert_array_equal(taken.class_labels, birds.class_labels[index])
    np.testing.assert_array_equal(taken.attribute_labels, birds.attribute_labels[index])
    assert taken.left_out == birds.left_out
    mask = np.isin(np.arange(len(birds)), index)
    assert list(birds.take(mask).images) == [birds.images[position] for position in sorted(set(index))]


def test_references_are_read_only(tmp_path: Path):
    tree.write(tmp_path)
    images = load("cub", tmp_path).images
    frames = Frames(("a",), np.array([0]), np.array([1]))
    for array in (images.paths, images.boxes, frames.folder, frames.number):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[0]


def test_slices():
    annotations = make()
    assert [image.path for image in annotations.take(slice(1, None)).images] == ["2.jpg"]
    assert [image.path for image in annotations.images[:1]] == ["1.jpg"]


def test_split_names():
    with pytest.raises(ValueError, match="split should be one of 'train', 'validation', 'test', got 'val'"):
        make().select(split="val")
    assert [len(make().select(split=split)) for split in ("train", "validation", "test")] == [1, 0, 1]


def test_frames_are_formed_when_asked_for():
    frames = Frames(("a", "b"), np.array([0, 1, 1]), np.array([1, 2, 100_000]))
    assert list(frames) == ["a/00001.jpg", "b/00002.jpg", "b/100000.jpg"]
    assert list(frames[np.array([2, 0])]) == ["b/100000.jpg", "a/00001.jpg"]
    assert frames[-1] == "b/100000.jpg"


def test_relatedness_of_what_was_loaded(tmp_path: Path):
    present = [[1, 0, 0, 1], [0, 1, 0, 1], [1, 1, 1, 1], [1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
    tree.write(tmp_path, present=present)
    train = load("cub", tmp_path).select(split="train")
    relatedness = Relatedness.from_annotations(
        train.class_labels, train.attribute_labels, classes=train.classes, attributes=train.attributes
    )
    np.testing.assert_array_equal(relatedness.conditional[:2], [[1, 0, 0.5, 0.5], [0, 1, 0.5, 0.5]])
    assert relatedness.known.tolist() == [True, True, False]  # the third species is in the test set only
    assert relatedness.attributes == tree.ATTRIBUTES


def test_summary_and_record(tmp_path: Path):
    tree.write(tmp_path)
    (tmp_path / tree.IMAGE).unlink()
    birds = load("cub", tmp_path)
    summary = birds.summary()
    assert "cub: 8 images, 3 classes, 4 attributes; train 5, validation 0, test 3" in summary
    assert "class labels: 8 images" in summary
    assert "attribute labels: 8 images, 32 labels" in summary
    assert (
        "left out: annotation without its image: 1 (images.txt: 001.Black_footed_Albatross/bird_1.jpg)"
        in summary
    )
    record = json.loads(json.dumps(birds.record()))
    assert record["images"] == {"train": 5, "validation": 0, "test": 3}
    assert record["left_out"]["annotation without its image"]["count"] == 1
    assert "left out: nothing" in make().summary()


def test_pickle(tmp_path: Path):
    tree.write(tmp_path)
    birds = load("cub", tmp_path)
    copy = pickle.loads(pickle.dumps(birds))
    assert list(copy.images) == list(birds.images)
    np.testing.assert_array_equal(copy.attribute_labels, birds.attribute_labels)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), max_size=30))
def test_tally(found):
    tally = Tally()
    for kind, count in found:
        tally.add(kind, "file", count, count=count)
    done = tally.done()
    expected = {kind: sum(count for other, count in found if other == kind) for kind, _ in found}
    assert counts(done) == {kind: count for kind, count in expected.items() if count}
    assert all(len(omission.examples) <= SHOWN for omission in done)
    assert Tally(done).done() == done


def test_examples_are_a_few():
    tally = Tally()
    tally.add_all(MALFORMED, map(str, range(100)))
    assert str(tally.done()[0]) == "malformed line: 100 (0, 1, 2, 3, 4, …)"


@given(
    st.lists(st.sampled_from(["", " ", "a", "b c", "\ufffd"]), max_size=10), st.sampled_from(["\n", "\r\n"])
)
def test_lines(tmp_path_factory, given, end):
    """Lines are numbered as an editor does; what is empty at the end does not count."""
    path = tmp_path_factory.mktemp("text") / "file.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "".join(line + end for line in given).encode())
    stripped = [line.strip() for line in given]
    while stripped and not stripped[-1]:
        stripped.pop()
    assert [(number, line.strip()) for number, line in lines(path)] == list(enumerate(stripped, 1))


def test_lines_that_are_no_text(tmp_path: Path):
    (tmp_path / "file.txt").write_bytes(b"a\n\xff\xfe\nb")
    assert [line for _, line in lines(tmp_path / "file.txt")] == ["a", "��", "b"]


def test_examples_are_fit_to_be_shown():
    tally = Tally()
    tally.add(MALFORMED, "file", 1, "a\x1b[31mb\tc" + "d" * 1000)
    (example,) = tally.done()[0].examples
    assert example.what.startswith("a\ufffd[31mb\ufffdcddd")
    assert len(example.what) == 201


def test_links_that_lead_back(tmp_path: Path):
    picture(tmp_path / "a/1.jpg")
    (tmp_path / "a/again").symlink_to(tmp_path / "a", target_is_directory=True)
    assert Shelf(tmp_path).paths() == ["a/1.jpg"]


def test_linked_folders_are_read(tmp_path: Path):
    picture(tmp_path / "elsewhere/1.jpg")
    (tmp_path / "here").mkdir()
    (tmp_path / "here/link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert Shelf(tmp_path, "here").paths() == ["here/link/1.jpg"]
