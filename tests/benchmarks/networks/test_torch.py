"""Networks of torchvision and timm by name, which small modules of the same interface stand in for here."""

import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks import torch as loop
from benchmarks.networks import Shapes
from benchmarks.networks.torch import Network, build
from benchmarks.samples import Batches, Samples, Size
from benchmarks.settings import BASELINE, METHODS, SINGLE_TASK, settings
from benchmarks.suites import DIGITS, Schedule
from benchmarks.training import Job

SHAPES = Shapes((8, 8, 3), 10, 7)
NAMES = ("torchvision:plain", "timm:plain")


def layers(head: bool) -> nn.Sequential:
    trunk = [
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(144, 16),
        nn.Dropout(0.5),
    ]
    return nn.Sequential(*trunk, *[nn.Linear(16, 1000)] * head)


def get_model(name: str, *, weights: None) -> nn.Module:
    if name == "headless":
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())
    if name != "plain":
        raise ValueError(f"Unknown model {name}")
    return layers(head=True)


def create_model(name: str, *, num_classes: int) -> nn.Module:
    if name != "plain":
        raise RuntimeError(f"Unknown model ({name})")
    return layers(head=bool(num_classes))


@pytest.fixture
def _libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, inside in {
        "torchvision": {"models": SimpleNamespace(get_model=get_model)},
        "timm": {"create_model": create_model},
    }.items():
        module = ModuleType(name)
        vars(module).update(inside)
        monkeypatch.setitem(sys.modules, name, module)


def made(name: str, seed: int = 0) -> Network:
    return build(name, SHAPES, seed=seed, dtype=torch.float64)


def job(network: str, setting: str = BASELINE, *, seed: int = 0, parity: bool = False) -> Job:
    size = Size(20, 20)
    schedule = Schedule(steps=30, batch=16, learning_rate=1e-2)
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(40, *SHAPES.images), dtype=np.uint8)
    classes = np.where(np.arange(40) < 20, rng.integers(10, size=40), -1)
    samples = Samples(images, classes, rng.integers(2, size=(40, 7)).astype(np.float32))
    batches = Batches(samples, size=16, steps=schedule.steps, seed=0)
    suite = replace(DIGITS, network=network, schedule=schedule)
    return Job(settings(size)[setting], suite, seed, batches, images[:20], parity=parity)


@pytest.mark.usefixtures("_libraries")
@pytest.mark.parametrize("name", NAMES)
def test_trunk_is_given_the_heads(name):
    own = made(name)
    features, class_logits, attribute_logits = own(torch.zeros(5, *SHAPES.images).double())
    assert (features.shape, class_logits.shape, attribute_logits.shape) == ((5, 16), (5, 10), (5, 7))


@pytest.mark.usefixtures("_libraries")
@pytest.mark.parametrize("name", NAMES)
def test_every_part_is_ready_to_be_trained(name):
    assert all(part.training for part in made(name).modules())


@pytest.mark.usefixtures("_libraries")
@pytest.mark.parametrize("name", NAMES)
def test_weights_follow_the_seed(name):
    first, again, other = (
        torch.cat([own.flatten() for own in made(name, seed).parameters()]) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.usefixtures("_libraries")
@pytest.mark.parametrize("name", NAMES)
def test_training_follows_the_seed_and_fits(name):
    own = job(name)
    first, again, other = (loop.train(replace(own, seed=seed)).predictions.class_logits for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first.argmax(-1) == own.batches.samples.class_labels[:20]).mean() > 0.5


@pytest.mark.usefixtures("_libraries")
@pytest.mark.parametrize("setting", [name for name in METHODS if name != "AdaShare"])
def test_methods_take_a_network_of_a_library(setting):
    assert np.isfinite(loop.train(job("timm:plain", setting)).predictions.class_logits).all()


@pytest.mark.usefixtures("_libraries")
@pytest.mark.parametrize("name", ["torchvision:nothing", "timm:nothing"])
def test_unknown_network_of_a_library(name):
    library = name.partition(":")[0]
    with pytest.raises(
        ValueError, match=rf"^network should be one of {library} for images, got '{name}': Unk"
    ):
        made(name)


@pytest.mark.usefixtures("_libraries")
def test_network_without_a_linear_layer():
    with pytest.raises(
        ValueError, match="^network should be one of torchvision .*: it has no linear layer for"
    ):
        made("torchvision:headless")


def test_unknown_library():
    with pytest.raises(
        ValueError, match="^network should be of one of torchvision, timm, got 'keras:vgg16'$"
    ):
        made("keras:vgg16")


@pytest.mark.parametrize("name", NAMES)
def test_library_that_is_not_installed(name, monkeypatch):
    library = name.partition(":")[0]
    monkeypatch.setitem(sys.modules, library, None)
    expected = rf"^{library} should be installed beside PyTorch \S+ \(pip install {library}\), is not: "
    with pytest.raises(ImportError, match=expected):
        made(name)


def test_library_of_another_pytorch(monkeypatch):
    def broken(name: str) -> ModuleType:
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr("benchmarks.networks.torch.import_module", broken)
    with pytest.raises(
        ImportError, match=r"^torchvision should be installed .*is not: operator torchvision::nms"
    ):
        made("torchvision:plain")


class WithLosses(Network):
    """A network with a loss of its own, for each image that has a class label."""

    def auxiliary(self, class_labels: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
        return 3.0 * (class_labels >= 0).sum() + 0 * self.classes.weight.sum()


@pytest.mark.parametrize(("setting", "more"), [(BASELINE, 3.0), (SINGLE_TASK["attributes"], 0.0)])
def test_losses_of_a_network_join_those_of_the_classes(setting, more, monkeypatch):
    def terms(kind: type[Network]) -> np.ndarray:
        torch.manual_seed(0)
        network = kind(nn.Sequential(nn.Flatten(), nn.Linear(192, 4)), 4, SHAPES)
        monkeypatch.setattr(loop, "build", lambda *arguments, **options: network)
        return loop.train(own).terms

    own = job("plain", setting, parity=True)
    labelled = np.array([(labels >= 0).sum() for _, labels, *_ in own.batches])
    difference = terms(WithLosses) - terms(Network)
    expected = np.outer(more * labelled, [1, 1, 0, 0, 0])
    np.testing.assert_allclose(difference, expected, atol=1e-4)
