"""One small class for each backend: it calls a loss with a batch of NumPy arrays, and differentiates it.

``prepare(loss, options)`` gives a function from a batch to an ``Outcome``, so that the traced backends
compile once for many batches. Gradients are those of the sum of the values, or of the coupled total.

The environment variable ``BACKENDS`` chooses some by their names ("numpy strict"), all by default. A
framework is imported when one of its backends is first used, so the others need not be installed.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import array_api_strict
import numpy as np
import pytest
from autodiff import Outcome
from differentiate import in_jax, in_tensorflow, in_torch

from coupling import losses

Batch = Mapping[str, np.ndarray]
Call = Callable[[Batch], Outcome]
Function = Callable[[Mapping[str, Any]], Any]

CHOSEN = os.environ.get("BACKENDS", "").split()


class Late:
    """A module that is imported when it is first asked for something."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


jax, tf, torch = Late("jax"), Late("tensorflow"), Late("torch")


def chosen(backends: Iterable[Backend]) -> tuple[Backend, ...]:
    """Those of the backends that take part."""
    return tuple(backend for backend in backends if not CHOSEN or backend.name in CHOSEN)


def needs(*backends: Backend) -> pytest.MarkDecorator:
    """Mark a test that is about these backends: it is left out where none of them takes part."""
    return pytest.mark.needs(*backends)


class Backend:
    """NumPy: the core, called as it is. Takes no gradients."""

    def __init__(self, name: str, module: Any, *dtypes: type, **fixed: Any) -> None:
        self.name, self.module, self.dtypes, self.fixed = name, module, dtypes, fixed

    @property
    def holds_fixed(self) -> bool:
        """The standard has no name for it: with a framework that differentiates, its adapter is called."""
        return self.module is not losses or not isinstance(self, Torch | Jax)

    def __repr__(self) -> str:
        return self.name

    def asarray(self, x: np.ndarray) -> Any:
        return x

    def to_numpy(self, x: Any) -> np.ndarray:
        return np.asarray(x)

    def scope(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def trace(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function

    def differentiate(self, loss: Function) -> Function:
        """From arrays to the result and the slopes by name."""
        traced = self.trace(loss)
        return lambda arrays: (traced(arrays), {})

    def loss(self, name: str, options: Mapping[str, Any]) -> Function:
        """The loss as the users of this backend call it, with its options; vectors are of their library."""
        function = getattr(self.module, name)
        options = {key: self.asarray(x) if isinstance(x, np.ndarray) else x for key, x in options.items()}
        return lambda arrays: function(**arrays, **self.fixed, **options)

    def value(self, name: str, options: Mapping[str, Any], batch: Batch) -> np.ndarray:
        """What the loss gives without being differentiated."""
        with self.scope():
            loss = self.trace(self.loss(name, options))
            return self._stack(loss({key: self.asarray(x) for key, x in batch.items()}))

    def prepare(self, name: str, options: Mapping[str, Any]) -> Call:
        with self.scope():
            loss = self.differentiate(self.loss(name, options))

        def call(batch: Batch) -> Outcome:
            with self.scope():
                result, slopes = loss({key: self.asarray(x) for key, x in batch.items()})
                return Outcome(self._stack(result), {key: self.to_numpy(x) for key, x in slopes.items()})

        return call

    def _stack(self, result: Any) -> np.ndarray:
        if isinstance(result, tuple):
            return np.stack([self.to_numpy(x) for x in result])
        return self.to_numpy(result)


class Strict(Backend):
    """array-api-strict, with or without what a lazy backend cannot do."""

    def __init__(self, name: str, *dtypes: type, **flags: bool) -> None:
        super().__init__(name, losses, *dtypes)
        self.flags = flags

    def asarray(self, x: np.ndarray) -> Any:
        return array_api_strict.asarray(x)

    def scope(self) -> AbstractContextManager[Any]:
        return array_api_strict.ArrayAPIStrictFlags(**self.flags)


class Torch(Backend):
    def asarray(self, x: np.ndarray) -> torch.Tensor:
        return torch.asarray(x.copy())

    def to_numpy(self, x: torch.Tensor) -> np.ndarray:
        return x.detach().numpy()

    def differentiate(self, loss: Function) -> Function:
        return in_torch(self.trace(loss))


class TracedTorch(Torch):
    def trace(self, function: Callable[..., Any]) -> Callable[..., Any]:
        torch.compiler.reset()  # every loss is the same lambda here, and PyTorch counts its compilations
        return torch.compile(function, fullgraph=True, backend="eager")


class Jax(Backend):
    """JAX with strict promotion of dtypes and ranks."""

    def __init__(self, name: str, module: Any, *dtypes: type, x64: bool = True) -> None:
        super().__init__(name, module, *dtypes)
        self.x64 = x64

    def asarray(self, x: np.ndarray) -> jax.Array:
        with jax.debug_nans(False):  # a NaN among what is given codes a missing label
            return jax.numpy.asarray(x)

    @contextmanager
    def scope(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(jax.enable_x64(self.x64))
            stack.enter_context(jax.numpy_dtype_promotion("strict"))
            stack.enter_context(jax.numpy_rank_promotion("raise"))
            yield

    def differentiate(self, loss: Function) -> Function:
        return in_jax(loss, self.trace)


class TracedJax(Jax):
    def trace(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return jax.jit(function)


class TensorFlow(Backend):
    def asarray(self, x: np.ndarray) -> tf.Tensor:
        return tf.constant(x)

    def to_numpy(self, x: tf.Tensor) -> np.ndarray:
        return x.numpy()

    def differentiate(self, loss: Function) -> Function:
        return self.trace(in_tensorflow(loss))


class TracedTensorFlow(TensorFlow):
    """A function traced once, for batches of any size."""

    def trace(self, function: Callable[..., Any]) -> Callable[..., Any]:
        traced = tf.function(function)

        def call(arrays: Mapping[str, Any]) -> Any:
            sizes = {key: tf.TensorSpec([None, *x.shape[1:]], x.dtype, name=key) for key, x in arrays.items()}
            return traced.get_concrete_function(sizes)(arrays)

        return call


FLOATS = (np.float64, np.float32)

numpy = Backend("numpy", losses, *FLOATS)
strict = Strict("strict", np.float64, boolean_indexing=True, data_dependent_shapes=True)
lazy_strict = Strict("strict-lazy", np.float32, boolean_indexing=False, data_dependent_shapes=False)
torch_core = Torch("torch-core", losses, np.float32)
torch_adapter = Torch("torch", Late("coupling.torch.functional"), *FLOATS)
jax_core = Jax("jax-core", losses, np.float32)
jax_adapter = Jax("jax", Late("coupling.jax"), np.float64)
jax_single = Jax("jax-x32", Late("coupling.jax"), np.float32, x64=False)
tensorflow = TensorFlow("tensorflow", Late("coupling.keras.functional"), *FLOATS, from_logits=True)

TRACED = (
    TracedTorch("torch-compile", Late("coupling.torch.functional"), *FLOATS),
    TracedJax("jax-jit", Late("coupling.jax"), np.float64),
    TracedJax("jax-jit-x32", Late("coupling.jax"), np.float32, x64=False),
    TracedTensorFlow("tf-function", Late("coupling.keras.functional"), *FLOATS, from_logits=True),
)
