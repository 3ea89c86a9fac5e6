import pickle
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import emotionet, raf_db

from benchmarks.datasets import load
from benchmarks.datasets.images import Pixels
from benchmarks.datasets.lazy import LazyImages

FIRST, SECOND = np.array([5, 0, 3]), np.array([2, 2])


@pytest.fixture(params=[False, True], ids=["read", "kept"])
def parts(tmp_path: Path, request):
    raf_db.write(tmp_path / "raf-db")
    emotionet.write(tmp_path / "emotionet")
    cache = tmp_path / "cache" if request.param else None
    faces, units = (
        Pixels(load(name, tmp_path / name), size=4, cache=cache) for name in ("raf-db", "emotionet")
    )
    return [(faces, FIRST), (units, SECOND)]


@pytest.mark.parametrize(
    "index", [2, -1, slice(1, 4), [4, 0, 0], np.array([[0, 4], [3, 1]]), slice(0, 0)], ids=str
)
def test_indexed_as_the_array_of_all_of_them(parts, index):
    images = LazyImages(parts)
    whole = np.concatenate([pixels.read(positions)[0] for pixels, positions in parts])
    assert (images.shape, images.dtype, len(images)) == (whole.shape, whole.dtype, len(whole))
    np.testing.assert_array_equal(images[index], whole[index])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(images))[index], whole[index])


def test_nothing_is_read_before_it_is_asked_for(parts, monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(
        Pixels, "read", lambda self, index: (asked.extend(index), (np.zeros((len(index), 4, 4, 3)),))[1]
    )
    images = LazyImages(parts)
    assert asked == []
    images[1:2]
    assert asked == [0]


def test_sizes_that_differ(parts):
    other = Pixels(parts[0][0]._annotations, size=5)
    with pytest.raises(ValueError, match=r"parts should be of images of one size, got \[4, 5\]"):
        LazyImages([parts[0], (other, FIRST)])
