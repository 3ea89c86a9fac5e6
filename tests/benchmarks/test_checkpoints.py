"""A training that is ended goes on from its last checkpoint, and ends with the bits of an undisturbed one."""

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from keras import layers

from benchmarks import checkpoints
from benchmarks.augmentations import mixaugment
from benchmarks.networks import images
from benchmarks.samples import Batches, Samples, Size
from benchmarks.settings import BASELINE, PRESET, settings
from benchmarks.suites import DIGITS, Schedule
from benchmarks.training import Job
from benchmarks.workers import pool

pytestmark = pytest.mark.usefixtures("single_thread")

SIZE, STEPS, EVERY = Size(20, 20), 8, 2
ENDED = (1, 5)
"""Before which step; the training is learning policies, where it is AdaShare, at the last checkpoint."""


class Ended(Exception):  # noqa: N818
    """Instead of the end of a process."""


class Ending(Batches):
    """Batches that end before a step, and note which were asked for."""

    last: int | None = None

    def __getitem__(self, step: int) -> Samples:
        if step == self.last:
            raise Ended
        return super().__getitem__(step)

    def after(self, step: int) -> Iterator[Samples]:
        self.begun = step
        return map(self.__getitem__, range(step, len(self)))


def chancy(images):
    """A trunk of Keras with moving means and dropout."""
    x = layers.BatchNormalization(name="norm")(layers.Conv2D(4, 3, name="convolution")(images))
    return layers.Dropout(0.5)(layers.Flatten()(layers.ReLU()(x)))


def digits() -> Samples:
    return DIGITS.training_set(SIZE, seed=0)


def pictures() -> Samples:
    own = digits()
    shape = len(own.images), 6, 6, 3
    return own._replace(images=np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def job(name: str, network: str = "mlp", samples: Samples | None = None, path: Path | None = None) -> Job:
    schedule = Schedule(steps=STEPS, batch=8, checkpoint_every=EVERY)
    suite = replace(DIGITS, network=network, schedule=schedule)
    samples = digits() if samples is None else samples
    batches = Ending(samples, size=8, steps=STEPS, seed=1, mix=mixaugment)
    shown = samples.images[:5]
    return Job(settings(SIZE)[name], suite, 1, batches, shown, shown, frozenset({3, 4, 8}), checkpoint=path)


def go_on(framework: str, own: Job, path: Path) -> None:
    """Train undisturbed; train, end and go on; compare. Keep what was left in the end, as a teacher is."""
    train = import_module(f"benchmarks.{framework}").train
    alone = train(own)
    for last in ENDED:
        path.unlink(missing_ok=True)
        own = replace(own, checkpoint=path)
        own.batches.last = last
        with pytest.raises(Ended):
            train(own)
        assert path.exists() == (last >= EVERY)
        own.batches.last = None
        same(train(own), alone)
        assert own.batches.begun == last // EVERY * EVERY
    same(train(own), alone)
    assert own.batches.begun == STEPS


def same(one, other) -> None:
    np.testing.assert_array_equal(one.predictions.class_logits, other.predictions.class_logits)
    np.testing.assert_array_equal(one.predictions.attribute_logits, other.predictions.attribute_logits)
    assert list(one.curve) == list(other.curve) == [3, 4, 8]
    for step, made in other.curve.items():
        for its, mine in zip(one.curve[step], made, strict=True):
            np.testing.assert_array_equal(its, mine)


@pytest.mark.parametrize("name", [PRESET, "AdaShare", "GradNorm"])
def test_in_pytorch(name, tmp_path):
    go_on("torch", job(name), tmp_path / "kept.npz")


def test_in_jax(tmp_path):
    go_on("jax", job(PRESET, "chancy_in_flax:Chancy"), tmp_path / "kept.npz")


def test_in_keras(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(images, "_small", chancy)
    go_on("keras", job(PRESET, "small", pictures()), tmp_path / "kept.npz")


def on_another_backend(cases: list[tuple[str, str]], folder: Path) -> None:
    images._small = chancy
    for framework, name in cases:
        go_on(framework, job(name, "small", pictures()), folder / f"{framework} {name}.npz")


@pytest.mark.parametrize(
    ("backend", "cases"),
    [
        ("torch", [("torch", BASELINE), ("torch", "AdaShare"), ("keras", BASELINE)]),
        ("jax", [("jax", BASELINE)]),
    ],
)
def test_on_another_backend(backend, cases, tmp_path):
    """A network of Keras in PyTorch and JAX, and Keras itself on PyTorch, which draws in its own way."""
    with pool(1, {"KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": ""}) as process:
        process.submit(on_another_backend, cases, tmp_path).result()


STATE = {"step": np.array(3), "learner/0": np.arange(6.0).reshape(2, 3), "learner/1": np.array(2, np.int32)}


def assert_state(left) -> None:
    assert list(left) == list(STATE)
    for name, value in STATE.items():
        np.testing.assert_array_equal(left[name], value)
        assert left[name].dtype == value.dtype


def test_round_trip(tmp_path):
    checkpoints.save(tmp_path / "new" / "kept.npz", STATE)
    assert_state(checkpoints.load(tmp_path / "new" / "kept.npz"))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["kept.npz"]
    assert checkpoints.part("learner", STATE).keys() == {"0", "1"}
    assert checkpoints.named("learner", {"0": 1, "1": 2}).keys() == STATE.keys() - {"step"}


def test_damage_anywhere_is_none_or_nothing_lost(tmp_path):
    path = tmp_path / "kept.npz"
    assert checkpoints.load(path) is None
    checkpoints.save(path, STATE)
    content = path.read_bytes()
    for place in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        for written in (damaged, content[:place]):
            path.write_bytes(written)
            left = checkpoints.load(path)
            if left is not None:
                assert_state(left)


def test_a_damaged_one_is_trained_anew(tmp_path):
    path = tmp_path / "kept.npz"
    own = job(PRESET, path=path)
    train = import_module("benchmarks.torch").train
    alone = train(own)
    path.write_bytes(path.read_bytes()[:-100])
    same(train(own), alone)
    assert own.batches.begun == 0


def test_none_is_kept_where_training_is_short(tmp_path):
    own = job(PRESET, path=tmp_path / "kept.npz")
    own = replace(own, suite=replace(own.suite, schedule=DIGITS.schedule))
    import_module("benchmarks.torch").train(own)
    assert not list(tmp_path.iterdir())
