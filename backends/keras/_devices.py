"""Averages over the replicas of the backend that Keras runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

from coupling._check import check_flag
from coupling._namespace import Array
from coupling._normalizer import Normalizer, check_mean


@dataclass(frozen=True)
class Replicas:
    """The average over the replicas of tf.distribute, as a normalizer of the core."""

    context: Any

    def __call__(self, x: Array, /) -> Array:
        """Return the average."""
        return self.context.all_reduce("MEAN", x)

    def maximum(self, x: Array) -> Array:
        """Return the largest, held fixed."""
        x = keras.ops.expand_dims(keras.ops.stop_gradient(x), 0)
        count = self.context.num_replicas_in_sync
        shape = (count,) + (1,) * (len(x.shape) - 1)
        replicas = keras.ops.reshape(keras.ops.arange(count, dtype="int32"), shape)
        mine = replicas == self.context.replica_id_in_sync_group
        # Gathered by a sum: TensorFlow has no all-reduced maximum, and its gathers may meet others'.
        return keras.ops.max(self.context.all_reduce("SUM", keras.ops.where(mine, x, 0.0)), axis=0)


def check_synchronized(synchronized: object, reduction: str = "mean") -> None:
    """Check that the argument is True, where the loss is a mean, or False."""
    check_flag("synchronized", synchronized)
    check_mean("synchronized", synchronized, reduction)


def over(synchronized: bool, reduction: str = "mean") -> Normalizer | None:
    """Return the average over all replicas where there are several whose arrays are not of one piece."""
    check_synchronized(synchronized, reduction)
    if not synchronized:
        return None
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        context = tf.distribute.get_replica_context()  # None where Keras builds a model in a strategy's scope
        return None if context is None or context.num_replicas_in_sync == 1 else Replicas(context)
    if keras.backend.backend() == "torch":
        from torch import distributed as dist

        from coupling.torch._devices import Average

        if dist.is_available() and dist.is_initialized():
            return Average(dist.group.WORLD)
    return None
