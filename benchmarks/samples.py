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
    """Images with both kinds of labels; -1 and NaN stand for labels that are missing."""

    images: Any
    class_labels: Array
    attribute_labels: Array

    def take(self, index: Array | slice) -> "Samples":
        """Select samples; an index of more dimensions gives them all its shape."""
        return Samples(*(part[index] for part in self))

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
    changed by `augment`, batches are made ahead.
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
    ) -> None:
        self.samples, self.dtype, self.seed, self.augment = samples, np.dtype(dtype), seed, augment
        rng = np.random.default_rng([seed, 2])
        count = len(samples.images)
        epochs = -(-steps * size // count)
        order = np.concatenate([rng.permutation(count) for _ in range(epochs)])
        self.order = order[: steps * size].reshape(steps, size)

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, step: int) -> Samples:
        batch = self.samples.take(self.order[step])
        if self.augment is not None:
            rng = np.random.default_rng([self.seed, 3, step])
            batch = batch._replace(images=self.augment(batch.images, rng))
        return batch.astype(self.dtype)

    def __iter__(self) -> Iterator[Samples]:
        if self.augment is not None or not isinstance(self.samples.images, np.ndarray):
            return prefetched(self)
        return map(self.__getitem__, range(len(self)))
