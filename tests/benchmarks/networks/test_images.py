import keras
import numpy as np
import pytest
from keras import layers

from benchmarks.networks import HEADS, Shapes, images

SHAPES = Shapes((16, 16, 3), 7, 17)


ALIKE = np.ones((2, *SHAPES.images), np.float32)
DRAWN = np.random.default_rng(0).uniform(-1, 1, ALIKE.shape).astype(np.float32)


def outputs(seed: int, shown: np.ndarray = ALIKE, **options: bool) -> dict[str, np.ndarray]:
    model = images.build("small", SHAPES, seed=seed, **options)
    made = model(shown, training=True)
    return {name: keras.ops.convert_to_numpy(made[name]) for name in HEADS}


def test_weights_follow_the_seed():
    first, again, other = (outputs(seed, DRAWN) for seed in (0, 0, 1))
    for head, size in zip(HEADS, SHAPES[1:], strict=True):
        assert first[head].shape == (2, size)
        np.testing.assert_array_equal(first[head], again[head])
        assert not np.array_equal(first[head], other[head])


def test_chance_follows_the_seed_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(images, "_small", lambda x: layers.Dropout(0.5)(layers.Flatten()(x)))
    first, again = outputs(0), outputs(0)
    np.testing.assert_array_equal(first["classes"], again["classes"])


def test_parity_leaves_nothing_to_chance(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(images, "_small", lambda x: layers.Dropout(0.5)(layers.Flatten()(x)))
    made = outputs(0, parity=True)["classes"]
    np.testing.assert_array_equal(made[0], made[1])  # of two images that are alike
    assert not np.array_equal(*outputs(0)["classes"])


def test_unknown_network():
    with pytest.raises(ValueError, match="network should be one of small, vgg16, .*, got 'vgg19'"):
        images.build("vgg19", SHAPES, seed=0)
