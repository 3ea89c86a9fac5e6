"""What is trained, apart from how its tasks are coupled: data, a network and a schedule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmarks import digits, faces
from benchmarks.samples import Samples, Size
from benchmarks.settings import (
    BASELINE,
    BY_TABLE,
    CLASS_MEAN_DM,
    METHODS,
    PRESET,
    PSEUDO_LABELS,
    SINGLE_TASK,
    WEIGHTED_AS_PRINTED,
    settings,
)
from coupling import Relatedness, knowledge

ANNOTATED = faces.SEEDS + 2
CACHE = Path("benchmark-results") / "faces"
"""Where faces are kept once they are drawn."""


class Draw(Protocol):
    """A function that draws a set of images."""

    def __call__(self, size: Size, *, seed: int) -> Samples: ...


@dataclass(frozen=True)
class Schedule:
    """How a network is trained.

    Momentum is that of SGD, for parity alone; augmentations have names. A training that lasts long keeps what
    it has come to every `checkpoint_every` steps.
    """

    steps: int
    batch: int
    learning_rate: float = 1e-3
    sgd_rate: float = 0.05
    momentum: float = 0.875  # exact in float32, through which Keras takes it on TensorFlow, also in float64
    label_smoothing: float = 0.0
    augmentation: str = "none"
    checkpoint_every: int | None = None


@dataclass(frozen=True)
class Suite:
    """Data with two tasks, and how a network is trained on it.

    Attributes:
        name: what the command line calls it.
        title: what a report calls it.
        network: a name that `benchmarks.networks` knows.
        schedule: the same in every framework.
        sizes: how many labels of either kind, of the comparison of all settings.
        overlaps: the same, of the comparison over growing overlap, of a few settings.
        settings: the names of those that are compared.
        relatednesses: by name; the first is the one that settings take by default.
        training_set: draws images with the labels that `size` says.
        validation_set: draws others with all labels, to choose by.
        test_set: the images that results are of, with all labels that there are.
        facts: of the data, for the record of every run.
        seeds: how many there are by default.
        folds: another suite for each seed, where seeds are of a cross-validation.
    """

    name: str
    title: str
    network: str
    schedule: Schedule
    sizes: tuple[Size, ...]
    overlaps: tuple[Size, ...]
    settings: tuple[str, ...]
    relatednesses: Mapping[str, Callable[[], Relatedness]] = field(hash=False)
    training_set: Draw
    validation_set: Draw
    test_set: Callable[[], Samples]
    facts: Mapping[str, object] = field(hash=False, default_factory=dict)
    seeds: int = 5
    folds: "Callable[[int], Suite] | None" = field(default=None, compare=False)

    def at(self, seed: int) -> "Suite":
        """Return the suite of a seed."""
        return self if self.folds is None else self.folds(seed)

    def relatedness(self, name: str | None = None) -> Relatedness:
        """Return a relatedness by its name."""
        return self.relatednesses[name or next(iter(self.relatednesses))]()


DIGITS = Suite(
    name="digits",
    title="Digits",
    network="mlp",
    schedule=Schedule(steps=200, batch=256),
    sizes=(Size(20, 600), Size(100, 100), Size(400, 30)),
    overlaps=tuple(Size(100, 100, both) for both in (25, 50, 75, 100)),
    settings=tuple(name for name in settings(Size(1, 1)) if not name.endswith(BY_TABLE)),
    relatednesses={"given": digits.relatedness},
    training_set=digits.training_set,
    validation_set=digits.validation_set,
    test_set=digits.held_out,
    facts={"noise": digits.NOISE},
)


@cache
def _counted() -> Relatedness:
    """Count the units of each expression in 2000 faces that are in no other set, annotated for both."""
    annotated = [faces.labels(faces.sample(ANNOTATED, index)) for index in range(2000)]
    expressions, units = zip(*annotated, strict=True)
    return Relatedness.from_annotations(expressions, units, classes=faces.EXPRESSIONS, attributes=faces.UNITS)


def _faces_training_set(size: Size, *, seed: int) -> Samples:
    expressions, units, both = size
    return _halved(faces.dataset(expressions, units, overlap=both, seed=seed, cache=CACHE))


def _faces_validation_set(size: Size, *, seed: int) -> Samples:
    return _halved(faces.held_out("validation", 500, cache=CACHE))


def _faces_test_set() -> Samples:
    return _halved(faces.held_out("test", 1000, cache=CACHE))


def _halved(samples: Samples) -> Samples:
    """Average two pixels in each direction."""
    count, height, width, channels = samples.images.shape
    pairs = samples.images.reshape(count, height // 2, 2, width // 2, 2, channels)
    return samples._replace(images=pairs.mean((2, 4)).round().astype(np.uint8))


FACES = Suite(
    name="faces",
    title="Faces",
    network="small",
    schedule=Schedule(steps=600, batch=64, augmentation="shift"),
    sizes=(Size(100, 1500), Size(300, 300), Size(1500, 100)),
    overlaps=tuple(Size(300, 300, both) for both in (150, 300)),
    settings=(
        *SINGLE_TASK.values(),
        BASELINE,
        PSEUDO_LABELS,
        WEIGHTED_AS_PRINTED,
        "DM JS",
        CLASS_MEAN_DM,
        "SCA posterior from labels",
        PRESET,
        WEIGHTED_AS_PRINTED + BY_TABLE,
        PRESET + BY_TABLE,
        *METHODS,
    ),
    relatednesses={"counted": _counted, "table": knowledge.du2014},
    training_set=_faces_training_set,
    validation_set=_faces_validation_set,
    test_set=_faces_test_set,
)

SUITES = {suite.name: suite for suite in (DIGITS, FACES)}
