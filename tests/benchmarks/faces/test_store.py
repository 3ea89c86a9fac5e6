import errno

import numpy as np
import pytest

from benchmarks.faces import Faces, dataset, held_out, render, sample, store
from benchmarks.faces.latent import DEFAULT


def test_label_sets_are_disjoint_and_of_the_sizes():
    samples = dataset(7, 5, seed=1)
    assert samples.images.shape == (12, 112, 112, 3)
    np.testing.assert_array_equal(samples.class_labels >= 0, [True] * 7 + [False] * 5)
    np.testing.assert_array_equal(np.isnan(samples.attribute_labels), [[True] * 17] * 7 + [[False] * 17] * 5)
    assert len({image.tobytes() for image in samples.images}) == 12


def test_overlap_counts_as_both():
    samples = dataset(7, 5, seed=1, overlap=2)
    assert len(samples.images) == 10
    np.testing.assert_array_equal(np.flatnonzero(samples.class_labels >= 0), range(7))
    np.testing.assert_array_equal(np.flatnonzero(~np.isnan(samples.attribute_labels).any(1)), range(5, 10))


def test_labels_are_those_of_the_faces():
    samples = dataset(4, 4, seed=2, overlap=4)
    for index in range(4):
        face = sample(2, index)
        np.testing.assert_array_equal(samples.images[index], render(face))
        assert samples.class_labels[index] == face.expression
        np.testing.assert_array_equal(samples.attribute_labels[index], np.array(face.units) > 0)


def test_held_out_sets_have_both_labels_and_no_image_in_common():
    sets = [
        held_out("validation", 6),
        held_out("test", 6),
        dataset(6, 0, seed=0),
        dataset(6, 0, seed=2**32 - 1),
    ]
    for samples in sets[:2]:
        assert (samples.class_labels >= 0).all()
        assert not np.isnan(samples.attribute_labels).any()
    assert len({image.tobytes() for samples in sets for image in samples.images}) == 24


def test_images_do_not_depend_on_workers_or_counts(monkeypatch):
    monkeypatch.setattr(store, "CHUNK", 4)
    alone, together = store.images(6, 10), store.images(6, 10, workers=2)
    np.testing.assert_array_equal(alone, together)
    np.testing.assert_array_equal(store.images(6, 7), alone[:7])


def test_cache_holds_what_would_be_drawn(tmp_path, monkeypatch):
    drawn = store.images(6, 3)
    first = store.images(6, 3, cache=tmp_path / "new")
    monkeypatch.setattr(store, "chunk", None)  # nothing is drawn again
    again = store.images(6, 3, cache=tmp_path / "new")
    for kept in (first, again):
        assert isinstance(kept, np.memmap)
        assert not kept.flags.writeable
        np.testing.assert_array_equal(kept, drawn)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [
        f"faces-{store.digest(6, 3, DEFAULT)}.npy"
    ]


def test_cache_tells_apart_what_differs(tmp_path, monkeypatch):
    asked = [(0, 3, DEFAULT), (1, 3, DEFAULT), (0, 4, DEFAULT), (0, 3, Faces(noise=0.01))]
    found = {store.digest(*what) for what in asked}
    assert len(found) == 4
    monkeypatch.setattr(store, "DRAWN_BY", ("latent",))
    assert store.digest(*asked[0]) not in found


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_cache_that_breaks_off_leaves_nothing(error, tmp_path, monkeypatch):
    def half(seed, faces, start, stop):
        if start:
            raise error
        return np.zeros((stop - start, 112, 112, 3), np.uint8)

    monkeypatch.setattr(store, "CHUNK", 2)
    monkeypatch.setattr(store, "chunk", half)
    with pytest.raises(type(error)):
        store.images(0, 4, cache=tmp_path)
    assert not list(tmp_path.iterdir())


def test_cache_that_holds_something_else(tmp_path):
    path = tmp_path / f"faces-{store.digest(0, 2, DEFAULT)}.npy"
    np.save(path, np.zeros(3))
    with pytest.raises(ValueError, match="should hold 2 images, does not: remove it"):
        store.images(0, 2, cache=tmp_path)


def test_no_images():
    assert dataset(0, 0, seed=0).images.shape == (0, 112, 112, 3)
    assert dataset(0, 0, seed=0).attribute_labels.shape == (0, 17)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dataset(2, 2, seed=-1), r"seed should be in \[0, 2\*\*32\), is -1"),
        (lambda: dataset(2, 2, seed=2**32), "seed should be"),
        (lambda: dataset(2, 3, seed=0, overlap=3), "overlap should be 0 to the smaller of 2 and 3"),
        (lambda: dataset(-1, 3, seed=0), "overlap should be"),
        (lambda: held_out("train"), "name should be one of validation, test, is train"),
        (lambda: held_out("test", -1), "count should be 0 or more, is -1"),
    ],
)
def test_arguments_out_of_range(call, message):
    with pytest.raises(ValueError, match=message):
        call()
