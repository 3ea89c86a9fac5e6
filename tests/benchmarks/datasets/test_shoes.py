from pathlib import Path

import numpy as np
import pytest
from dataset_trees import shoes as tree
from dataset_trees.every import SHOE_TABLE
from dataset_trees.files import append, picture

from benchmarks.datasets import shoes
from benchmarks.datasets.left_out import (
    MALFORMED,
    MISSING_ANNOTATION,
    MISSING_IMAGE,
    OUT_OF_RANGE,
    TWICE,
    counts,
)

BOOT = tree.image("boots", 2)


def labels_of(annotations, image: str) -> list[float]:
    (row,) = (row for row, found in enumerate(annotations.images) if found.path.endswith(f"/{image}"))
    return annotations.attribute_labels[row].tolist()


def test_what_is_written_is_read(tmp_path: Path):
    tree.write(tmp_path, table=SHOE_TABLE)
    found = shoes.load(tmp_path, table=tree.TABLE)
    assert found.classes == tree.TYPES
    assert found.attributes == ("open", "shiny")
    np.testing.assert_array_equal(np.bincount(found.class_labels), [3] * 10)
    for image, labels in zip(found.images, found.attribute_labels.tolist(), strict=True):
        assert ",".join(f"{label:g}" for label in labels) == SHOE_TABLE[Path(image.path).name]


def test_types_are_their_images_without_a_table(tmp_path: Path):
    tree.write(tmp_path)
    found = shoes.load(tmp_path)
    assert found.attributes == ()
    assert len(found) == 30
    assert found.left_out == ()


def test_split_is_half_of_each_type(tmp_path: Path):
    tree.write(tmp_path, each=4)
    found = shoes.load(tmp_path)
    for label in range(10):
        assert np.bincount(found.split[found.class_labels == label]).tolist() == [2, 0, 2]
    assert not np.array_equal(shoes.load(tmp_path, seed=1).split, found.split)


def test_missing_and_bad_labels(tmp_path: Path):
    tree.write(tmp_path, table={**SHOE_TABLE, BOOT: ",2"})
    found = shoes.load(tmp_path, table=tree.TABLE)
    assert np.isnan(labels_of(found, BOOT)).all()
    assert counts(found.left_out) == {OUT_OF_RANGE: 1}


@pytest.mark.parametrize(
    ("line", "kind"),
    [("gone.jpg,0,1", MISSING_IMAGE), (f"{BOOT},0,1", TWICE), ("gone.jpg,0", MALFORMED), (",0,1", MALFORMED)],
)
def test_bad_lines(tmp_path: Path, line: str, kind: str):
    tree.write(tmp_path, table=SHOE_TABLE)
    append(tmp_path / tree.TABLE, line)
    found = shoes.load(tmp_path, table=tree.TABLE)
    assert len(found) == 30
    assert counts(found.left_out) == {kind: 1}


def test_images_that_the_table_lacks_keep_their_class(tmp_path: Path):
    tree.write(tmp_path, table={name: labels for name, labels in SHOE_TABLE.items() if name != BOOT})
    found = shoes.load(tmp_path, table=tree.TABLE)
    assert len(found) == 30
    assert np.isnan(labels_of(found, BOOT)).all()
    assert counts(found.left_out) == {"image without attributes, kept for its class": 1}


def test_an_image_of_another_type_is_left_out(tmp_path: Path):
    tree.write(tmp_path)
    picture(tmp_path / "womens_boots/0/img_womens_clogs_9.jpg")
    picture(tmp_path / "womens_boots/img_womens_boots_9.jpg")
    found = shoes.load(tmp_path)
    assert len(found) == 30
    assert counts(found.left_out) == {MISSING_ANNOTATION: 2}


@pytest.mark.parametrize("given", [True, False])
def test_attributes_that_the_class_gives_away_are_noted(tmp_path: Path, given: bool):
    table = {name: f"{len(name.split('_')[2]) % 2},1" for name in SHOE_TABLE}
    tree.write(tmp_path, table=table if given else SHOE_TABLE)
    assert ("function of the class" in shoes.load(tmp_path, table=tree.TABLE).summary()) is given


def test_a_table_without_a_header_is_refused(tmp_path: Path):
    tree.write(tmp_path)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "same.csv").write_text("image,open,open\n")
    for name in ("empty.csv", "same.csv"):
        with pytest.raises(
            ValueError, match="table should have a header 'image,<attribute>,…' of unique names"
        ):
            shoes.load(tmp_path, table=name)
