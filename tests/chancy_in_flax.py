"""A network of JAX with moving means and dropout."""

from typing import Any

import jax
from flax import nnx

from benchmarks.networks import Shapes


class Chancy(nnx.Module):
    """A hidden layer and the heads."""

    def __init__(self, shapes: Shapes, *, dtype: Any, rngs: nnx.Rngs) -> None:
        options = {"param_dtype": dtype, "rngs": rngs}
        self.trunk = nnx.Linear(*shapes.images, 8, **options)
        self.norm, self.dropout = nnx.BatchNorm(8, **options), nnx.Dropout(0.5, rngs=rngs)
        self.classes = nnx.Linear(8, shapes.classes, **options)
        self.attributes = nnx.Linear(8, shapes.attributes, **options)

    def __call__(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        features = self.dropout(nnx.relu(self.norm(self.trunk(images))))
        return self.classes(features), self.attributes(features)
