import numpy as np
import pytest

from benchmarks import digits
from benchmarks.samples import Size
from benchmarks.suites import DIGITS


def test_display_shows_the_digits():
    lit = digits.CONDITIONAL.sum(1)
    np.testing.assert_array_equal(lit, [6, 2, 5, 5, 4, 5, 6, 3, 7, 6])
    rows = {tuple(row) for row in digits.CONDITIONAL}
    assert len(rows) == 10
    eight, zero, six, nine, one, seven = (digits.CONDITIONAL[digit] for digit in (8, 0, 6, 9, 1, 7))
    np.testing.assert_array_equal(eight - zero, [0, 0, 0, 0, 0, 0, 1])  # g, the bar in the middle
    np.testing.assert_array_equal(eight - six, [0, 1, 0, 0, 0, 0, 0])  # b, upper right
    np.testing.assert_array_equal(eight - nine, [0, 0, 0, 0, 1, 0, 0])  # e, lower left
    np.testing.assert_array_equal(seven - one, [1, 0, 0, 0, 0, 0, 0])  # a, the top


def test_relatedness_is_the_display():
    relatedness = digits.relatedness()
    np.testing.assert_array_equal(relatedness.conditional, digits.CONDITIONAL)
    assert relatedness.classes == tuple("0123456789")
    assert relatedness.attributes == tuple("abcdefg")


@pytest.mark.parametrize("size", DIGITS.sizes)
def test_label_sets_are_disjoint_and_of_the_sizes(size):
    samples = digits.training_set(size, seed=3)
    has_class = samples.class_labels >= 0
    has_attributes = ~np.isnan(samples.attribute_labels)
    assert has_class.sum() == size[0]
    assert has_attributes.all(1).sum() == size[1]
    np.testing.assert_array_equal(has_attributes.any(1), ~has_class)
    assert len(np.unique(samples.images, axis=0)) == size.images


def test_labels_are_those_of_the_images():
    samples = digits.training_set(Size(300, 300), seed=0)
    others = digits.training_set(Size(300, 300), seed=1)
    for position, image in enumerate(samples.images):
        for again in np.flatnonzero((others.images == image).all(1)):
            if samples.class_labels[position] >= 0 > others.class_labels[again]:
                expected = digits.CONDITIONAL[samples.class_labels[position]]
                np.testing.assert_array_equal(others.attribute_labels[again], expected)


def test_held_out_images_are_never_trained_on():
    held_out = {image.tobytes() for image in digits.held_out().images}
    assert len(held_out) == 797
    for seed in range(3):
        trained_on = {image.tobytes() for image in digits.training_set(Size(500, 500), seed=seed).images}
        assert len(trained_on) == 1000
        assert not held_out & trained_on


def test_validation_images_are_those_of_the_pool_that_are_left():
    size = Size(100, 300, 50)
    trained_on = {image.tobytes() for image in digits.training_set(size, seed=1).images}
    validation = digits.validation_set(size, seed=1)
    assert len(validation.images) == 1000 - 350
    assert not trained_on & {image.tobytes() for image in validation.images}
    np.testing.assert_array_equal(validation.attribute_labels, digits.CONDITIONAL[validation.class_labels])


def test_label_sets_overlap_by_as_much_as_is_asked_for():
    samples = digits.training_set(Size(30, 50, 20), seed=0)
    has_class, has_attributes = samples.class_labels >= 0, ~np.isnan(samples.attribute_labels).any(1)
    assert (has_class.sum(), has_attributes.sum(), (has_class & has_attributes).sum()) == (30, 50, 20)
    assert (has_class | has_attributes).all()


def test_seed_decides_the_draw():
    first, again, other = (digits.training_set(Size(20, 600), seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_more_images_than_there_are():
    with pytest.raises(ValueError, match="size should hold at most the 1000 images that there are, got 1100"):
        digits.training_set(Size(600, 500), seed=0)
