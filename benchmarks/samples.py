"""Labelled images, and the batches of them that every framework is given."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from benchmarks.prefetch import prefetched

Array: TypeAlias = npt.NDArray[Any]


class Images(Protocol):
    """What a set needs of its images: an array, or one that reads them when they are asked for."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> Any: ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any) -> Any: ...


class Samples(NamedTuple):
    """Images with both kinds of labels; -1 and NaN stand for labels that are missing.

    `weights` (N,) says what each sample counts in a loss: all alike for None.
    """

    images: Any
    class_labels: Array
    attribute_labels: Array
    weights: Array | None = None

    def take(self, index: Array | slice) -> "Samples":
        """Select samples; an index of more dimensions gives them all its shape."""
        return Samples(*(None if part is None else part[index] for part in self))

    def astype(self, dtype: npt.DTypeLike) -> "Samples":
        """Cast what is real; bytes of images become numbers in [-1, 1]."""
        return self._replace(
            images=pixels(self.images, dtype), attribute_labels=self.attribute_labels.astype(dtype)
        )


class Size(NamedTuple):
    """How many images carry a class label, how many carry attribute labels, and how many of these both."""

    class_labelled: int
    attribute_labelled: int
    both: int = 0

    @property
    def images(self) -> int:
        """How many images there are."""
        return self.class_labelled + self.attribute_labelled - self.both

    def __str__(self) -> str:
        both = f", {self.both} with both" if self.both else ""
        return f"{self.class_labelled} / {self.attribute_labelled} labels{both}"


def compared(sizes: Iterable[Size]) -> list[Size]:
    """Return the sizes at which all settings are compared: without overlap, or all where each has some."""
    every = list(dict.fromkeys(sizes))
    return [size for size in every if not size.both] or every


def label(images: Array, classes: Array, attributes: Array, size: Size) -> Samples:
    """Keep the class labels of the first images and the attribute labels of the last."""
    position = np.arange(size.images)
    has_class = position < size.class_labelled
    has_attributes = position >= size.class_labelled - size.both
    return Samples(
        images, np.where(has_class, classes, -1), np.where(has_attributes[:, None], attributes, np.nan)
    )


def pixels(images: Array, dtype: npt.DTypeLike) -> Array:
    """Cast images; bytes become numbers in [-1, 1]."""
    if images.dtype != np.uint8:
        return images.astype(dtype)
    scaled: Array = images.astype(dtype) / 127.5 - 1
    return scaled


class Batches:
    """Shuffled epochs of all samples cut into batches, so that each mixes both sets.

    A batch depends on the seed and its step only. Where images are read when they are asked for, or are
    changed, batches are made ahead.

    Args:
        samples: to choose from.
        size: how many are in a batch, before `mix` adds others.
        steps: how many batches there are.
        seed: of the order, and of what `augment` and `mix` draw.
        dtype: of what is real in a batch.
        augment: changes images as they come, that is bytes or real numbers.
        mix: changes whole batches, their images in [-1, 1].
        workers: how many processes make batches ahead, 0 for threads of this one.
    """

    def __init__(
        self,
        samples: Samples,
        *,
        size: int,
        steps: int,
        seed: int,
        dtype: npt.DTypeLike = np.float32,
        augment: Callable[[Array, np.random.Generator], Array] | None = None,
        mix: Callable[[Samples, np.random.Generator], Samples] | None = None,
        workers: int = 0,
    ) -> None:
        self.samples, self.dtype, self.seed = samples, np.dtype(dtype), seed
        self.augment, self.mix, self.workers = augment, mix, workers
        rng = np.random.default_rng([seed, 2])
        count = len(samples.images)
        epochs = -(-steps * size // count)
        order = np.concatenate([rng.permutation(count) for _ in range(epochs)])
        self.order = order[: steps * size].reshape(steps, size)

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, step: int) -> Samples:
        batch = self.samples.take(self.order[step])
        rng = np.random.default_rng([self.seed, 3, step])
        if self.augment is not None:
            batch = batch._replace(images=self.augment(batch.images, rng))
        batch = batch.astype(self.dtype)
        return batch if self.mix is None else self.mix(batch, rng)

    def __iter__(self) -> Iterator[Samples]:
        return self.after(0)

    def after(self, step: int) -> Iterator[Samples]:
        """Yield the batches that come after so many steps."""
        changed = self.augment is not None or self.mix is not None
        if changed or not isinstance(self.samples.images, np.ndarray):
            return prefetched(self, step, workers=self.workers)
        return map(self.__getitem__, range(step, len(self)))
