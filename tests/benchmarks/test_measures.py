import numpy as np
import pytest

from benchmarks import digits, measures
from benchmarks.samples import Samples

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 10, 300)
SEGMENTS = digits.CONDITIONAL[TRUTH]
TRUE = {"classes": TRUTH, "attributes": SEGMENTS}
SAMPLES = Samples(np.zeros(300), TRUTH, SEGMENTS)


@pytest.fixture(params=[False, True], ids=["all labels", "some missing"])
def samples(request):
    """Images with all labels, or with a third of both kinds missing, of the last attribute all."""
    if not request.param:
        return SAMPLES
    attributes = np.where(RNG.random(SEGMENTS.shape) < 1 / 3, np.nan, SEGMENTS)
    attributes[:, -1] = np.nan
    return SAMPLES._replace(
        class_labels=np.where(RNG.random(300) < 1 / 3, -1, TRUTH), attribute_labels=attributes
    )


def predictions(seeds: int):
    classes = np.where(RNG.random((seeds, 300)) < 0.7, TRUTH, 1)
    return classes, np.where(RNG.random((seeds, 300, 7)) < 0.8, SEGMENTS, 0.0)


def scores(samples, classes, attributes, images):
    return [
        measures.class_scores(samples.class_labels, classes, images),
        measures.attribute_scores(samples.attribute_labels, attributes, images),
    ]


def test_scores_with_every_image_once_are_scikit_learn_s(samples):
    classes, attributes = predictions(4)
    ours = scores(samples, classes, attributes, np.ones((1, 300)))
    for seed in range(4):
        own = {"classes": classes[seed], "attributes": attributes[seed]}
        expected = measures.metrics(samples, own)
        for made, name in zip(ours, ("class_accuracy", "attribute_f1"), strict=True):
            assert made[0, seed] == pytest.approx(expected[name], rel=1e-12)


def test_scores_of_repeated_images(samples):
    weights = RNG.integers(0, 3, (2, 300)).astype(float)
    classes, attributes = predictions(1)
    ours = scores(samples, classes, attributes, weights)
    for draw in range(2):
        repeated = np.repeat(np.arange(300), weights[draw].astype(int))
        own = {"classes": classes[0, repeated], "attributes": attributes[0, repeated]}
        expected = measures.metrics(samples.take(repeated), own)
        for made, name in zip(ours, ("class_accuracy", "attribute_f1"), strict=True):
            assert made[draw, 0] == pytest.approx(expected[name], rel=1e-12)


def test_seeds_may_have_a_truth_of_their_own():
    classes, attributes = predictions(3)
    truths = [SAMPLES.take(RNG.permutation(300)) for _ in range(3)]
    classed, attributed = (np.stack(part) for part in list(zip(*truths, strict=True))[1:3])
    images = RNG.integers(0, 3, (4, 300)).astype(float)
    together = [
        measures.class_scores(classed, classes, images),
        measures.attribute_scores(attributed, attributes, images),
    ]
    for seed, truth in enumerate(truths):
        alone = scores(truth, classes[seed, None], attributes[seed, None], images)
        for made, own in zip(together, alone, strict=True):
            np.testing.assert_allclose(made[:, seed], own[:, 0], rtol=1e-12)


def test_a_class_that_is_never_true_may_be_predicted():
    truth = Samples(np.zeros(2), np.array([0, 1]), np.full((2, 1), np.nan))
    assert measures.metrics(truth, {"classes": np.array([0, 2])})["class_balanced_accuracy"] == 0.5


def test_only_what_was_predicted_is_scored():
    classes, attributes = (set(measures.metrics(SAMPLES, {task: own})) for task, own in TRUE.items())
    assert classes == {"class_accuracy", "class_balanced_accuracy", "class_f1"}
    assert attributes == {"attribute_f1", "attribute_accuracy", "attribute_afa"}


def test_what_is_right_scores_one():
    assert set(measures.metrics(SAMPLES, TRUE).values()) == {1.0}


def test_scores_by_hand():
    """Three of four right, of one class both, of the other one of two; one attribute missing once."""
    truth = Samples(np.zeros(4), np.array([0, 0, 1, 1]), np.array([[1, 0], [1, 1], [0, 1], [np.nan, 0]]))
    made = {"classes": np.array([0, 0, 1, 0]), "attributes": np.array([[1, 0], [0, 1], [0, 1], [1, 1]])}
    expected = {
        "class_accuracy": 3 / 4,
        "class_balanced_accuracy": (1 + 1 / 2) / 2,
        "class_f1": (4 / 5 + 2 / 3) / 2,
        "attribute_f1": (2 / 3 + 4 / 5) / 2,
        "attribute_accuracy": (2 / 3 + 3 / 4) / 2,
    }
    expected["attribute_afa"] = (expected["attribute_f1"] + expected["attribute_accuracy"]) / 2
    assert measures.metrics(truth, made) == pytest.approx(expected)


def test_attribute_that_is_never_on_scores_zero():
    truth = np.array([1, 1])  # only b and c are on
    never = np.zeros((1, 2, 7))
    made = measures.attribute_scores(digits.CONDITIONAL[truth], never, np.ones((1, 2)))
    np.testing.assert_array_equal(made, [[0.0]])


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
    made = np.where(right, 0, 1)[None].repeat(2, 0)
    mine = measures.class_scores(np.zeros(images, int), made, draws.images)
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


def test_confusion_by_hand():
    truth = np.array([0, 0, 1, -1])
    predicted = np.array([[0, 1, 1, 0], [0, 0, 2, 1]])
    made = measures.confusion(truth, predicted, 3)
    np.testing.assert_array_equal(made, [[3 / 4, 1 / 4, 0], [0, 1 / 2, 1 / 2], [0, 0, 0]])


def test_attributes_by_class_by_hand():
    classes = np.array([[0, 0, 1], [0, 1, 1]])
    attributes = np.array([[[1, 0], [0, 0], [1, 1]], [[1, 1], [0, 1], [0, 1]]])
    made = measures.attributes_by_class(classes, attributes, 3)
    np.testing.assert_array_equal(made, [[2 / 3, 1 / 3], [1 / 3, 1], [0, 0]])
