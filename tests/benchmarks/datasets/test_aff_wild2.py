import tempfile
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import aff_wild2 as tree
from dataset_trees.files import change, picture, text
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.datasets import aff_wild2
from benchmarks.datasets.left_out import (
    MALFORMED,
    MISSING_ANNOTATION,
    MISSING_IMAGE,
    OUT_OF_RANGE,
    UNLABELLED,
    counts,
)
from coupling import Relatedness

VIDEO = "1-30-1280x720"
EXPR = f"{tree.EXPR}/Train_Set/{VIDEO}.txt"
AU = f"{tree.AU}/Train_Set/{VIDEO}.txt"
FRAMES = f"cropped_aligned/{VIDEO}"

row = st.lists(st.integers(-1, 1), min_size=12, max_size=12)
videos = st.dictionaries(
    st.sampled_from(["a", "b_left", "b_right", "c"]),
    st.lists(
        st.builds(lambda expression, units: [expression, *units], st.integers(-1, 7), row),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
)


@settings(max_examples=30)
@given(videos, videos)
def test_what_is_written_is_read(train, validation):
    validation = {f"v{name}": rows for name, rows in validation.items()}
    with tempfile.TemporaryDirectory() as folder:
        tree.write(Path(folder), train=train, validation=validation)
        faces = aff_wild2.load(Path(folder))
    written = {
        f"cropped_aligned/{video}/{frame:05d}.jpg": (split, row)
        for split, part in enumerate((train, validation))
        for video, rows in part.items()
        for frame, row in enumerate(rows, 1)
        if max(row) >= 0
    }
    assert [image.path for image in faces.images] == sorted(written)
    rows = np.array([written[image.path][1] for image in faces.images], np.float32).reshape(-1, 13)
    np.testing.assert_array_equal(faces.class_labels, rows[:, 0])
    np.testing.assert_array_equal(faces.attribute_labels, np.where(rows[:, 1:] < 0, np.nan, rows[:, 1:]))
    np.testing.assert_array_equal(faces.split, [written[image.path][0] for image in faces.images])
    unlabelled = sum(max(row) < 0 for part in (train, validation) for rows in part.values() for row in rows)
    assert counts(faces.left_out) == ({UNLABELLED: unlabelled} if unlabelled else {})


def test_two_faces_of_a_video_are_one_group(tmp_path: Path):
    tree.write(tmp_path)
    faces = aff_wild2.load(tmp_path)
    by_folder = dict(
        zip((Path(image.path).parent.name for image in faces.images), faces.group.tolist(), strict=True)
    )
    assert by_folder["10-60-1280x720_left"] == by_folder["10-60-1280x720_right"]
    assert len(set(by_folder.values())) == 3


def test_frames_are_joined_with_lines_by_number(tmp_path: Path):
    """Frame 3 is missing, two lines have no frame at the end, another video has more frames than lines."""
    tree.write(tmp_path)
    for frame in (3, 7, 8):
        (tmp_path / FRAMES / f"{frame:05d}.jpg").unlink()
    for frame in (3, 4):
        picture(tmp_path / f"cropped_aligned/video_9/{frame:05d}.jpg")
    faces = aff_wild2.load(tmp_path)
    own = faces.take(faces.group == faces.group[0])
    assert [image.path[-9:] for image in own.images] == [f"{frame:05d}.jpg" for frame in (1, 2, 4, 5, 6)]
    np.testing.assert_array_equal(own.class_labels, [0, 1, 3, 4, 5])
    assert counts(faces.left_out) == {MISSING_IMAGE: 3, MISSING_ANNOTATION: 2}
    assert f"{FRAMES}/00003.jpg" in faces.summary()
    assert "cropped_aligned/video_9/00003.jpg" in faces.summary()


def test_the_tasks_may_differ_in_length(tmp_path: Path):
    tree.write(tmp_path)
    tree.annotate(tmp_path / AU, tree.UNITS, [[1] * 12] * 3)
    faces = aff_wild2.load(tmp_path)
    own = faces.take(faces.group == faces.group[0])
    np.testing.assert_array_equal(own.class_labels, range(8))
    np.testing.assert_array_equal(np.isnan(own.attribute_labels).all(1), [False] * 3 + [True] * 5)


@pytest.mark.parametrize(
    ("file", "old", "new", "kind", "told"),
    [
        (EXPR, "2\n", "\n", MALFORMED, f"{EXPR}:4"),
        (EXPR, "2\n", "two\n", MALFORMED, f"{EXPR}:4: two"),
        (EXPR, "2\n", "2,2\n", MALFORMED, f"{EXPR}:4: 2,2"),
        (EXPR, "2\n", "8\n", OUT_OF_RANGE, f"{EXPR}:4: 8"),
        (EXPR, "2\n", "-5\n", OUT_OF_RANGE, f"{EXPR}:4: -5"),
        (EXPR, "2\n", "1.5\n", OUT_OF_RANGE, f"{EXPR}:4: 1.5"),
        (EXPR, "2\n", "nan\n", OUT_OF_RANGE, f"{EXPR}:4: nan"),
    ],
)
def test_bad_lines_of_expressions(tmp_path: Path, file, old, new, kind, told):
    """A line that is empty or no number must not shift the frames after it."""
    tree.write(tmp_path)
    change(tmp_path / file, old, new)
    faces = aff_wild2.load(tmp_path)
    own = faces.take(faces.group == faces.group[0])
    np.testing.assert_array_equal(own.class_labels, [0, 1, -1, 3, 4, 5, 6, 7])
    assert not np.isnan(own.attribute_labels).any()
    assert counts(faces.left_out) == {kind: 1}
    assert told in faces.summary()


def test_bad_cells_of_units(tmp_path: Path):
    tree.write(tmp_path, train={VIDEO: [[0] + [1] * 12, [1, 2, 9] + [0] * 10, [2] + [0] * 12]})
    faces = aff_wild2.load(tmp_path).select(split="train")
    labels = faces.attribute_labels
    np.testing.assert_array_equal(np.isnan(labels), [[False] * 12, [True] * 2 + [False] * 10, [False] * 12])
    assert counts(faces.left_out) == {OUT_OF_RANGE: 2}
    change(tmp_path / AU, "0,0,0\n", "0,0\n")
    faces = aff_wild2.load(tmp_path).select(split="train")
    assert np.isnan(faces.attribute_labels[1]).all()  # the line in place of its cells
    assert counts(faces.left_out) == {MALFORMED: 1}


def test_the_first_competition(tmp_path: Path):
    """Other folders, seven expressions, eight units: the names are those of the headers."""
    for task, header, row in (
        ("EXPR_Set", tree.EXPRESSIONS[:7], [6]),
        ("AU_Set", tree.OLD_UNITS, [1, 0] * 4),
    ):
        for name, video in (("Training_Set", "a"), ("Validation_Set", "b")):
            tree.annotate(tmp_path / "annotations" / task / name / f"{video}.txt", header, [row])
            picture(tmp_path / f"cropped_aligned/{video}/00001.jpg")
    faces = aff_wild2.load(tmp_path)
    assert faces.classes == tree.EXPRESSIONS[:7]
    assert faces.attributes == tree.OLD_UNITS
    np.testing.assert_array_equal(faces.split, [0, 1])
    assert faces.left_out == ()


def test_a_file_with_another_header_is_not_read(tmp_path: Path):
    """Which header is the right one is a matter of how many files have it."""
    tree.write(tmp_path)
    tree.annotate(tmp_path / AU, tree.OLD_UNITS, [[1] * 8] * 8)
    faces = aff_wild2.load(tmp_path)
    assert faces.attributes == tree.UNITS
    assert np.isnan(faces.attribute_labels[faces.group == faces.group[0]]).all()
    assert counts(faces.left_out) == {"file with another header": 1}
    assert AU in faces.summary()


def test_a_video_in_training_and_in_validation_is_for_validation(tmp_path: Path):
    tree.write(tmp_path)
    (tmp_path / AU).rename(tmp_path / tree.AU / "Validation_Set" / f"{VIDEO}.txt")
    faces = aff_wild2.load(tmp_path)
    own = faces.take(faces.group == faces.group[0])
    np.testing.assert_array_equal(own.split, 1)
    np.testing.assert_array_equal(own.class_labels, -1)
    assert not np.isnan(own.attribute_labels).any()
    (omission,) = faces.left_out
    assert omission.kind == "video in training of one task, in validation of the other"
    assert EXPR in str(omission)


def test_a_video_in_two_sets_of_a_task(tmp_path: Path):
    tree.write(tmp_path)
    tree.annotate(tmp_path / tree.AU / f"Validation_Set/{VIDEO}.txt", tree.UNITS, [[1] * 12] * 8)
    tree.annotate(tmp_path / tree.EXPR / f"Validation_Set/{VIDEO}.txt", tree.EXPRESSIONS, [[0]] * 8)
    faces = aff_wild2.load(tmp_path)
    own = faces.take(faces.group == faces.group[0])
    np.testing.assert_array_equal(own.split, 1)
    np.testing.assert_array_equal(own.class_labels, 0)
    assert counts(faces.left_out) == {"video in two sets of a task": 2}


def test_videos_and_files_that_are_not_annotated(tmp_path: Path):
    tree.write(tmp_path)
    tree.touch_frames(tmp_path / "cropped_aligned/test_video", 4)
    picture(tmp_path / FRAMES / "1.jpg")
    text(tmp_path / FRAMES / "notes.txt", ["nothing"])
    faces = aff_wild2.load(tmp_path)
    assert len(faces) == 15
    assert counts(faces.left_out) == {"image that is no frame": 1, MISSING_ANNOTATION: 4}


def test_a_video_without_frames(tmp_path: Path):
    tree.write(tmp_path)
    tree.annotate(tmp_path / tree.EXPR / "Train_Set/gone.txt", tree.EXPRESSIONS, [[1], [-1], [2]])
    faces = aff_wild2.load(tmp_path)
    assert len(faces) == 15
    assert counts(faces.left_out) == {MISSING_IMAGE: 2}


def test_frames_of_six_digits(tmp_path: Path):
    tree.write(tmp_path)
    name = "cropped_aligned/video_9/100000.jpg"
    picture(tmp_path / name)
    assert name in aff_wild2.load(tmp_path).summary()


def test_a_file_of_a_header_alone(tmp_path: Path):
    tree.write(tmp_path)
    tree.annotate(tmp_path / EXPR, tree.EXPRESSIONS, [])
    faces = aff_wild2.load(tmp_path)
    np.testing.assert_array_equal(faces.class_labels[faces.group == faces.group[0]], -1)


def test_relatedness_by_video(tmp_path: Path):
    """A long video of one expression counts once, and Other has a row of its own."""
    on, off = [1] + [0] * 11, [0, 1] + [0] * 10
    train = {"long": [[4, *on]] * 99, "short": [[4, *off]], "another": [[7, *on]], "last": [[4, *off]]}
    tree.write(tmp_path, train=train)
    faces = aff_wild2.load(tmp_path).select(split="train")
    names = {"classes": faces.classes, "attributes": faces.attributes}
    counted = Relatedness.from_annotations(faces.class_labels, faces.attribute_labels, **names)
    by_video = Relatedness.from_annotations(
        faces.class_labels, faces.attribute_labels, groups=faces.group, **names
    )
    happiness, other = faces.classes.index("Happiness"), faces.classes.index("Other")
    np.testing.assert_allclose(counted.conditional[happiness, :2], [99 / 101, 2 / 101])
    np.testing.assert_allclose(by_video.conditional[happiness, :2], [1 / 3, 2 / 3])
    assert by_video.known[other]
    assert by_video.conditional[other, 0] == 1
