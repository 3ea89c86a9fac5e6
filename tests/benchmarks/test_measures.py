import numpy as np
import pytest

from benchmarks import digits, measures

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 10, 300)


def test_scores_with_every_image_once_are_scikit_learn_s():
    classes = np.where(RNG.random((4, 300)) < 0.7, TRUTH, 1)
    attributes = np.where(RNG.random((4, 300, 7)) < 0.8, digits.CONDITIONAL[TRUTH], 0.0)
    once = np.ones((1, 300))
    for seed in range(4):
        expected = measures.metrics(TRUTH, classes[seed], attributes[seed])
        ours = [
            measures.scores("classes", TRUTH, classes, once)[0, seed],
            measures.scores("attributes", TRUTH, attributes, once)[0, seed],
        ]
        np.testing.assert_allclose(ours, [expected["class_accuracy"], expected["attribute_f1"]], rtol=1e-12)


def test_scores_of_repeated_images():
    weights = RNG.integers(0, 3, (2, 300)).astype(float)
    classes = np.where(RNG.random((1, 300)) < 0.7, TRUTH, 1)
    attributes = np.where(RNG.random((1, 300, 7)) < 0.8, digits.CONDITIONAL[TRUTH], 0.0)
    for draw in range(2):
        repeated = np.repeat(np.arange(300), weights[draw].astype(int))
        expected = measures.metrics(TRUTH[repeated], classes[0, repeated], attributes[0, repeated])
        ours = [
            measures.scores("classes", TRUTH, classes, weights)[draw, 0],
            measures.scores("attributes", TRUTH, attributes, weights)[draw, 0],
        ]
        np.testing.assert_allclose(ours, [expected["class_accuracy"], expected["attribute_f1"]], rtol=1e-12)


def test_untrained_task_is_not_scored():
    assert measures.metrics(TRUTH, None, digits.CONDITIONAL[TRUTH]) == {
        "attribute_f1": 1.0,
        "attribute_accuracy": 1.0,
    }
    assert measures.metrics(TRUTH, TRUTH, None) == {"class_accuracy": 1.0}


def test_attribute_that_is_never_on_scores_zero():
    truth = np.array([1, 1])  # only b and c are on
    never = np.zeros((1, 2, 7))
    np.testing.assert_array_equal(measures.scores("attributes", truth, never, np.ones((1, 2))), [[0.0]])


def test_first_draw_is_everything_and_the_others_keep_the_size():
    draws = measures.draw(5, 40, count=100)
    assert draws.seeds.shape == (101, 5)
    assert draws.images.shape == (101, 40)
    assert (draws.seeds[0] == 1).all()
    assert (draws.images[0] == 1).all()
    assert (draws.seeds.sum(1) == 5).all()
    assert (draws.images.sum(1) == 40).all()


def test_interval_of_a_mean_of_images_is_the_textbook_s():
    """One setting is right on 60 % of the images, the other nowhere: the interval is a proportion's."""
    images = 1000
    right = np.arange(images) < 600
    draws = measures.draw(2, images, count=4000)
    mine = measures.scores(
        "classes", np.zeros(images, int), np.where(right, 0, 1)[None].repeat(2, 0), draws.images
    )
    gain = measures.difference(mine, np.zeros_like(mine), draws)
    margin = 1.96 * np.sqrt(0.6 * 0.4 / images)
    assert gain.mean == pytest.approx(0.6)
    assert gain.low == pytest.approx(0.6 - margin, abs=0.003)
    assert gain.high == pytest.approx(0.6 + margin, abs=0.003)


def test_interval_is_paired_over_images_and_seeds():
    """Two settings that differ by a constant have no spread, however much both vary."""
    draws = measures.draw(5, 10, count=500)
    other = RNG.random((501, 5))
    gain = measures.difference(other + 0.1, other, draws)
    np.testing.assert_allclose(gain, 0.1)


def test_interval_holds_the_spread_of_seeds():
    """One seed of two gains: a draw holds it not at all, once or twice."""
    draws = measures.draw(2, 10, count=2000)
    mine = np.tile([1.0, 0.0], (2001, 1))
    assert measures.difference(mine, np.zeros_like(mine), draws) == (0.5, 0.0, 1.0)
