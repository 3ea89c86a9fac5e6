"""What is trained, apart from how its tasks are coupled: data, a network and a schedule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from benchmarks import digits, faces
from benchmarks.faces import Faces
from benchmarks.recipes import CHECKPOINT_EVERY
from benchmarks.samples import Array, Samples, Size
from benchmarks.settings import (
    BASELINE,
    BY_LABELS,
    BY_TABLE,
    PRESET,
    RECOMMENDED,
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
    overlaps=tuple(Size(100, 100, both) for both in (50, 100)),
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


NONE = Size(0, 0)


@dataclass(frozen=True)
class Drawn:
    """Faces of `side` x `side` pixels: for training, or the first `count` of a set that is held out."""

    faces: Faces
    side: int
    held_out: str | None = None
    count: int = 0

    def __call__(self, size: Size = NONE, *, seed: int = 0) -> Samples:
        """Draw them with the labels that `size` says, or with all labels where they are held out."""
        return _drawn(self, size, seed) if self.held_out is None else _drawn(self, NONE, 0)


@lru_cache(16)  # of the settings that a process trains, most are trained on the same images
def _drawn(what: Drawn, size: Size, seed: int) -> Samples:
    if what.held_out is None:
        expressions, units, both = size
        made = faces.dataset(expressions, units, overlap=both, seed=seed, faces=what.faces, cache=CACHE)
    else:
        made = faces.held_out(what.held_out, what.count, faces=what.faces, cache=CACHE)
    return made._replace(images=reduced(made.images, what.side))


def reduced(images: Array, side: int) -> Array:
    """Cut out the middle and average as many pixels in each direction as give `side` x `side`."""
    count, whole, _, channels = images.shape
    pixels = whole // side
    edge = (whole - pixels * side) // 2
    middle = images[:, edge : whole - edge, edge : whole - edge]
    parts = middle.reshape(count, side, pixels, side, pixels, channels)
    return parts.mean((2, 4)).round().astype(np.uint8) if pixels > 1 else np.asarray(middle)


def _faces(difficulty: Faces, *, side: int, validation: int, test: int, **options: Any) -> Suite:
    return Suite(
        relatednesses={"counted": _counted, "table": knowledge.du2014},
        training_set=Drawn(difficulty, side),
        validation_set=Drawn(difficulty, side, "validation", validation),
        test_set=Drawn(difficulty, side, "test", test),
        **options,
    )


EASY = Faces(intensity=(0.5, 1.0), identity=0.5, pose=0.4, light=0.5, occlusion=0.1, noise=0.04)
"""What a small network reads after a few hundred steps."""
FACES = _faces(
    EASY,
    side=32,
    validation=500,
    test=1000,
    name="faces",
    title="Faces",
    network="small",
    schedule=Schedule(steps=300, batch=64, learning_rate=3e-3, augmentation="shift"),
    sizes=(Size(100, 1500), Size(1500, 100)),
    overlaps=(),
    settings=(
        *SINGLE_TASK.values(),
        BASELINE,
        WEIGHTED_AS_PRINTED,
        "SCA posterior from labels",
        PRESET,
        PRESET + BY_TABLE,
        RECOMMENDED,
        BASELINE + BY_LABELS,
        "MGDA-UB",
    ),
)
REDUCED_FACES = replace(
    FACES,
    name="faces-reduced",
    title="Faces on ResNet-50",
    network="resnet50",
    schedule=replace(FACES.schedule, steps=600, learning_rate=1e-3, checkpoint_every=100),
    sizes=(Size(100, 1500),),
    settings=(*SINGLE_TASK.values(), BASELINE, RECOMMENDED),
)
"""As much of the paper's network as a CPU trains in two or three hours."""
FULL_FACES = _faces(
    Faces(),
    side=112,
    validation=1000,
    test=4000,
    name="faces-full",
    title="Faces, full size",
    network="resnet50",
    schedule=Schedule(steps=4000, batch=128, augmentation="shift", checkpoint_every=CHECKPOINT_EVERY),
    sizes=(Size(300, 20_000), Size(3000, 3000), Size(20_000, 300)),
    overlaps=tuple(Size(3000, 3000, both) for both in (750, 1500, 2250, 3000)),
    settings=tuple(settings(Size(1, 1))),
)

DRAWN = (FACES, REDUCED_FACES, FULL_FACES)
SUITES = {suite.name: suite for suite in (DIGITS, *DRAWN)}
