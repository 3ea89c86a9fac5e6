"""The namespace of the backend that Keras runs on."""

from __future__ import annotations

import importlib
from typing import cast

import keras

from coupling._namespace import Array, Namespace

MODULES = {
    "tensorflow": "coupling.keras._tensorflow",
    "jax": "coupling.jax._namespace",
    "torch": "coupling.torch._namespace",
    "numpy": "array_api_compat.numpy",
}


def namespace_of(backend: str) -> Namespace:
    """Return the namespace for a backend of Keras, importing this backend's only.

    Raises:
        ImportError: for a backend that the losses do not run on.
    """
    if backend not in MODULES:
        raise ImportError(
            f"coupling.keras needs Keras to run on one of {', '.join(MODULES)}, got {backend!r}: "
            "set KERAS_BACKEND before Keras is imported"
        )
    return cast("Namespace", importlib.import_module(MODULES[backend]))


xp = namespace_of(keras.backend.backend())


def per_replica(mean: Array) -> Array:
    """Return the share of `mean` in the sum over the replicas of tf.distribute, as Keras' own losses do."""
    if keras.backend.backend() != "tensorflow":
        return mean
    import tensorflow as tf

    return mean / tf.distribute.get_strategy().num_replicas_in_sync
