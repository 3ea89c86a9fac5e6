"""The arrays' namespace: what the core asks of one, and how it is found."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any, Protocol

import array_api_compat as compat
import numpy as np

Array = Any
DType = Any


class Namespace(Protocol):
    """The part of the Array API standard that the core calls; a new backend has to bring no more.

    A namespace may also bring hooks that the standard has no name for:
    ``is_array(x)``: is `x` an array of this namespace's library;
    ``constant(value, like, dtype)``: `value` as an array of `dtype` on the device of `like`;
    ``stop_gradient(x)``: `x`, held fixed under differentiation;
    ``read(x)``: the values of `x` as a NumPy array, None while tracing or where that would wait for a device.
    """

    bool: DType
    float32: DType
    float64: DType
    int32: DType

    def any(self, x: Array, /, *, axis: int | None = ..., keepdims: builtins.bool = ...) -> Array: ...
    def asarray(self, obj: Any, /, *, dtype: DType = ..., device: Any = ...) -> Array: ...
    def astype(self, x: Array, dtype: DType, /) -> Array: ...
    def exp(self, x: Array, /) -> Array: ...
    def expand_dims(self, x: Array, /, *, axis: int) -> Array: ...
    def expm1(self, x: Array, /) -> Array: ...
    def finfo(self, dtype: DType, /) -> Any: ...
    def iinfo(self, dtype: DType, /) -> Any: ...
    def isdtype(self, dtype: DType, kind: str, /) -> builtins.bool: ...
    def log(self, x: Array, /) -> Array: ...
    def log1p(self, x: Array, /) -> Array: ...
    def matmul(self, x1: Array, x2: Array, /) -> Array: ...
    def matrix_transpose(self, x: Array, /) -> Array: ...
    def max(self, x: Array, /, *, axis: int | None = ..., keepdims: builtins.bool = ...) -> Array: ...
    def ones_like(self, x: Array, /, *, dtype: DType = ...) -> Array: ...
    def round(self, x: Array, /) -> Array: ...
    def sum(self, x: Array, /, *, axis: int | None = ..., keepdims: builtins.bool = ...) -> Array: ...
    def where(self, condition: Array, x1: Array, x2: Array, /) -> Array: ...


def resolve(xp: Namespace | None, **arrays: Array) -> Namespace:
    """Return the namespace of `arrays` (None among them is passed over), which must be of one library."""
    given = {name: x for name, x in arrays.items() if x is not None}
    is_array = getattr(xp, "is_array", None)
    if xp is not None and is_array is not None:
        for name, x in given.items():
            if not is_array(x):
                raise TypeError(f"{name} should be an array of {library(xp)}, got {describe_type(x)}")
        return xp
    found = {name: _namespace_of(name, x) for name, x in given.items()}
    first, expected = next(iter(found.items()))
    for name, other in found.items():
        if other is not expected:
            raise TypeError(
                f"{name} should be of the same library as {first} ({describe_type(given[first])}), "
                f"got {describe_type(given[name])}"
            )
    return expected if xp is None else xp


def _namespace_of(name: str, x: Array) -> Namespace:
    try:
        namespace: Namespace = compat.array_namespace(x)
    except TypeError:
        raise TypeError(
            f"{name} should be an array of a library that follows the Array API standard "
            f"(for TensorFlow tensors, use coupling.keras), got {describe_type(x)}"
        ) from None
    return namespace


def library(xp: Namespace) -> str:
    """Return the name of the library behind `xp`, for messages."""
    name = getattr(xp, "library", None)  # of PyTorch's own namespace, a module of that name
    return name if isinstance(name, str) else str(getattr(xp, "__name__", xp))


def describe_type(x: object) -> str:
    """Return the full name of the type of `x`, for messages."""
    kind = type(x)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def constant(value: Any, like: Array, *, dtype: DType, xp: Namespace) -> Array:
    """Return `value` as an array of `dtype` on the device of `like`."""
    hook = getattr(xp, "constant", None)
    if hook is not None:
        return hook(value, like, dtype)
    if isinstance(value, np.ndarray):
        value = value.copy()  # PyTorch warns of memory that it may not write to
    # Lazy arrays (JAX, Dask) place constants themselves; a sharding would not even fit another shape.
    device = None if compat.is_lazy_array(like) else compat.device(like)
    return xp.asarray(value, dtype=dtype, device=device)


def compute_dtype(logits: Sequence[Array], xp: Namespace) -> DType:
    """Return the dtype to compute in: float64 where a logit has more than 32 bits, else float32."""
    return xp.float64 if any(xp.finfo(x.dtype).bits > 32 for x in logits) else xp.float32


def stop_gradient(x: Array, xp: Namespace) -> Array:
    """Return `x`, held fixed under differentiation."""
    hook = getattr(xp, "stop_gradient", None)
    if hook is not None:
        return hook(x)
    module: Any = xp
    if compat.is_torch_namespace(module) or compat.is_jax_namespace(module):
        raise TypeError(
            f"holding an array of {library(xp)} fixed needs its adapter: call coupling.torch or coupling.jax"
        )
    return x


def read(x: Array, xp: Namespace) -> np.ndarray[Any, Any] | None:
    """Return the values of `x`, or None where they cannot be read here and now."""
    hook = getattr(xp, "read", None)
    if hook is not None:
        values: np.ndarray[Any, Any] | None = hook(x)
        return values
    module: Any = xp
    at_hand = compat.is_numpy_namespace(module) or compat.is_array_api_strict_namespace(module)
    return np.asarray(x) if at_hand else None
