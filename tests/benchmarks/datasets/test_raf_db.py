import tempfile
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import raf_db as tree
from dataset_trees.files import append, picture
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.datasets import raf_db
from benchmarks.datasets.left_out import MALFORMED, MISSING_ANNOTATION, OUT_OF_RANGE, TWICE, counts

labels = st.lists(st.integers(1, 7), min_size=1, max_size=6)


@settings(max_examples=20)
@given(labels, labels)
def test_what_is_written_is_read(train, test):
    """Labels begin with 1; the list of the compound set, of the same name, is not taken for this one."""
    with tempfile.TemporaryDirectory() as folder:
        tree.write(Path(folder), train=train, test=test)
        faces = raf_db.load(Path(folder))
    np.testing.assert_array_equal(faces.class_labels, np.array(train + test) - 1)
    np.testing.assert_array_equal(faces.split, [0] * len(train) + [2] * len(test))
    assert [faces.classes[label] for label in (0, 3, 6)] == ["Surprise", "Happiness", "Neutral"]
    assert faces.left_out == ()


def test_the_compound_set_alone_is_refused(tmp_path: Path):
    tree.write(tmp_path)
    (tmp_path / "basic").rename(tmp_path / "other")
    with pytest.raises(ValueError, match="basic/EmoLabel/list_patition_label.txt is not there"):
        raf_db.load(tmp_path)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("train_00008.jpg 8", OUT_OF_RANGE),
        ("train_00008.jpg 0", OUT_OF_RANGE),
        ("train_00008.jpg -1", OUT_OF_RANGE),
        ("train_00008.jpg", MALFORMED),
        ("train_00008.jpg five", MALFORMED),
        ("train_00008 5", MALFORMED),
        ("val_00008.jpg 5", MALFORMED),
        ("test_0001.jpg 5", TWICE),
    ],
)
def test_bad_lines(tmp_path: Path, line: str, kind: str):
    tree.write(tmp_path)
    picture(tmp_path / "basic/Image/aligned/train_00008_aligned.jpg")
    append(tmp_path / tree.LIST, line)
    faces = raf_db.load(tmp_path)
    found = counts(faces.left_out)
    assert len(faces) == 9
    assert found.pop(kind) == 1
    assert found == ({} if kind == OUT_OF_RANGE else {MISSING_ANNOTATION: 1})
    assert f"{tree.LIST}:10: {'test_0001.jpg' if kind == TWICE else line}" in faces.summary()
