import numpy as np
import pytest

from benchmarks import augmentations
from benchmarks.augmentations import ALPHA, GREY, affine, mixaugment, shift
from benchmarks.samples import Batches, Samples
from coupling.losses import attribute_binary_cross_entropy, class_cross_entropy

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


COUNT = 12
REAL, BY_FIRST, BY_SECOND = slice(COUNT), slice(COUNT, 2 * COUNT), slice(2 * COUNT, None)


def drawn(*, missing: bool) -> tuple[Samples, Samples]:
    """Samples, some without a label of one kind, and what is made of them."""
    rng = np.random.default_rng(0)
    classes = rng.integers(3, size=COUNT)
    attributes = rng.integers(2, size=(COUNT, 4)).astype(np.float32)
    if missing:
        classes[:5], attributes[3:8] = -1, np.nan
    images = rng.normal(size=(COUNT, 2, 2, 3)).astype(np.float32)
    samples = Samples(images, classes, attributes)
    return samples, mixaugment(samples, np.random.default_rng(1))


def test_mixed_images_come_twice_after_the_real_ones():
    samples, made = drawn(missing=True)
    for own, mine in zip(samples[:3], made[:3], strict=True):
        np.testing.assert_array_equal(mine[REAL], own)
    np.testing.assert_array_equal(made.images[BY_FIRST], made.images[BY_SECOND])
    np.testing.assert_array_equal(made.class_labels[BY_FIRST], samples.class_labels)
    assert sorted(made.class_labels[BY_SECOND]) == sorted(samples.class_labels)
    assert {array.dtype for array in (made.images, made.attribute_labels, made.weights)} == {np.dtype("f4")}


def test_every_image_is_the_second_of_a_pair_that_its_share_makes():
    samples, made = drawn(missing=False)
    share = made.weights[BY_FIRST].reshape(-1, 1, 1, 1)
    np.testing.assert_array_equal(made.weights[REAL], 1)
    np.testing.assert_allclose(made.weights[BY_FIRST] + made.weights[BY_SECOND], 1, atol=1e-7)
    second = [
        [np.allclose(mixed, part * first + (1 - part) * other, atol=1e-6) for other in samples.images]
        for first, mixed, part in zip(samples.images, made.images[BY_FIRST], share, strict=True)
        if part < 0.999
    ]
    assert len(second) > COUNT / 2
    assert (np.sum(second, 1) == 1).all()
    assert (np.sum(second, 0) <= 1).all()


def test_shares_are_of_the_beta_distribution():
    own = Samples(np.zeros((4000, 1)), np.zeros(4000, int), np.zeros((4000, 1)))
    share = mixaugment(own, np.random.default_rng(0)).weights[4000:8000]
    assert share.mean() == pytest.approx(0.5, abs=0.03)
    assert share.var() == pytest.approx(1 / (4 * (2 * ALPHA + 1)), rel=0.05)


@pytest.mark.parametrize("missing", [False, True])
def test_the_mixed_loss_is_the_one_of_the_guide(missing):
    _, made = drawn(missing=missing)
    rng = np.random.default_rng(2)
    one, other = rng.normal(size=(12, 3)), rng.normal(size=(12, 4))
    logits = {"class": made.images.reshape(-1, 12) @ one, "attribute": made.images.reshape(-1, 12) @ other}
    for loss, z, labels, there in (
        (class_cross_entropy, logits["class"], made.class_labels, made.class_labels >= 0),
        (
            attribute_binary_cross_entropy,
            logits["attribute"],
            made.attribute_labels,
            ~np.isnan(made.attribute_labels).all(1),
        ),
    ):
        each = loss(z, labels, reduction="none")
        share = made.weights[BY_FIRST].astype(float)
        real, mixed = each[REAL].sum(), (share * each[BY_FIRST] + (1 - share) * each[BY_SECOND]).sum()
        divisor = there[REAL].sum() + (share * there[BY_FIRST] + (1 - share) * there[BY_SECOND]).sum()
        weighted = loss(z, labels, sample_weight=made.weights)
        assert weighted == pytest.approx((real + mixed) / divisor, rel=1e-6)
        if not missing:
            assert weighted == pytest.approx((real / COUNT + mixed / COUNT) / 2, rel=1e-6)


def test_batches_are_scaled_and_moved_before_they_are_mixed():
    samples = Samples(IMAGES.repeat(2, 1).repeat(2, 2), np.arange(4), np.zeros((4, 1)))
    batch = Batches(samples, size=4, steps=1, seed=0, augment=shift, mix=mixaugment)[0]
    assert batch.images.shape == (12, 24, 32, 3)
    assert np.abs(batch.images).max() <= 1
    assert {array.dtype for array in (batch.images, batch.attribute_labels, batch.weights)} == {
        np.dtype("f4")
    }
