"""PyTorch as the core's namespace."""

from __future__ import annotations

import builtins
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from array_api_compat.torch import (
    any,
    asarray,
    astype,
    expand_dims,
    finfo,
    iinfo,
    isdtype,
    matrix_transpose,
    max,
    sum,
    where,
)
from torch import Tensor, bool, exp, expm1, float32, float64, int32, log, log1p, ones_like, round

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

library = "PyTorch"


def matmul(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Return the matrix product, in float64: autocast and TensorFloat-32 round the factors of others."""
    device = x1.device.type
    dtype = x1.dtype if device == "mps" else float64  # Metal has no float64
    autocast = not x1.is_meta and torch.is_autocast_enabled(device)  # a meta tensor's device has none
    with torch.autocast(device, enabled=False) if autocast else nullcontext():
        return torch.matmul(x1.to(dtype), x2.to(dtype)).to(x1.dtype)


def is_array(x: object) -> builtins.bool:
    """Tell whether `x` is a tensor."""
    return isinstance(x, Tensor)


def constant(value: Any, like: Tensor, dtype: torch.dtype) -> Tensor:
    """Return `value` as a tensor of `dtype` on the device of `like`."""
    if isinstance(value, np.ndarray):
        value = value.copy()  # torch warns of memory that it may not write to
    return torch.asarray(value, dtype=dtype, device=like.device)


def stop_gradient(x: Tensor) -> Tensor:
    """Return `x`, held fixed under differentiation."""
    return x.detach()


def read(x: Tensor) -> np.ndarray[Any, Any] | None:
    """Return the values of `x`, None while tracing and where reading would wait for a device."""
    if torch.compiler.is_compiling() or x.device.type != "cpu":
        return None
    try:
        return x.numpy(force=True)
    except (RuntimeError, TypeError):  # of torch.func, or of a dtype that NumPy lacks
        return None
