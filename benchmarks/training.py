"""What every framework is given, and what it gives back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from benchmarks import checkpoints
from benchmarks.checkpoints import State, named, part
from benchmarks.networks import Shapes
from benchmarks.samples import Array, Batches, Images, Samples, pixels
from benchmarks.settings import Setting
from benchmarks.suites import Schedule, Suite
from coupling import Relatedness

FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "jax": "JAX"}
CHUNK = 256
"""How many images are predicted for at once."""


class Predictions(NamedTuple):
    """Logits of the classes (N, C) and of the attributes (N, A)."""

    class_logits: Array
    attribute_logits: Array


class Trained(NamedTuple):
    """What a network predicts in the end, and along the way.

    Attributes:
        predictions: for `Job.images`.
        curve: by step, for `Job.watched`.
        terms: for parity, `CoupledTerms` as rows (steps, 5).
        heads: for parity, the kernels of the heads before the first step and after each, (1 + steps, K).
    """

    predictions: Predictions
    curve: Mapping[int, Predictions]
    terms: Array
    heads: Array


def flat(kernels: Iterable[Array]) -> Array:
    """Write the kernels of the heads, each (features, outputs), in one row."""
    return np.concatenate([kernel.ravel() for kernel in kernels])


@dataclass(frozen=True)
class Job:
    """One network to train, the same in every framework.

    Attributes:
        setting: how the tasks are coupled.
        suite: whose network, relatedness and schedule are taken.
        seed: of the initial weights.
        batches: one for each step.
        images: to predict for in the end, as they come, that is bytes or real numbers.
        watched: to predict for along the way, at every step of `at`.
        at: after how many steps.
        parity: train with SGD and momentum, whose update is one formula in all frameworks, instead of Adam,
            without what is random in a network, and keep the terms and the heads of every step.
        checkpoint: where what the training has come to is kept, as often as the schedule says, and goes on
            from; not for parity.
    """

    setting: Setting
    suite: Suite
    seed: int
    batches: Batches
    images: Images
    watched: Images | None = None
    at: frozenset[int] = frozenset()
    parity: bool = False
    checkpoint: Path | None = None

    @property
    def relatedness(self) -> Relatedness:
        """The relatedness that the setting takes."""
        return self.suite.relatedness(self.setting.relatedness)

    @property
    def shapes(self) -> Shapes:
        """What the network is between."""
        return Shapes(self.images.shape[1:], *self.relatedness.conditional.shape)


class Framework(Protocol):
    """What a framework's module has."""

    packages: tuple[str, ...]

    def device(self) -> str:
        """Name the device that it trains on."""

    def train(self, job: Job) -> Trained:
        """Train a network on the batches, then predict."""


class Learner(Protocol):
    """A network in training, as each framework has it."""

    def learn(self, batch: Samples) -> Sequence[Any]:
        """Take a step, and return the loss terms before it."""

    def predict(self, images: Array) -> tuple[Array, Array]:
        """Return the logits of both tasks; it leaves nothing behind."""

    def kernels(self) -> list[Array]:
        """Return the kernels of both heads, (features, outputs)."""

    def weights(self) -> list[Array]:
        """Return what is trained of a network of images, alike in all frameworks."""

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Take them, or those of another framework."""

    def state(self) -> State:
        """Return all that the next step depends on, beside its batch."""

    def restore(self, state: State) -> None:
        """Be as the learner was that gave this state."""


def run(job: Job, learner: Learner) -> Trained:
    """Train from the last checkpoint on, or from the start, then predict."""
    begun, curve = _resumed(job, learner)
    rows, heads = [], [flat(learner.kernels())]
    for step, batch in enumerate(job.batches.after(begun), begun + 1):
        terms = learner.learn(batch)
        if job.parity:
            rows.append([float(term) for term in terms])
            heads.append(flat(learner.kernels()))
        if step in job.at and job.watched is not None:
            curve[step] = predicted(learner.predict, job.watched, job)
        _keep(job, learner, step, curve)
    return Trained(predicted(learner.predict, job.images, job), curve, np.array(rows), np.array(heads))


def _keep(job: Job, learner: Learner, step: int, curve: Mapping[int, Predictions]) -> None:
    """Write a checkpoint where it is time for one."""
    every = job.suite.schedule.checkpoint_every
    if job.checkpoint is None or every is None or (step % every and step < len(job.batches)):
        return
    watched = {f"{at}/{name}": own for at, made in curve.items() for name, own in made._asdict().items()}
    own = {"step": np.array(step), **named("curve", watched), **named("learner", learner.state())}
    checkpoints.save(job.checkpoint, own)


def _resumed(job: Job, learner: Learner) -> tuple[int, dict[int, Predictions]]:
    """Take a checkpoint up, and return after how many steps it was written, and the curve up to there."""
    left = checkpoints.load(job.checkpoint) if job.checkpoint is not None else None
    if left is None:
        return 0, {}
    learner.restore(part("learner", left))
    watched = part("curve", left)
    steps = sorted({int(name.partition("/")[0]) for name in watched})
    curve = {
        step: Predictions(*(watched[f"{step}/{name}"] for name in Predictions._fields)) for step in steps
    }
    return int(left["step"]), curve


def smoothing(
    schedule: Schedule, setting: Setting, cross_entropy: Callable[..., Any]
) -> Callable[..., Any] | None:
    """Return what label smoothing adds to the sum of the terms, if anything.

    It is a function of class logits, class labels and what each sample counts.

    Equation 1 knows no label smoothing, so it is added here: the smoothed class loss less the plain one.
    """
    amount = schedule.label_smoothing
    weight = setting.options["weights"].get("classes", 1.0)
    if not amount or not weight:
        return None

    def added(logits: Any, labels: Any, sample_weight: Any = None) -> Any:
        smoothed = cross_entropy(logits, labels, label_smoothing=amount, sample_weight=sample_weight)
        return weight * (smoothed - cross_entropy(logits, labels, sample_weight=sample_weight))

    return added


def predicted(call: Callable[[Array], tuple[Array, Array]], images: Images, job: Job) -> Predictions:
    """Predict the logits of images, chunk by chunk, all of one shape, which is compiled once."""
    chunks = (images[start : start + CHUNK] for start in range(0, len(images), CHUNK))
    made = [call(pixels(_filled(chunk), job.batches.dtype)) for chunk in chunks]
    return Predictions(*(np.concatenate(part)[: len(images)] for part in zip(*made, strict=True)))


def _filled(chunk: Array) -> Array:
    """Lengthen the last chunk."""
    missing = CHUNK - len(chunk)
    return np.pad(chunk, [(0, missing)] + [(0, 0)] * (chunk.ndim - 1)) if missing else chunk


def pseudo_labelled(samples: Samples, teachers: Mapping[str, Predictions]) -> Samples:
    """Fill in what is missing: hard classes and soft attributes, each from its single-task teacher."""
    classes = teachers["classes"].class_logits.argmax(-1)
    attributes = 1 / (1 + np.exp(-teachers["attributes"].attribute_logits))
    return samples._replace(
        class_labels=np.where(samples.class_labels < 0, classes, samples.class_labels),
        attribute_labels=np.where(np.isnan(samples.attribute_labels), attributes, samples.attribute_labels),
    )
