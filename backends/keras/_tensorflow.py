"""TensorFlow as the core's namespace: the standard's names over plain TensorFlow functions."""

from __future__ import annotations

import builtins
from typing import Any

import ml_dtypes
import numpy as np
import tensorflow as tf
from tensorflow import bool, float32, float64, int32

__all__ = [
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

library = "TensorFlow"


def any(x: tf.Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> tf.Tensor:
    """Tell whether any entry along `axis` is true."""
    return tf.reduce_any(x, axis=axis, keepdims=keepdims)


def asarray(obj: Any, /, *, dtype: tf.DType | None = None, device: str | None = None) -> tf.Tensor:
    """Return `obj` as a tensor; numbers keep the precision that NumPy gives them."""
    with tf.device(device):
        x = obj if tf.is_tensor(obj) else tf.convert_to_tensor(np.asarray(obj))
        return x if dtype is None else tf.cast(x, dtype)


def astype(x: tf.Tensor, dtype: tf.DType, /) -> tf.Tensor:
    """Return `x` as `dtype`."""
    return tf.cast(x, dtype)


def exp(x: tf.Tensor, /) -> tf.Tensor:
    """Return e to the power of each entry."""
    return tf.exp(x)


def expand_dims(x: tf.Tensor, /, *, axis: int) -> tf.Tensor:
    """Return `x` with a new axis of size 1 at `axis`."""
    return tf.expand_dims(x, axis)


def expm1(x: tf.Tensor, /) -> tf.Tensor:
    """Return e to the power of each entry, minus 1."""
    return tf.math.expm1(x)


def finfo(dtype: tf.DType, /) -> Any:
    """Return the machine limits of a floating dtype, bfloat16 included."""
    return ml_dtypes.finfo(dtype.as_numpy_dtype)  # type: ignore[no-untyped-call]


def iinfo(dtype: tf.DType, /) -> Any:
    """Return the machine limits of an integer dtype."""
    return np.iinfo(dtype.as_numpy_dtype)


def isdtype(dtype: tf.DType, kind: str, /) -> builtins.bool:
    """Tell whether `dtype` is of `kind`, one of the standard's names."""
    kinds = {"bool": dtype.is_bool, "integral": dtype.is_integer, "real floating": dtype.is_floating}
    return builtins.bool(kinds[kind])


def log(x: tf.Tensor, /) -> tf.Tensor:
    """Return the natural logarithm of each entry."""
    return tf.math.log(x)


def log1p(x: tf.Tensor, /) -> tf.Tensor:
    """Return log(1 + x) of each entry."""
    return tf.math.log1p(x)


def matmul(x1: tf.Tensor, x2: tf.Tensor, /) -> tf.Tensor:
    """Return the matrix product, in float64: in float32, GPUs round the factors to TensorFloat-32."""
    return tf.cast(tf.matmul(tf.cast(x1, float64), tf.cast(x2, float64)), x1.dtype)


def matrix_transpose(x: tf.Tensor, /) -> tf.Tensor:
    """Return `x` with its last two axes exchanged."""
    return tf.linalg.matrix_transpose(x)


def max(x: tf.Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> tf.Tensor:
    """Return the largest entry along `axis`, -inf where that axis is empty."""
    return tf.reduce_max(x, axis=axis, keepdims=keepdims)


def ones_like(x: tf.Tensor, /, *, dtype: tf.DType | None = None) -> tf.Tensor:
    """Return ones of the shape of `x`."""
    return tf.ones_like(x, dtype=dtype)


def round(x: tf.Tensor, /) -> tf.Tensor:
    """Return the nearest integer of each entry."""
    return tf.round(x)


def sum(x: tf.Tensor, /, *, axis: int | None = None, keepdims: builtins.bool = False) -> tf.Tensor:
    """Return the sum along `axis`."""
    return tf.reduce_sum(x, axis=axis, keepdims=keepdims)


def where(condition: tf.Tensor, x1: Any, x2: Any, /) -> tf.Tensor:
    """Return `x1` where `condition` holds, else `x2`; a Python number takes the dtype of the other."""
    dtype = (x1 if tf.is_tensor(x1) else x2).dtype
    return tf.where(condition, tf.convert_to_tensor(x1, dtype), tf.convert_to_tensor(x2, dtype))


def is_array(x: object) -> builtins.bool:
    """Tell whether `x` is a dense tensor, symbolic or not."""
    return isinstance(x, (tf.Tensor, tf.Variable))


def constant(value: Any, like: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """Return `value` as a tensor of `dtype`; TensorFlow places it where it is used."""
    return asarray(value, dtype=dtype)


def stop_gradient(x: tf.Tensor) -> tf.Tensor:
    """Return `x`, held fixed under differentiation."""
    return tf.stop_gradient(x)


def read(x: tf.Tensor) -> np.ndarray[Any, Any] | None:
    """Return the values of `x`, None while tracing and where reading would wait for a device."""
    return x.numpy() if tf.executing_eagerly() and "CPU" in x.device else None
