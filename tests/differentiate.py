"""A loss with the gradient of its sum (or of its total) by the logits, in each framework."""

from collections.abc import Callable, Mapping
from typing import Any

Function = Callable[[Mapping[str, Any]], Any]
Differentiated = Callable[[Mapping[str, Any]], tuple[Any, dict[str, Any]]]


def target(result: Any) -> Any:
    """What is differentiated: the total where there are terms."""
    return result[0] if isinstance(result, tuple) else result


def split(arrays: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The logits, and the other arrays."""
    logits = {name: x for name, x in arrays.items() if name.endswith("_logits")}
    return logits, {name: x for name, x in arrays.items() if name not in logits}


def in_torch(loss: Function) -> Differentiated:
    """By the tape."""
    import torch

    def differentiated(arrays: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        logits = {key: x.requires_grad_() for key, x in split(arrays)[0].items()}
        result = loss(arrays)
        # A head that is held fixed has no gradient to ask for; its own zero is one.
        summed = target(result).sum() + sum(0.0 * x.sum() for x in logits.values())
        return result, dict(zip(logits, torch.autograd.grad(summed, list(logits.values())), strict=True))

    return differentiated


def in_jax(loss: Function, trace: Callable[..., Any]) -> Differentiated:
    """In reverse, as one function that may be traced."""
    import jax

    def summed(logits: Mapping[str, Any], others: Mapping[str, Any]) -> tuple[Any, Any]:
        result = loss({**logits, **others})
        return target(result).sum(), result

    traced = trace(jax.value_and_grad(summed, has_aux=True))

    def differentiated(arrays: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        (_, result), slopes = traced(*split(arrays))
        return result, slopes

    return differentiated


def in_tensorflow(loss: Function) -> Differentiated:
    """By the tape."""
    import tensorflow as tf

    def differentiated(arrays: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        logits, _ = split(arrays)
        with tf.GradientTape() as tape:
            tape.watch(logits)
            result = loss(arrays)
            summed = tf.reduce_sum(target(result))
        return result, tape.gradient(summed, logits, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return differentiated
