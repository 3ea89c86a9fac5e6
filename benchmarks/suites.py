"""What is trained, apart from how its tasks are coupled: data, a network and a schedule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks import digits
from benchmarks.samples import Samples, Size
from coupling import Relatedness


class Draw(Protocol):
    """A function that draws a set of images."""

    def __call__(self, size: Size, *, seed: int) -> Samples: ...


@dataclass(frozen=True)
class Schedule:
    """How a network is trained. Momentum is that of SGD, for parity alone."""

    steps: int
    batch: int
    learning_rate: float = 1e-3
    sgd_rate: float = 0.05
    momentum: float = 0.875  # exact in float32, through which Keras takes it on TensorFlow, also in float64


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
        relatednesses: by name; the first is the one that settings take by default.
        training_set: draws images with the labels that `size` says.
        validation_set: draws others with all labels, to choose by.
        test_set: the images, with all labels, that results are of.
        facts: of the data, for the record of every run.
    """

    name: str
    title: str
    network: str
    schedule: Schedule
    sizes: tuple[Size, ...]
    overlaps: tuple[Size, ...]
    relatednesses: Mapping[str, Callable[[], Relatedness]] = field(hash=False)
    training_set: Draw
    validation_set: Draw
    test_set: Callable[[], Samples]
    facts: Mapping[str, object] = field(hash=False, default_factory=dict)

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
    relatednesses={"given": digits.relatedness},
    training_set=digits.training_set,
    validation_set=digits.validation_set,
    test_set=digits.held_out,
    facts={"noise": digits.NOISE},
)

SUITES = {suite.name: suite for suite in (DIGITS,)}
