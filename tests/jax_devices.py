"""Eight virtual devices: prints how far value and gradient are from those of one, by what is done."""

import json
import sys

import jax
import numpy as np
from jax.lax import pmean
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from coupling import Relatedness, directed
from coupling.jax import coupled

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)
mesh = jax.make_mesh((2, 4), ("a", "b"), axis_types=(AxisType.Auto,) * 2)
AXES = ("a", "b")
ROWS, EVERYWHERE = PartitionSpec(AXES), PartitionSpec()

draw = np.random.default_rng(0)
classes, attributes = draw.integers(-1, 3, 24), draw.integers(-1, 2, (24, 2)).astype(float)
classes[:9], attributes[3:12] = -1, np.nan  # the first devices have no label of some kind, one of none
BATCH = draw.normal(size=(24, 4)), classes, attributes
WEIGHTS = draw.normal(size=(4, 5))
TABLE = Relatedness([[0.9, 0.1], [0.2, 0.7], [0.5, 0.4]], known=[True, True, False])


def total(**options):
    def loss(weights, x, classes, attributes, **axis):
        out = x @ weights
        return coupled(out[:, :3], out[:, 3:], classes, attributes, TABLE, **options, **axis).total

    return loss


LOSSES = {
    "directed": total(**directed(20, 600)),
    "divergences": total(dm={"divergence": "kl"}, sca={"divergence": "js"}),
}


def shard_map(function, **options):
    specs = {"in_specs": (EVERYWHERE, ROWS, ROWS, ROWS), "out_specs": EVERYWHERE}
    return jax.shard_map(function, mesh=mesh, **specs, **options)


def ways(loss):
    """Value and gradient, in the ways that JAX has for it."""

    def averaged(weights, *shard):
        return pmean(loss(weights, *shard, axis_name=AXES), AXES)

    def slopes(weights, *shard):
        return pmean(jax.value_and_grad(lambda w: loss(w, *shard, axis_name=AXES))(weights), AXES)

    yield "outside", jax.value_and_grad(shard_map(averaged))
    yield "outside, unchecked", jax.value_and_grad(shard_map(averaged, check_vma=False))
    yield "inside", shard_map(jax.value_and_grad(averaged))
    yield "inside, unchecked", shard_map(slopes, check_vma=False)
    yield "jit", jax.value_and_grad(loss)


def errors():
    arrays = [jax.device_put(array, NamedSharding(mesh, ROWS)) for array in BATCH]
    for name, loss in LOSSES.items():
        expected = jax.device_get(jax.jit(jax.value_and_grad(loss))(WEIGHTS, *BATCH))
        for way, function in ways(loss):
            found = jax.device_get(jax.jit(function)(WEIGHTS, *arrays))
            pairs = zip(found, expected, strict=True)
            yield f"{name}: {way}", max(float(np.abs(own - whole).max()) for own, whole in pairs)


if __name__ == "__main__":
    assert jax.device_count() == 8
    json.dump(dict(errors()), sys.stdout)
