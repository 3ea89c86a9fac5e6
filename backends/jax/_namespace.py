"""JAX as the core's namespace."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.numpy import (
    any,
    asarray,
    astype,
    bool,
    exp,
    expand_dims,
    expm1,
    finfo,
    float32,
    float64,
    iinfo,
    int32,
    isdtype,
    log,
    log1p,
    matrix_transpose,
    max,
    ones_like,
    round,
    sum,
    where,
)

__all__ = [
    "accept",
    "any",
    "asarray",
    "astype",
    "bool",
    "constant",
    "exp",
    "expand_dims",
    "expm1",
    "finfo",
    "float32",
    "float64",
    "iinfo",
    "int32",
    "is_array",
    "isdtype",
    "library",
    "log",
    "log1p",
    "matmul",
    "matrix_transpose",
    "max",
    "ones_like",
    "read",
    "round",
    "stop_gradient",
    "sum",
    "where",
]

library = "JAX"


def matmul(x1: Array, x2: Array, /) -> Array:
    """Return the matrix product in the arrays' own precision: accelerators take a lower one by default."""
    return jax.numpy.matmul(x1, x2, precision=jax.lax.Precision.HIGHEST)


def is_array(x: object) -> builtins.bool:
    """Tell whether `x` is a JAX array, traced or not."""
    return isinstance(x, Array)


def accept(value: Any) -> Any:
    """Return NumPy arrays, also those in a mapping, as those of JAX, whose own functions take both."""
    if isinstance(value, Mapping):
        return {name: accept(entry) for name, entry in value.items()}
    return asarray(value) if isinstance(value, np.ndarray) else value


def constant(value: Any, like: Array, dtype: Any) -> Array:
    """Return `value` as an array of `dtype`; JAX places it where it is used."""
    return asarray(value, dtype=dtype)


def stop_gradient(x: Array) -> Array:
    """Return `x`, held fixed under differentiation."""
    return jax.lax.stop_gradient(x)


def read(x: Array) -> np.ndarray[Any, Any] | None:
    """Return the values of `x`, None while tracing and where reading would wait for a device."""
    if isinstance(x, jax.core.Tracer) or {device.platform for device in x.devices()} != {"cpu"}:
        return None
    return np.asarray(x)
