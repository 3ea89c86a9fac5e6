import numpy as np
import pytest

from benchmarks import augmentations
from benchmarks.augmentations import GREY, affine, shift

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 12, 16, 3), np.uint8)


def test_every_image_is_changed_by_itself():
    made = affine(np.repeat(IMAGES[:1], 4, 0), np.random.default_rng(0))
    assert (made.shape, made.dtype) == (IMAGES.shape, np.uint8)
    assert len({image.tobytes() for image in made}) == 4


def test_the_generator_decides():
    one, again, other = (affine(IMAGES, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_without_ranges_an_image_is_itself_or_mirrored(monkeypatch: pytest.MonkeyPatch):
    for name in ("ROTATION", "SHEAR", "SCALE", "SHIFT"):
        monkeypatch.setattr(augmentations, name, 0.0)
    made = affine(np.repeat(IMAGES[:1], 20, 0), np.random.default_rng(0))
    kinds = {image.tobytes() for image in made}
    assert kinds == {IMAGES[0].tobytes(), IMAGES[0, :, ::-1].tobytes()}


def test_what_is_moved_away_is_grey(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(augmentations, "SHIFT", 5.0)
    made = affine(np.zeros((20, 8, 8, 3), np.uint8), np.random.default_rng(0))
    away = [image for image in made if image.any()]
    assert away
    assert set(np.unique(away)) <= {0, *GREY} | set(range(128))
    assert (np.array(away) == GREY[0]).mean() > 0.5


def test_shift_moves_all_alike_and_mirrors_by_chance():
    images = np.random.default_rng(0).integers(0, 256, (40, 20, 60, 3), np.uint8)
    made = shift(images, np.random.default_rng(1))
    moves = [(down, right) for down in range(-1, 2) for right in range(-3, 4)]
    plain, mirrored = (
        [{move for move in moves if np.array_equal(np.roll(own, move, (0, 1)), new)} for own, new in pairs]
        for pairs in (zip(images, made, strict=True), zip(images[:, :, ::-1], made, strict=True))
    )
    assert all(len(one | other) == 1 for one, other in zip(plain, mirrored, strict=True))
    assert len(set.union(*plain, *mirrored)) == 1
    assert 8 < sum(map(len, mirrored)) < 32


def test_shift_by_the_generator():
    images = np.repeat(IMAGES[:1], 2, 0).repeat(4, 1).repeat(4, 2)
    made = {shift(images, np.random.default_rng(seed)).tobytes() for seed in range(20)}
    assert len(made) > 10
