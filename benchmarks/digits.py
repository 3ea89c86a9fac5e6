"""The data: noisy handwritten digits, labelled with their class or with the segments of a display."""

from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

from coupling import Relatedness

Array: TypeAlias = npt.NDArray[Any]

SEGMENTS = "abcdefg"
"""a top, b upper right, c lower right, d bottom, e lower left, f upper left, g middle."""

DISPLAY = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")
"""The segments that are on, for the digits 0 to 9."""

CONDITIONAL = np.array([[segment in lit for segment in SEGMENTS] for lit in DISPLAY], np.float64)

NOISE = 0.22
POOL = 1000


class Samples(NamedTuple):
    """Images with both kinds of labels; -1 and NaN stand for labels that are missing."""

    images: Array
    class_labels: Array
    attribute_labels: Array

    def take(self, index: Array | slice) -> "Samples":
        """Select samples; an index of more dimensions gives them all its shape."""
        return Samples(*(part[index] for part in self))

    def astype(self, dtype: npt.DTypeLike) -> "Samples":
        """Cast what is real: images and attribute labels."""
        return self._replace(
            images=self.images.astype(dtype), attribute_labels=self.attribute_labels.astype(dtype)
        )


def relatedness() -> Relatedness:
    """Which segments each digit switches on."""
    return Relatedness(CONDITIONAL, classes=[str(digit) for digit in range(10)], attributes=list(SEGMENTS))


@cache
def _shuffled() -> Samples:
    images, classes = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    noisy = images / 16 + NOISE * rng.standard_normal(images.shape)
    return Samples(noisy, classes, CONDITIONAL[classes]).take(rng.permutation(len(classes)))


def held_out() -> Samples:
    """Return the 797 images, the same for every run, that no network is trained on."""
    return _shuffled().take(slice(POOL, None))


def training_set(class_labelled: int, attribute_labelled: int, *, seed: int) -> Samples:
    """Draw two disjoint sets from the pool, the first labelled with classes, the second with attributes."""
    drawn = np.random.default_rng([seed, 0]).permutation(POOL)[: class_labelled + attribute_labelled]
    if len(drawn) < class_labelled + attribute_labelled:
        raise ValueError(f"{class_labelled} + {attribute_labelled} images are more than the {POOL} there are")
    images, classes, attributes = _shuffled().take(drawn)
    has_class = np.arange(len(drawn)) < class_labelled
    return Samples(images, np.where(has_class, classes, -1), np.where(has_class[:, None], np.nan, attributes))
