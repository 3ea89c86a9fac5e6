"""What holds of every database, whatever its layout."""

from pathlib import Path

import numpy as np
import pytest
from dataset_trees.every import LAYOUTS, Layout
from dataset_trees.files import picture

from benchmarks.datasets import LOADERS, Annotations, load, lsd, options
from benchmarks.datasets.left_out import MISSING_ANNOTATION, MISSING_IMAGE, counts
from coupling.knowledge import du2014, orders

every = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
# A class of LSD is known by the folder of its images: without an image there is no annotation.
annotated = pytest.mark.parametrize(
    "layout",
    [layout for layout in LAYOUTS.values() if layout.name not in ("lsd", "shoes")],
    ids=lambda x: x.name,
)


def loaded(layout: Layout, root: Path) -> Annotations:
    return load(layout.name, root, **layout.options)


def test_all_are_tested():
    assert {layout.name for layout in LAYOUTS.values()} == set(LOADERS)


@every
def test_form(layout: Layout, tmp_path: Path):
    layout.write(tmp_path)
    annotations = loaded(layout, tmp_path)
    count, attributes = len(annotations), len(annotations.attributes)
    assert count == layout.images
    assert not annotations.left_out
    assert annotations.attribute_labels.shape == (count, attributes)
    for array in (
        annotations.class_labels,
        annotations.attribute_labels,
        annotations.split,
        annotations.group,
    ):
        assert len(array) == count
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    labelled = (annotations.class_labels >= 0) | (annotations.attribute_labels >= 0).any(1)
    assert labelled.all()


@every
def test_every_reference_is_an_image(layout: Layout, tmp_path: Path):
    layout.write(tmp_path)
    images = loaded(layout, tmp_path).images
    paths = [image.path for image in images]
    assert len(set(paths)) == len(paths)
    assert all((images.root / path).is_file() for path in paths)
    assert layout.image.removeprefix(f"{images.root.name}/") in paths


@annotated
def test_missing_image(layout: Layout, tmp_path: Path):
    layout.write(tmp_path)
    (tmp_path / layout.image).unlink()
    annotations = loaded(layout, tmp_path)
    assert len(annotations) == layout.images - 1
    (omission,) = annotations.left_out
    assert (omission.kind, omission.total) == (MISSING_IMAGE, 1)
    example = omission.examples[0]
    assert example.file
    told = f"{example.file} {example.what}"
    stem = Path(layout.image).stem.removesuffix("_aligned")
    assert stem in told or f"row {int(stem)}" in told


@every
def test_image_without_annotation(layout: Layout, tmp_path: Path):
    layout.write(tmp_path)
    stray = (tmp_path / layout.image).parent / "88888.jpg"
    picture(stray if layout.name != "lsd" else stray.parent.parent / stray.name)
    annotations = loaded(layout, tmp_path)
    assert len(annotations) == layout.images
    assert counts(annotations.left_out) == {MISSING_ANNOTATION: 1}
    assert "88888.jpg" in annotations.summary()


@every
def test_other_directories_are_refused(layout: Layout, tmp_path: Path):
    (tmp_path / "something").mkdir()
    with pytest.raises(ValueError, match="root should hold\n") as refused:
        loaded(layout, tmp_path)
    assert str(tmp_path) in str(refused.value)
    with pytest.raises(ValueError, match="not a directory; root should hold\n"):
        loaded(layout, tmp_path / "nothing")


@every
def test_no_image_at_all_is_refused(layout: Layout, tmp_path: Path):
    layout.write(tmp_path)
    for image in tmp_path.rglob("*.jpg"):
        image.unlink()
    with pytest.raises(ValueError, match="no image with an annotation is left") as refused:
        loaded(layout, tmp_path)
    assert "root should hold\n" in str(refused.value)


@every
def test_splits_are_disjoint_and_whole(layout: Layout, tmp_path: Path):
    layout.write(tmp_path)
    annotations = loaded(layout, tmp_path)
    parts = [annotations.select(split=split) for split in ("train", "validation", "test")]
    assert sum(map(len, parts)) == len(annotations)
    assert len(parts[0]) > 0
    assert sorted(image.path for part in parts for image in part.images) == sorted(
        image.path for image in annotations.images
    )


@every
def test_loading_is_deterministic(layout: Layout, tmp_path: Path):
    layout.write(tmp_path)
    first, second = loaded(layout, tmp_path), loaded(layout, tmp_path)
    assert list(first.images) == list(second.images)
    for name in ("class_labels", "attribute_labels", "split", "group"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("affectnet", "affectnet"),
        ("raf-db", "raf-db"),
        ("aff-wild2", "aff-wild2"),
        ("s-aff-wild2", "abaw3"),
        ("emotionet", "emotionet"),
    ],
)
def test_names_are_those_of_the_known_orders(name: str, order: str, tmp_path: Path):
    layout = LAYOUTS[name]
    layout.write(tmp_path)
    annotations = loaded(layout, tmp_path)
    assert (annotations.classes, annotations.attributes) == orders()[order][:2]
    if annotations.classes:
        assert du2014().align(classes=order).classes == annotations.classes


def test_expressions_of_lsd_are_six_of_the_seven():
    assert du2014().align(classes=list(lsd.CLASSES)).classes == lsd.CLASSES


def test_unknown_names_and_options(tmp_path: Path):
    with pytest.raises(ValueError, match="name should be one of affectnet, .* got 'cubs'"):
        load("cubs", tmp_path)
    with pytest.raises(ValueError, match="options of cub should be among crop, min_certainty, got 'size'"):
        load("cub", tmp_path, size=3)
    with pytest.raises(ValueError, match="options of raf-db should be among none, got 'size'"):
        load("raf-db", tmp_path, size=3)
    assert options("raf-db") == {}


@pytest.mark.parametrize(
    ("name", "option", "value", "what"),
    [
        ("cub", "crop", "no", "True or False"),
        ("cub", "crop", 0, "True or False"),
        ("cub", "min_certainty", "x", "a whole number"),
        ("cub", "min_certainty", 2.5, "a whole number"),
        ("clothing", "repetition", True, "a whole number"),
        ("celeba", "fractions", 0.8, "several in brackets"),
        ("celeba", "fractions", ("0.8", 0.1, 0.1), r"like \(0.8, 0.1, 0.1\)"),
        ("celeba", "images", 3, "text"),
        ("emotionet", "table", True, "text"),
        ("emotionet", "units", "AU1", "several in brackets"),
        ("emotionet", "units", [1, 2], r"like \('AU1', .*"),
    ],
)
def test_options_of_another_kind(tmp_path: Path, name: str, option: str, value: object, what: str):
    with pytest.raises(ValueError, match=f"{option} of {name} should be {what}, got "):
        load(name, tmp_path, **{option: value})
