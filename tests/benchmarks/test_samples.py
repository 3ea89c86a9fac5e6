import numpy as np
import pytest

from benchmarks import digits
from benchmarks.augmentations import mixaugment
from benchmarks.samples import Batches, Size, pixels

SAMPLES = digits.training_set(Size(20, 600), seed=0)


def test_batches_are_shuffled_epochs_of_both_sets():
    batches = Batches(SAMPLES, size=256, steps=50, seed=0)
    assert len(batches) == 50
    images, classes, attributes = map(np.stack, zip(*(batch[:3] for batch in batches), strict=True))
    assert images.shape == (50, 256, 64)
    assert attributes.shape == (50, 256, 7)
    drawn = images.reshape(-1, 64)
    whole = {image.tobytes() for image in SAMPLES.images.astype(np.float32)}
    for epoch in range(len(drawn) // 620):
        assert {image.tobytes() for image in drawn[epoch * 620 : (epoch + 1) * 620]} == whole
    assert (classes >= 0).any(1).all()
    assert (classes < 0).any(1).all()


def test_order_of_batches_follows_the_seed():
    first, again, other = (Batches(SAMPLES, size=256, steps=3, seed=seed) for seed in (0, 0, 1))
    for one, two in zip(first[1], again[1], strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first[1].images, other[1].images)


def test_longer_schedule_begins_with_the_shorter():
    short, long = (Batches(SAMPLES, size=256, steps=steps, seed=0) for steps in (3, 30))
    np.testing.assert_array_equal(short[2].images, long[2].images)


def test_bytes_become_numbers_from_minus_one_to_one():
    made = pixels(np.array([0, 255], np.uint8), np.float32)
    np.testing.assert_array_equal(made, [-1, 1])
    assert made.dtype == np.float32
    real = pixels(np.array([0.0, 255.0]), np.float32)
    np.testing.assert_array_equal(real, [0, 255])


class Lazy:
    """Images that are read when they are asked for."""

    def __init__(self, images):
        self.images, self.shape = images, images.shape

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index]


def same(one, other):
    assert len(one) == len(other)
    for batch, its in zip(one, other, strict=True):
        for mine, own in zip(batch, its, strict=True):
            assert (mine is None) == (own is None)
            np.testing.assert_array_equal(mine, own)


@pytest.mark.parametrize(("workers", "after"), [(0, 0), (0, 4), (2, 4)])
def test_batches_that_are_made_ahead_are_the_same_in_the_same_order(workers, after):
    lazy = SAMPLES._replace(images=Lazy(SAMPLES.images))
    plain, ahead = (
        Batches(own, size=64, steps=9, seed=1, mix=mixaugment, workers=workers) for own in (SAMPLES, lazy)
    )
    same(list(ahead.after(after)), [plain[step] for step in range(after, 9)])


@pytest.mark.parametrize("images", [SAMPLES.images, Lazy(SAMPLES.images)], ids=["at once", "ahead"])
def test_batches_after_the_last(images):
    batches = Batches(SAMPLES._replace(images=images), size=64, steps=9, seed=1)
    assert list(batches.after(9)) == []
    same(list(batches.after(8)), [batches[8]])


def test_an_augmentation_depends_on_seed_and_step():
    def add(images, rng):
        return images + rng.integers(1, 1000)

    one, again, other = (Batches(SAMPLES, size=64, steps=5, seed=seed, augment=add) for seed in (1, 1, 2))
    plain = Batches(SAMPLES, size=64, steps=5, seed=1)
    same(list(one), [again[step] for step in range(5)])
    added = [float(np.mean(one[step].images - plain[step].images)) for step in range(5)]
    assert len(set(added)) == 5
    assert not np.array_equal(one[0].images, other[0].images)
