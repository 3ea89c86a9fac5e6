"""What Keras users pass, as tensors of the backend and logits, as the core takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

import keras
import numpy as np

from coupling._check import FLOATING, check_dtype, check_flag
from coupling._namespace import Array, Namespace, compute_dtype, describe_type, library, read
from coupling._numeric import logits_of_attributes, logits_of_classes
from coupling.keras._namespace import xp

ROUNDING = 0.01
"""How far rounding, in half precision above all, may take a probability out of [0, 1]."""


def tensor(name: str, value: Any) -> Array:
    """Return an array, or nested lists of numbers, as a tensor of the backend; its dtype stays.

    Raises:
        TypeError: for an array of another library.
        ValueError: for a tensor of unknown rank.
    """
    x = _tensor(name, value)
    if _rank(x) is None:
        raise ValueError(f"{name} should have a known rank, got shape {x.shape}")
    return x


def _tensor(name: str, value: Any) -> Array:
    if not (keras.ops.is_tensor(value) or isinstance(value, (keras.Variable, np.ndarray, list, tuple))):
        raise TypeError(
            f"{name} should be a tensor of {library(xp)}, a NumPy array or a list, got {describe_type(value)}"
        )
    return keras.ops.convert_to_tensor(value.value if isinstance(value, keras.Variable) else value)


def _rank(x: Array) -> int | None:
    """Return how many axes there are; None where TensorFlow does not know while tracing."""
    return x.shape.rank if hasattr(x.shape, "rank") else len(x.shape)


@overload
def vector(name: str, value: None) -> None: ...
@overload
def vector(name: str, value: Any) -> Array: ...
def vector(name: str, value: Any) -> Array | None:
    """Return one number for each sample as a tensor (B,); Keras users pass (B, 1) as well."""
    if value is None:
        return None
    x = _tensor(name, value)
    if _rank(x) is None:  # traced for (B,) and (B, 1) alike
        return keras.ops.reshape(x, (-1,))
    return x[:, 0] if _rank(x) == 2 and x.shape[1] == 1 else x


def vectors(name: str, value: Any) -> Any:
    """Return the same for a mapping of such, each by its name."""
    if isinstance(value, Mapping):
        return {key: vector(f"{name}[{key!r}]", entry) for key, entry in value.items()}
    return vector(name, value)


def class_logits(value: Any, from_logits: bool) -> Array:
    """Return the class predictions as logits."""
    return exclusive("class_logits", value, from_logits)


def category_logits(value: Any, from_logits: bool) -> Array:
    """Return the category predictions as logits."""
    return exclusive("category_logits", value, from_logits)


def attribute_logits(value: Any, from_logits: bool) -> Array:
    """Return the attribute predictions as logits."""
    return independent("attribute_logits", value, from_logits)


def exclusive(name: str, value: Any, from_logits: bool) -> Array:
    """Return predictions of which one is right as logits."""
    return _logits(name, value, from_logits, logits_of_classes)


def independent(name: str, value: Any, from_logits: bool) -> Array:
    """Return predictions of which any may be right as logits."""
    return _logits(name, value, from_logits, logits_of_attributes)


def _logits(name: str, value: Any, from_logits: bool, formula: Callable[[Array, Namespace], Array]) -> Array:
    check_flag("from_logits", from_logits)
    x = tensor(name, value)
    if from_logits:
        return x
    check_dtype(xp, FLOATING, **{name: x})
    x = xp.astype(x, compute_dtype((x,), xp))
    values = read(x, xp)
    if values is not None and ((values < -ROUNDING) | (values > 1.0 + ROUNDING)).any():
        raise ValueError(f"{name} should be probabilities unless from_logits=True, got values outside [0, 1]")
    return formula(x, xp)


def plain(value: Any) -> Any:
    """Return an option as lists, numbers, strings and booleans, as a saved configuration holds it."""
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return keras.ops.convert_to_numpy(value).tolist() if hasattr(value, "shape") else value
