import errno
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import cub, raf_db
from dataset_trees.files import picture
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benchmarks.datasets import ImageReference, load
from benchmarks.datasets.images import Pixels, Unreadable, read, scale
from benchmarks.datasets.left_out import UNREADABLE, counts

SIZE = 4
FACE = "basic/Image/aligned/{}_aligned.jpg"


@pytest.fixture
def faces(tmp_path: Path):
    raf_db.write(tmp_path)
    return load("raf-db", tmp_path)


def save(path: Path, pixels: np.ndarray, **options) -> ImageReference:
    Image.fromarray(pixels).save(path, **options)
    return ImageReference(path.name)


@given(st.integers(0, 255))
def test_scale(value: int):
    scaled = scale(np.full((1, 1, 1, 3), value, np.uint8))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, value / 127.5 - 1, atol=1e-6)
    assert np.abs(scaled).max() <= 1


def test_ends_of_the_scale():
    np.testing.assert_array_equal(scale(np.array([0, 255], np.uint8)), [-1, 1])


def test_crop_is_that_of_the_box(tmp_path: Path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[2:6, 1:5] = [10, 200, 30]
    reference = save(tmp_path / "a.png", pixels)._replace(box=(1.0, 2.0, 4.0, 4.0))
    np.testing.assert_array_equal(read(tmp_path, reference, size=4), pixels[2:6, 1:5])


def test_a_box_beyond_the_image_is_cut(tmp_path: Path):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3), np.uint8)
    reference = save(tmp_path / "a.png", pixels)._replace(box=(-3.0, -3.0, 50.0, 50.0))
    np.testing.assert_array_equal(read(tmp_path, reference, size=4), pixels)


@pytest.mark.parametrize("box", [(9.0, 0.0, 2.0, 2.0), (0.0, -5.0, 2.0, 2.0), (1.0, 1.0, 0.0, 1.0)])
def test_a_box_outside_the_image(tmp_path: Path, box):
    reference = save(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8))._replace(box=box)
    with pytest.raises(Unreadable, match="lies outside its 4 x 4 pixels"):
        read(tmp_path, reference, size=4)


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P", "1"])
def test_colours_of_any_kind(tmp_path: Path, mode: str):
    Image.new("RGB", (5, 5), "white").convert(mode).save(tmp_path / "a.tif")
    assert read(tmp_path, ImageReference("a.tif"), size=3).tolist() == [[[255] * 3] * 3] * 3


def defect(path: Path, kind: str) -> None:
    content = path.read_bytes()
    if kind == "gone":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "text": b"no image", "truncated": content[: len(content) // 2]}[kind])


@pytest.mark.parametrize("kind", ["empty", "text", "truncated", "gone"])
@pytest.mark.parametrize("cached", [False, True])
def test_unreadable_images_are_counted(faces, tmp_path: Path, kind: str, cached: bool):
    picture(tmp_path / FACE.format("train_00003"), size=(64, 64))
    defect(tmp_path / FACE.format("train_00003"), kind)
    pixels = Pixels(faces, size=SIZE, cache=tmp_path / "cache" if cached else None)
    batch, there = pixels.read([1, 2, 3])
    np.testing.assert_array_equal(there, [True, False, True])
    assert not batch[1].any()
    assert batch[0].any()
    left = pixels.readable()
    assert [image.path for image in left.images] == [
        image.path for image in faces.images if "00003" not in image.path
    ]
    assert counts(left.left_out) == {UNREADABLE: 1}
    assert FACE.format("train_00003") in left.summary()
    assert faces.left_out == ()


def test_a_cache_holds_what_was_read(faces, tmp_path: Path):
    plain, index = Pixels(faces, size=SIZE), np.arange(len(faces))
    cached = Pixels(faces, size=SIZE, cache=tmp_path / "cache")
    np.testing.assert_array_equal(cached.read(index)[0], plain.read(index)[0])
    for image in faces.images:
        (tmp_path / image.path).unlink()
    again = Pixels(faces, size=SIZE, cache=tmp_path / "cache")
    pixels, there = again.read(index)
    np.testing.assert_array_equal(pixels, cached.read(index)[0])
    assert there.all()
    assert len(again.readable()) == len(faces)


def test_a_cache_is_of_these_images_boxes_and_size(faces, tmp_path: Path):
    for annotations, size in ((faces, SIZE), (faces, SIZE + 1), (faces.take(np.arange(3)), SIZE)):
        Pixels(annotations, size=size, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 3
    Pixels(faces, size=SIZE, cache=tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_a_disk_that_is_full(faces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="cache: the disk has no room for 441 bytes"):
        Pixels(faces, size=SIZE, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_crop_is_an_option(tmp_path: Path):
    cub.write(tmp_path)
    birds = load("cub", tmp_path)
    cropped, whole = Pixels(birds, size=SIZE), Pixels(birds, size=SIZE, crop=False)
    assert not np.array_equal(cropped.read([0])[0], whole.read([0])[0])
    uncropped = Pixels(load("cub", tmp_path, crop=False), size=SIZE)
    np.testing.assert_array_equal(whole.read([0])[0], uncropped.read([0])[0])


def test_any_order_and_repetition(faces):
    pixels = Pixels(faces, size=SIZE)
    whole = pixels.read(np.arange(len(faces)))[0]
    index = [5, 0, 5, 8]
    np.testing.assert_array_equal(pixels.read(index)[0], whole[index])
    assert pixels.read([])[0].shape == (0, SIZE, SIZE, 3)


def test_another_process_opens_the_cache_for_itself(faces, tmp_path: Path):
    pixels = Pixels(faces, size=SIZE, cache=tmp_path / "cache")
    copy = pickle.loads(pickle.dumps(pixels))
    expected = pixels.read([1])[0]
    for image in faces.images:
        (tmp_path / image.path).unlink()
    np.testing.assert_array_equal(copy.read([1])[0], expected)
    assert len(pickle.dumps(pixels)) < len(pickle.dumps(faces)) + 1000


def test_size(faces):
    with pytest.raises(ValueError, match="size should be at least 1, got 0"):
        Pixels(faces, size=0)
