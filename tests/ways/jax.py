"""The ways of running JAX code, each over the losses that it is given, as in `ways.torch`.

In double precision, with strict promotion of dtypes and ranks.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh, PartitionSpec

import coupling.jax
from ways.cases import CASES, EVERY_WAY, Found, Kind, choose

# Compiling takes nearly all of the time, and a third of it like this.
jax.config.update("jax_disable_most_optimizations", not EVERY_WAY)

Batches = dict[str, dict[str, jax.Array]]
Values = dict[str, jax.Array]
Way = Callable[[Sequence[str]], Found]


def strict(way: Way) -> Way:
    @wraps(way)
    def run(names: Sequence[str]) -> Found:
        with ExitStack() as stack:
            stack.enter_context(jax.enable_x64(True))
            stack.enter_context(jax.numpy_dtype_promotion("strict"))
            stack.enter_context(jax.numpy_rank_promotion("raise"))
            return way(names)

    return run


def missing() -> AbstractContextManager[Any]:
    """Labels that are missing are NaN to begin with, and no sign of an error."""
    return jax.debug_nans(False)


def arrays(names: Sequence[str], kind: Kind) -> Batches:
    with missing():
        return {name: jax.tree.map(jnp.asarray, dict(choose(CASES[name].arrays, kind))) for name in names}


def inputs(names: Sequence[str]) -> tuple[Batches, Batches]:
    return arrays(names, "logits"), arrays(names, "labels")


def losses(logits: Batches, labels: Batches, **options: Any) -> tuple[jax.Array, Values]:
    """Their sum, and each by its name."""
    values = {
        name: CASES[name].call(coupling.jax, {**logits[name], **labels[name]}, **options) for name in logits
    }
    return jnp.sum(jnp.stack(list(values.values()))), values


def quantities(values: Values, of: str = "value", **by: Batches) -> Found:
    found: Any = {name: {of: np.asarray(value)} for name, value in values.items()}
    for kind, batches in by.items():
        for name, group in batches.items():
            arrays = {f"{kind.replace('_', ' ')} by {key}": np.asarray(x) for key, x in group.items()}
            found[name] |= arrays
    return found


slopes = partial(jax.value_and_grad, has_aux=True)


def first(tree: Any) -> Any:
    return jax.tree.map(lambda x: x[0], tree)


@strict
def grad(names: Sequence[str]) -> Found:
    (_, values), gradient = slopes(losses)(*inputs(names))
    return quantities(values, gradient=gradient)


@strict
def jit(names: Sequence[str]) -> Found:
    (_, values), gradient = jax.jit(slopes(losses))(*inputs(names))
    return quantities(values, gradient=gradient)


def two_batches(names: Sequence[str]) -> tuple[Batches, Batches]:
    """The batch, and one with other logits and labels."""
    logits, labels = inputs(names)
    with missing():
        return (
            jax.tree.map(lambda x: jnp.stack([x, x / 2]), logits),
            jax.tree.map(lambda x: jnp.stack([x, x[::-1]]), labels),
        )


@strict
def vmap(names: Sequence[str]) -> Found:
    """Over two batches, of which the first is compared."""
    (_, values), gradient = jax.jit(jax.vmap(slopes(losses)))(*two_batches(names))
    return quantities(first(values), gradient=first(gradient))


@strict
def vmap_samples(names: Sequence[str]) -> Found:
    """Each sample a batch of its own; added up, they are the sum of the batch."""
    coupled = any(CASES[name].loss.startswith("coupled") for name in names)
    options = {} if coupled else {"reduction": "sum"}

    def one(logits: Batches, labels: Batches) -> tuple[jax.Array, Values]:
        return losses(*jax.tree.map(lambda x: x[None], (logits, labels)), **options)

    (_, values), gradient = jax.jit(jax.vmap(slopes(one)))(*inputs(names))
    return quantities(jax.tree.map(jnp.sum, values), of="sum", gradient_of_the_sum=gradient)


@strict
def jvp(names: Sequence[str]) -> Found:
    logits, labels = inputs(names)
    along = arrays(names, "direction")
    slope = jax.jit(lambda: jax.jvp(lambda x: losses(x, labels)[1], (logits,), (along,))[1])()
    return quantities(slope, of="slope")


@strict
def hessian(names: Sequence[str]) -> Found:
    """Its product with a direction."""
    logits, labels = inputs(names)
    point, unravel = ravel_pytree(logits)
    along, _ = ravel_pytree(arrays(names, "direction"))
    matrix = jax.jit(jax.hessian(lambda x: losses(unravel(x), labels)[0]))(point)
    return quantities(losses(logits, labels)[1], curvature=unravel(matrix @ along))


@strict
def scan(names: Sequence[str]) -> Found:
    """Over two batches, of which the first is compared."""

    def summed(logits: Batches, labels: Batches) -> tuple[jax.Array, Values]:
        def step(carry: jax.Array, batch: tuple[Batches, Batches]) -> tuple[jax.Array, Values]:
            value, values = losses(*batch)
            return carry + value, values

        return jax.lax.scan(step, jnp.zeros(()), (logits, labels))

    (_, values), gradient = jax.jit(slopes(summed))(*two_batches(names))
    return quantities(first(values), gradient=first(gradient))


@strict
def checkpoint(names: Sequence[str]) -> Found:
    (_, values), gradient = jax.jit(slopes(jax.checkpoint(losses)))(*inputs(names))
    return quantities(values, gradient=gradient)


@strict
def shard_map(names: Sequence[str]) -> Found:
    """On one device, which has the whole batch: the mean over the devices is its loss."""

    def shared(logits: Batches, labels: Batches) -> tuple[jax.Array, Values]:
        return jax.tree.map(lambda x: jax.lax.pmean(x, "batch"), losses(logits, labels))

    mesh = Mesh(jax.devices()[:1], ("batch",))
    samples = PartitionSpec("batch")
    sharded = jax.shard_map(shared, mesh=mesh, in_specs=(samples, samples), out_specs=PartitionSpec())
    (_, values), gradient = jax.jit(slopes(sharded))(*inputs(names))
    return quantities(values, gradient=gradient)
