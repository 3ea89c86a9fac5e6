"""The data: noisy handwritten digits, labelled with their class or with the segments of a display."""

from functools import cache

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.samples import Array, Samples, Size, label
from coupling import Relatedness

SEGMENTS = "abcdefg"
"""a top, b upper right, c lower right, d bottom, e lower left, f upper left, g middle."""

DISPLAY = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")
"""The segments that are on, for the digits 0 to 9."""

CONDITIONAL = np.array([[segment in lit for segment in SEGMENTS] for lit in DISPLAY], np.float64)

NOISE = 0.22
POOL = 1000


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


def training_set(size: Size, *, seed: int) -> Samples:
    """Draw images from the pool, the first labelled with classes, the last with attributes."""
    images, classes, attributes, _ = _shuffled().take(_drawn(size, seed)[: size.images])
    return label(images, classes, attributes, size)


def validation_set(size: Size, *, seed: int) -> Samples:
    """Return the images of the pool that are not in that training set, with all labels."""
    return _shuffled().take(_drawn(size, seed)[size.images :])


def _drawn(size: Size, seed: int) -> Array:
    if size.images > POOL:
        raise ValueError(f"size should hold at most the {POOL} images that there are, got {size.images}")
    return np.random.default_rng([seed, 0]).permutation(POOL)
