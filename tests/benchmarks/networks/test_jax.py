"""flax NNX modules by name, in JAX."""

from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest
from flax import nnx

from benchmarks import jax as loop
from benchmarks.networks import Shapes
from benchmarks.networks.jax import Network, build
from benchmarks.samples import Batches, Size
from benchmarks.settings import BASELINE, settings
from benchmarks.suites import DIGITS, Schedule
from benchmarks.training import Job

SIZE = Size(40, 40)
STEPS = 60


class Convolutional(nnx.Module):
    """A network of digits with all that a module may hold besides weights: moving means and random keys."""

    def __init__(self, shapes: Shapes, *, dtype: Any, rngs: nnx.Rngs) -> None:
        own = {"dtype": dtype, "param_dtype": dtype, "rngs": rngs}
        self.convolution = nnx.Conv(1, 8, (3, 3), **own)
        self.normalization = nnx.BatchNorm(8, **own)
        self.dropout = nnx.Dropout(0.3, rngs=rngs)
        self.classes = nnx.Linear(8 * 64, shapes.classes, **own)
        self.attributes = nnx.Linear(8 * 64, shapes.attributes, **own)

    def __call__(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        maps = self.normalization(self.convolution(images.reshape(-1, 8, 8, 1)))
        features = self.dropout(nnx.relu(maps).reshape(len(images), -1))
        return self.classes(features), self.attributes(features)


class OneHead(Convolutional):
    """The head of the attributes has another name."""

    def __init__(self, shapes: Shapes, **options: Any) -> None:
        super().__init__(shapes, **options)
        self.units = self.attributes
        del self.attributes


class ManyLayers(Convolutional):
    """The head of the classes has no kernel of its own."""

    def __init__(self, shapes: Shapes, **options: Any) -> None:
        super().__init__(shapes, **options)
        self.classes = nnx.Sequential(self.classes)


def name(kind: type[nnx.Module]) -> str:
    return f"{kind.__module__}:{kind.__name__}"


def made(kind: type[nnx.Module] = Convolutional, *, seed: int = 0) -> Network:
    return build(name(kind), Shapes((64,), 10, 7), seed=seed, dtype=np.float32)


def job(seed: int = 0, *, parity: bool = False) -> Job:
    batches = Batches(DIGITS.training_set(SIZE, seed=0), size=16, steps=STEPS, seed=0)
    suite = replace(
        DIGITS, network=name(Convolutional), schedule=Schedule(steps=STEPS, batch=16, learning_rate=5e-3)
    )
    return Job(settings(SIZE)[BASELINE], suite, seed, batches, DIGITS.test_set().images, parity=parity)


def same(one: jax.Array, other: jax.Array) -> bool:
    return bool((one == other).all())


def test_module_is_trained():
    class_logits, attribute_logits = loop.train(job()).predictions
    _, classes, attributes, _ = DIGITS.test_set()
    assert (class_logits.argmax(-1) == classes).mean() > 0.5
    assert ((attribute_logits > 0) == attributes).mean() > 0.7


def test_losses_fall():
    trained = loop.train(job(parity=True))
    totals = trained.terms[:, 0]
    assert totals[-10:].mean() < 0.7 * totals[:10].mean()
    assert (trained.heads[-1] != trained.heads[0]).mean() > 0.9


def test_training_follows_the_seed():
    first, again, other = (loop.train(job(seed)).predictions.class_logits for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_moving_means_and_keys_go_on_while_it_is_trained():
    network = made()
    images = np.random.default_rng(0).normal(size=(16, 64)).astype(np.float32)
    first, state = network.apply(network.parameters, network.state, images, training=True)
    second, _ = network.apply(network.parameters, state, images, training=True)
    assert not np.array_equal(first[0], second[0])  # another part of the features is left out
    before, after = (np.asarray(own["normalization"]["mean"][...]) for own in (network.state, state))
    assert not np.array_equal(before, after)
    again, _ = network.apply(network.parameters, network.state, images, training=True)
    np.testing.assert_array_equal(again[0], first[0])  # the state that it began with is as it was


def test_predictions_leave_the_state_alone():
    network = made()
    images = np.random.default_rng(0).normal(size=(16, 64)).astype(np.float32)
    together, state = network.apply(network.parameters, network.state, images, training=False)
    alone, _ = network.apply(network.parameters, state, images[:1], training=False)
    np.testing.assert_allclose(alone[0][0], together[0][0], rtol=1e-5, atol=1e-6)
    for part in ("normalization", "dropout"):
        before, after = (jax.tree.leaves(nnx.to_pure_dict(own[part])) for own in (network.state, state))
        assert all(map(same, before, after))


def test_heads_are_found():
    classes, attributes = (np.asarray(kernel) for kernel in made().kernels(made().parameters))
    assert (classes.shape, attributes.shape) == ((512, 10), (512, 7))


@pytest.mark.parametrize(("kind", "lacking"), [(OneHead, "attributes"), (ManyLayers, "classes")])
def test_module_without_a_head(kind, lacking):
    expected = (
        f"^network should have layers classes and attributes with a kernel, '{name(kind)}' lacks {lacking}$"
    )
    with pytest.raises(ValueError, match=expected):
        made(kind)


@pytest.mark.parametrize("wrong", ["nowhere.at_all:Convolutional", f"{__name__}:Recurrent"])
def test_module_that_is_not_there(wrong):
    with pytest.raises(ValueError, match=f"^network should be module:Class, there is none of '{wrong}': "):
        build(wrong, Shapes((64,), 10, 7), seed=0, dtype=np.float32)
