"""Each backend as its users call it: a loss prepared once, then its values and gradients for many batches.

A framework is imported where it is used, so that the checks run where only some of them are installed.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from importlib import import_module
from typing import Any

import numpy as np
from autodiff import Outcome
from differentiate import in_jax, in_tensorflow, in_torch
from oracle_graph import terms

Arrays = Mapping[str, np.ndarray]
Call = Callable[[Arrays], Outcome]
Function = Callable[[Mapping[str, Any]], Any]


def function(module: Any, loss: str, options: Mapping[str, Any], **fixed: Any) -> Function:
    """Return the loss of a mapping of arrays; of a graph, one that takes each task's arrays by one name."""
    chosen = getattr(module, loss)
    if loss != "coupled_graph":
        return lambda arrays: chosen(**arrays, **options, **fixed)

    def of_graph(arrays: Mapping[str, Any]) -> Any:
        graph = options["graph"]
        logits, labels = ({t: arrays[f"{t}_{x}"] for t in graph.tasks} for x in ("logits", "labels"))
        return terms(chosen(logits, labels, graph, sample_weight=arrays.get("sample_weight"), **fixed))

    return of_graph


class Backend:
    """NumPy: the core, called as it is. Takes no gradients."""

    name = "NumPy"
    module = "coupling.losses"
    fixed: Mapping[str, Any] = {}

    def __init__(self, dtype: str = "float32", device: str = "cpu") -> None:
        self.dtype, self.device = dtype, device

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context that everything is done in."""
        return nullcontext()

    def asarray(self, x: np.ndarray) -> Any:
        """Return an array of the framework, floats in the backend's dtype."""
        return x.astype(self.dtype) if x.dtype.kind == "f" else x

    def to_numpy(self, x: Any) -> np.ndarray:
        """Return the values."""
        return np.asarray(x)

    def differentiate(self, loss: Function) -> Function:
        """Return a function from arrays to the result and the slopes by name."""
        return lambda arrays: (loss(arrays), {})

    def prepare(self, loss: str, options: Mapping[str, Any]) -> Call:
        """Return a function from batches to outcomes."""
        module = import_module(self.module)
        with self.scope():
            own = {key: x.tolist() if isinstance(x, np.ndarray) else x for key, x in options.items()}
            differentiated = self.differentiate(function(module, loss, own, **self.fixed))

        def call(batch: Arrays) -> Outcome:
            with self.scope():
                result, slopes = differentiated({key: self.asarray(x) for key, x in batch.items()})
                values = [self.to_numpy(x) for x in result] if isinstance(result, tuple) else result
                value = np.stack(values) if isinstance(result, tuple) else self.to_numpy(result)
                return Outcome(value, {key: self.to_numpy(x) for key, x in slopes.items()})

        return call


class Torch(Backend):
    """PyTorch, eager."""

    name = "PyTorch"
    module = "coupling.torch.functional"
    compiler: str | None = None

    def asarray(self, x: np.ndarray) -> Any:
        """Return a tensor on the device."""
        import torch

        tensor = torch.asarray(x.copy(), device=self.device)
        return tensor.to(getattr(torch, self.dtype)) if x.dtype.kind == "f" else tensor

    def to_numpy(self, x: Any) -> np.ndarray:
        """Return the values, of bfloat16 as float32."""
        import torch

        x = x.detach().cpu()
        values: np.ndarray = (x.float() if x.dtype == torch.bfloat16 else x).numpy()
        return values

    def differentiate(self, loss: Function) -> Function:
        """Differentiate by the tape."""
        import torch

        if self.compiler is not None:
            torch.compiler.reset()  # every loss is the same lambda, and PyTorch counts its compilations
            loss = torch.compile(loss, fullgraph=True, backend=self.compiler)
        return in_torch(loss)


class CompiledTorch(Torch):
    """torch.compile with its default compiler."""

    name = "torch.compile"
    compiler = "inductor"


class Jax(Backend):
    """JAX, operation by operation."""

    name = "JAX"
    module = "coupling.jax"
    precision: str | None = None

    def scope(self) -> AbstractContextManager[Any]:
        """Return the context of the dtype, the device and the precision of products."""
        import jax

        stack = ExitStack()
        stack.enter_context(jax.enable_x64(self.dtype == "float64"))
        stack.enter_context(jax.default_device(jax.devices(self.device)[0]))
        if self.precision is not None:
            stack.enter_context(jax.default_matmul_precision(self.precision))
        return stack

    def asarray(self, x: np.ndarray) -> Any:
        """Return an array on the default device."""
        import jax.numpy as jnp

        return jnp.asarray(x, dtype=self.dtype if x.dtype.kind == "f" else None)

    def to_numpy(self, x: Any) -> np.ndarray:
        """Return the values, of bfloat16 as float32."""
        return np.asarray(x.astype("float32") if x.dtype == "bfloat16" else x)

    def differentiate(self, loss: Function) -> Function:
        """Differentiate in reverse."""
        return in_jax(loss, self.trace)

    def trace(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return call


class CompiledJax(Jax):
    """JAX under jit."""

    name = "jax.jit"

    def trace(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function compiled."""
        import jax

        return jax.jit(call)


class TensorFlow(Backend):
    """TensorFlow through Keras' functions, eager."""

    name = "TensorFlow"
    module = "coupling.keras.functional"
    fixed: Mapping[str, Any] = {"from_logits": True}
    traced: Mapping[str, Any] | None = None

    def asarray(self, x: np.ndarray) -> Any:
        """Return a tensor."""
        import tensorflow as tf

        return tf.constant(x.astype(self.dtype) if x.dtype.kind == "f" else x)

    def to_numpy(self, x: Any) -> np.ndarray:
        """Return the values."""
        values: np.ndarray = x.numpy()
        return values

    def differentiate(self, loss: Function) -> Function:
        """Differentiate by the tape."""
        import tensorflow as tf

        differentiated = in_tensorflow(loss)
        return differentiated if self.traced is None else tf.function(differentiated, **self.traced)


class TracedTensorFlow(TensorFlow):
    """A function of TensorFlow."""

    name = "tf.function"
    traced: Mapping[str, Any] | None = {}


class CompiledTensorFlow(TensorFlow):
    """A function of TensorFlow that XLA compiles."""

    name = "tf.function, XLA"
    traced: Mapping[str, Any] | None = {"jit_compile": True}


BACKENDS: tuple[type[Backend], ...] = (
    Backend,
    Torch,
    CompiledTorch,
    Jax,
    CompiledJax,
    TensorFlow,
    TracedTensorFlow,
    CompiledTensorFlow,
)
