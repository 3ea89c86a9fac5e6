import numpy as np
import pytest

from benchmarks import digits
from benchmarks.settings import SIZES


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


@pytest.mark.parametrize("size", SIZES)
def test_label_sets_are_disjoint_and_of_the_sizes(size):
    samples = digits.training_set(*size, seed=3)
    has_class = samples.class_labels >= 0
    has_attributes = ~np.isnan(samples.attribute_labels)
    assert has_class.sum() == size[0]
    assert has_attributes.all(1).sum() == size[1]
    np.testing.assert_array_equal(has_attributes.any(1), ~has_class)
    assert len(np.unique(samples.images, axis=0)) == sum(size)


def test_labels_are_those_of_the_images():
    samples = digits.training_set(300, 300, seed=0)
    others = digits.training_set(300, 300, seed=1)
    for position, image in enumerate(samples.images):
        for again in np.flatnonzero((others.images == image).all(1)):
            if samples.class_labels[position] >= 0 > others.class_labels[again]:
                expected = digits.CONDITIONAL[samples.class_labels[position]]
                np.testing.assert_array_equal(others.attribute_labels[again], expected)


def test_held_out_images_are_never_trained_on():
    held_out = {image.tobytes() for image in digits.held_out().images}
    assert len(held_out) == 797
    for seed in range(3):
        trained_on = {image.tobytes() for image in digits.training_set(500, 500, seed=seed).images}
        assert len(trained_on) == 1000
        assert not held_out & trained_on


def test_seed_decides_the_draw():
    first, again, other = (digits.training_set(20, 600, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_more_images_than_there_are():
    with pytest.raises(ValueError, match="600 \\+ 500 images are more than the 1000"):
        digits.training_set(600, 500, seed=0)
