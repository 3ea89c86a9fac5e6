import numpy as np

from benchmarks import digits, training
from benchmarks.training import Trained


def test_batches_are_shuffled_epochs_of_both_sets():
    samples = digits.training_set(20, 600, seed=0)
    batches = training.batches(samples, seed=0, steps=50)
    assert batches.images.shape == (50, training.BATCH, training.PIXELS)
    assert batches.attribute_labels.shape == (50, training.BATCH, 7)
    drawn = batches.images.reshape(-1, training.PIXELS)
    for epoch in range(len(drawn) // 620):
        images = drawn[epoch * 620 : (epoch + 1) * 620]
        assert {image.tobytes() for image in images} == {image.tobytes() for image in samples.images}
    assert (batches.class_labels >= 0).any(1).all()
    assert (batches.class_labels < 0).any(1).all()


def test_order_of_batches_follows_the_seed():
    samples = digits.training_set(20, 600, seed=0)
    first, again, other = (training.batches(samples, seed=seed, steps=3) for seed in (0, 0, 1))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(first.images, other.images)


def test_longer_schedule_begins_with_the_shorter():
    samples = digits.training_set(20, 600, seed=0)
    short, long = (training.batches(samples, seed=0, steps=steps) for steps in (3, 30))
    np.testing.assert_array_equal(short.images, long.images[:3])


def test_initial_weights_follow_the_seed():
    first, again, other = (training.initial_weights(seed) for seed in (0, 0, 1))
    assert [kernel.shape for kernel, _ in first] == [(64, 256), (256, 256), (256, 10), (256, 7)]
    for (one, bias), (two, _), (three, _) in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one, two)
        assert not np.array_equal(one, three)
        assert bias.shape == one.shape[1:]
        assert not bias.any()
        np.testing.assert_allclose(one.std() * np.sqrt(3 * len(one)), 1, atol=0.03)


def test_pseudo_labels_fill_in_only_what_is_missing():
    samples = digits.training_set(2, 3, seed=0)
    class_logits = np.eye(10)[[3, 3, 4, 5, 6]]
    attribute_logits = np.full((5, 7), np.log(3))
    teacher = Trained(class_logits, attribute_logits, np.array([]))
    filled = training.pseudo_labelled(samples, {"classes": teacher, "attributes": teacher})
    np.testing.assert_array_equal(filled.class_labels, [*samples.class_labels[:2], 4, 5, 6])
    np.testing.assert_allclose(filled.attribute_labels[:2], 0.75)
    np.testing.assert_array_equal(filled.attribute_labels[2:], samples.attribute_labels[2:])
