from pathlib import Path

import numpy as np
import pytest
from dataset_trees import clothing as tree
from scipy.io import savemat

from benchmarks.datasets import clothing
from benchmarks.datasets.left_out import OUT_OF_RANGE, UNLABELLED, counts


def test_what_is_written_is_read(tmp_path: Path):
    """1 is no, 2 is yes, NaN is missing, in the category too; row i is image i + 1."""
    labels = tree.sample(40)
    tree.write(tmp_path, labels=labels)
    clothes = clothing.load(tmp_path)
    assert [image.path for image in clothes.images] == [f"images/{number:06d}.jpg" for number in range(1, 41)]
    category = np.array(labels["category"])
    np.testing.assert_array_equal(clothes.class_labels, np.where(np.isnan(category), 0, category) - 1)
    assert len(clothes.attributes) == 23 + 3 + 3
    for name, column in zip(clothes.attributes, clothes.attribute_labels.T, strict=True):
        stem, _, value = name.rpartition("_")
        many = stem in ("neckline", "sleevelength")
        values = np.array(labels[stem if many else name])
        expected = np.where(np.isnan(values), np.nan, values == (int(value) if many else 2))
        np.testing.assert_array_equal(column, expected)
    assert clothes.left_out == ()


def test_binary_attributes_alone(tmp_path: Path):
    tree.write(tmp_path)
    assert len(clothing.load(tmp_path, many=False).attributes) == 23


def test_names_of_categories_are_not_verified(tmp_path: Path):
    tree.write(tmp_path)
    assert "not verified" in clothing.load(tmp_path).summary()
    names = tuple(f"category {number}" for number in range(1, 8))
    clothes = clothing.load(tmp_path, categories=names)
    assert clothes.classes == names
    assert "not verified" not in clothes.summary()
    with pytest.raises(ValueError, match="categories should be 7 names, got 2"):
        clothing.load(tmp_path, categories=("Shirt", "Suit"))


@pytest.mark.parametrize("value", [0.0, 3.0, 1.5, -1.0, 999.0])
def test_values_outside_their_range_are_missing(tmp_path: Path, value: float):
    labels = tree.sample()
    labels["black"][3] = value
    labels["category"][4] = 8.0
    tree.write(tmp_path, labels=labels)
    clothes = clothing.load(tmp_path)
    assert np.isnan(clothes.attribute_labels[3, clothes.attributes.index("black")])
    assert clothes.class_labels[4] == -1
    assert counts(clothes.left_out) == {OUT_OF_RANGE: 2}
    assert f"labels/black_GT.mat:4: {value:g}" in clothes.summary()


def test_an_image_without_any_label(tmp_path: Path):
    labels = tree.sample()
    for values in labels.values():
        values[2] = np.nan
    tree.write(tmp_path, labels=labels)
    clothes = clothing.load(tmp_path)
    assert len(clothes) == 9
    assert counts(clothes.left_out) == {UNLABELLED: 1}


def test_six_times_two_folds(tmp_path: Path):
    tree.write(tmp_path)
    splits = [clothing.load(tmp_path, repetition=r, fold=f).split for r in range(6) for f in (0, 1)]
    for first, second in zip(splits[::2], splits[1::2], strict=True):
        np.testing.assert_array_equal(first + second, 2)
        assert int(np.sum(first == 0)) == 5
    assert len({tuple(split) for split in splits}) == 12


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"GT": np.ones((9, 1))}, "labels/black_GT.mat has 9 rows, labels/category_GT.mat has 10"),
        ({"other": np.ones((10, 1))}, "labels/black_GT.mat holds no matrix GT"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content, problem: str):
    tree.write(tmp_path)
    savemat(tmp_path / tree.FOLDER / "labels/black_GT.mat", content)
    with pytest.raises(ValueError, match=f"{problem}.*; root should hold"):
        clothing.load(tmp_path)
    (tmp_path / tree.FOLDER / "labels/black_GT.mat").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="labels/black_GT.mat holds no matrix GT"):
        clothing.load(tmp_path)


@pytest.mark.parametrize("options", [{"repetition": 6}, {"repetition": -1}, {"fold": 2}])
def test_a_fold_that_is_not_there(tmp_path: Path, options: dict[str, int]):
    tree.write(tmp_path)
    with pytest.raises(
        ValueError, match=f"{next(iter(options))} should be .* got {next(iter(options.values()))}"
    ):
        clothing.load(tmp_path, **options)


def test_either_folder_is_the_root(tmp_path: Path):
    tree.write(tmp_path)
    assert len(clothing.load(tmp_path / tree.FOLDER)) == len(clothing.load(tmp_path)) == 10
