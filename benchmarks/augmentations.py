"""Changes of a batch's images, drawn by NumPy, so that every framework is given the same."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

from benchmarks.samples import Array, Samples

ROTATION, SHEAR = np.deg2rad(15), np.deg2rad(8)
SCALE, SHIFT = 0.1, 0.1
GREY = (128, 128, 128)
"""What is shown where an image has been moved away: 0 once bytes are scaled."""
ALPHA = 0.2
"""Of MixAugment: λ is from Beta(α, α), so that most mixed images are nearly one of their two."""


def affine(images: Array, rng: np.random.Generator) -> Array:
    """Turn, shear, scale, move and mirror each of some images (B, H, W, 3) of bytes, by chance.

    The paper names affine transformations without their ranges: these are chosen here.
    """
    return np.stack([_transformed(image, _matrix(image.shape[:2], rng)) for image in images])


def shift(images: Array, rng: np.random.Generator) -> Array:
    """Move all images (B, H, W, 3) by up to a twentieth of their sides, round the edges, and mirror half."""
    _, height, width, _ = images.shape
    mirrored = rng.random(len(images)) < 0.5
    down, right = (rng.integers(-(side // 20), side // 20 + 1) for side in (height, width))
    changed = np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
    return np.roll(changed, (int(down), int(right)), (1, 2))


def mixaugment(samples: Samples, rng: np.random.Generator) -> Samples:
    """Add as many mixed images λ x_i + (1 - λ) x_j to real ones (B, …), once with labels i, once with j.

    Real images weigh 1, mixed ones λ with the labels of i and 1 - λ with those of j. Every image is an i and
    a j; λ is from Beta(`ALPHA`, `ALPHA`), one for each pair. `docs/datasets.md` has the loss, and what is
    chosen here.

    Source: Psaroudakis and Kollias, MixAugment & Mixup, CVPR workshops 2022.
    """
    images = samples.images
    share = rng.beta(ALPHA, ALPHA, len(images)).astype(images.dtype)
    others = samples.take(rng.permutation(len(images)))
    part = share.reshape(-1, *[1] * (images.ndim - 1))
    mixed = part * images + (1 - part) * others.images
    return Samples(
        np.concatenate([images, mixed, mixed]),
        np.concatenate([samples.class_labels, samples.class_labels, others.class_labels]),
        np.concatenate([samples.attribute_labels, samples.attribute_labels, others.attribute_labels]),
        np.concatenate([np.ones_like(share), share, 1 - share]),
    )


def _matrix(size: tuple[int, int], rng: np.random.Generator) -> Array:
    """Draw where each pixel (x, y, 1) of the result is taken from (2, 3), about the middle of the image."""
    angle, shear = rng.uniform(-ROTATION, ROTATION), rng.uniform(-SHEAR, SHEAR)
    scale, mirrored = rng.uniform(1 - SCALE, 1 + SCALE), rng.choice((-1, 1))
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turned @ np.array([[mirrored, np.tan(shear)], [0, 1]]) / scale
    width_height = np.array(size[::-1])
    middle, moved = width_height / 2, rng.uniform(-SHIFT, SHIFT, 2) * width_height
    return np.column_stack([linear, middle + moved - linear @ middle])


def _transformed(image: Array, matrix: Array) -> Array:
    height, width, _ = image.shape
    made = Image.fromarray(image).transform(
        (width, height),
        Image.Transform.AFFINE,
        tuple(matrix.ravel().tolist()),
        Image.Resampling.BILINEAR,
        fillcolor=GREY,
    )
    return np.asarray(made)


class Augmentation(NamedTuple):
    """What `Batches` takes: a change of images as they come, a change of batches that are made."""

    augment: Callable[[Array, np.random.Generator], Array] | None = None
    mix: Callable[[Samples, np.random.Generator], Samples] | None = None


NONE = "none"
AUGMENTATIONS = {
    NONE: Augmentation(),
    "affine": Augmentation(affine),
    "shift": Augmentation(shift),
    "mixaugment": Augmentation(mix=mixaugment),
    "shift+mixaugment": Augmentation(shift, mixaugment),
}
