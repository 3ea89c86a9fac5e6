import pickle

import numpy as np
import pytest

from benchmarks import faces, suites
from benchmarks.samples import Size
from benchmarks.settings import settings
from benchmarks.suites import DIGITS, EASY, FACES, FULL_FACES, SUITES
from coupling import knowledge


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(suites, "CACHE", tmp_path)


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_settings_and_relatednesses_are_there(suite):
    for size in (*suite.sizes, *suite.overlaps):
        known = settings(size)
        for name in suite.settings:
            suite.relatedness(known[name].relatedness)


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_workers_can_be_given_a_suite(suite):
    again = pickle.loads(pickle.dumps(suite))
    assert again == suite
    assert hash(again) == hash(suite)


def test_faces_are_reduced_and_labelled_as_asked_for():
    samples = FACES.training_set(Size(3, 4, 1), seed=5)
    whole = faces.dataset(3, 4, overlap=1, seed=5, faces=EASY)
    assert samples.images.shape == (6, 32, 32, 3)
    assert samples.images.dtype == np.uint8
    patch = whole.images[2, 8 + 30 : 8 + 33, 8 + 60 : 8 + 63]
    np.testing.assert_allclose(samples.images[2, 10, 20], patch.mean((0, 1)), atol=0.5)
    np.testing.assert_array_equal(samples.class_labels, whole.class_labels)
    np.testing.assert_array_equal(samples.attribute_labels, whole.attribute_labels)


def test_full_faces_are_whole():
    whole = faces.dataset(1, 1, seed=5)
    samples = FULL_FACES.training_set(Size(1, 1), seed=5)
    np.testing.assert_array_equal(samples.images, whole.images)


def test_faces_are_counted_where_they_are_annotated_for_both():
    counted, drawn, table = FACES.relatedness(), faces.relatedness(), knowledge.du2014()
    assert (counted.classes, counted.attributes) == (table.classes, table.attributes)
    np.testing.assert_allclose(counted.conditional, drawn.conditional, atol=0.12)  # four deviations of 280
    assert FACES.relatedness("table") == table


def test_first_relatedness_is_the_default():
    assert DIGITS.relatedness() == DIGITS.relatedness("given")


def test_faces_are_prepared_once():
    few = Size(2, 2)
    assert FACES.training_set(few, seed=6) is FACES.training_set(few, seed=6)
    assert FACES.training_set(few, seed=6) is not FACES.training_set(few, seed=7)
    assert SUITES["faces-reduced"].training_set(few, seed=6) is FACES.training_set(few, seed=6)
    assert few_held_out(seed=0) is few_held_out(seed=1)


def few_held_out(*, seed):
    return suites.Drawn(EASY, 32, "validation", 2)(Size(2, 2), seed=seed)
