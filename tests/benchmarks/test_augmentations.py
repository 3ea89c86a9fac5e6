import numpy as np
import pytest

from benchmarks import augmentations
from benchmarks.augmentations import GREY, affine

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
