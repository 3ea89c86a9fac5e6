"""Keras on two virtual devices: prints how far training is from that on one.

Run as ``python keras_devices.py WAY`` with the backend of that way: "mirrored" (TensorFlow), "distribution"
(JAX) or "processes" (PyTorch).
"""

import json
import sys
import tempfile
from contextlib import nullcontext

import keras
import numpy as np

from coupling import Relatedness
from coupling.keras import CoupledModel, DistributionMatching, SoftCoAnnotationLoss
from coupling.keras.functional import coupled

keras.config.set_floatx("float64")
TABLE = Relatedness([[0.9, 0.1], [0.2, 0.7], [0.5, 0.4]], known=[True, True, False])
MEANS = {"dm": {"matching": "class_mean"}, "sca": {"divergence": "js"}}
draw = np.random.default_rng(0)
x = draw.normal(size=(8, 3))
classes, attributes = draw.integers(-1, 3, 8), draw.integers(-1, 2, (8, 2)).astype(float)
classes[:4], attributes[:4] = -1, np.nan  # the first device has no label
LABELS = {"classes": classes, "attributes": attributes}
OPTIONS = {"relatedness": TABLE, "synchronized": True}


def of_equation(inputs, z, s):
    model = CoupledModel(inputs, {"classes": z, "attributes": s}, **OPTIONS, **MEANS)
    model.compile("sgd")
    return model, LABELS


def of_parts(inputs, z, s):
    z, s = DistributionMatching(**OPTIONS, divergence="js", name="dm")([z, s])
    model = keras.Model(inputs, z)
    model.compile("sgd", loss=SoftCoAnnotationLoss(**OPTIONS))
    return model, attributes


def train(build, scope):
    with scope:
        keras.utils.set_random_seed(0)
        inputs = keras.Input((3,))
        heads = keras.layers.Dense(3, "softmax")(inputs), keras.layers.Dense(2, "sigmoid")(inputs)
        model, y = build(inputs, *heads)
    logs = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    weights = {weight.path: weight.numpy() for weight in model.trainable_weights}
    return logs, dict(enumerate(weights.values()))


def distance(one, other):
    assert one.keys() == other.keys()
    return max(float(np.abs(np.asarray(one[name]) - np.asarray(other[name])).max()) for name in one)


def mirrored():
    import tensorflow as tf

    processor = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
    # One for both models: another one's collectives would be taken for those of the first.
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    for build in (of_equation, of_parts):
        (logs, weights), (several_logs, several) = (
            train(build, scope) for scope in (nullcontext(), strategy.scope())
        )
        yield f"{build.__name__}: logs", distance(logs, several_logs)
        yield f"{build.__name__}: weights", distance(weights, several)


def distribution():
    logs, weights = train(of_equation, nullcontext())
    parallel = keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"])
    keras.distribution.set_distribution(parallel)
    several_logs, several = train(of_equation, nullcontext())
    yield "of_equation: logs", distance(logs, several_logs)
    yield "of_equation: weights", distance(weights, several)


def process(rank, folder):
    import torch
    from torch import distributed

    distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    z, s = (torch.asarray(draw.normal(size=(8, size)), requires_grad=True) for size in (3, 2))
    options = {"relatedness": TABLE, "from_logits": True, **MEANS}
    whole = torch.autograd.grad(coupled(z, s, classes, attributes, **options).total, [z, s])
    own = slice(0, 4) if rank == 0 else slice(4, 8)
    part = coupled(z[own], s[own], classes[own], attributes[own], **options, synchronized=True).total
    for mine, all_of_it in zip(torch.autograd.grad(part, [z, s]), whole, strict=True):
        torch.testing.assert_close(mine[own] / 2, all_of_it[own], rtol=0, atol=1e-10)
    distributed.destroy_process_group()


def processes():
    import torch

    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.start_processes(process, (folder,), nprocs=2, start_method="fork")
    yield "gradients", 0.0


if __name__ == "__main__":
    found = dict({"mirrored": mirrored, "distribution": distribution, "processes": processes}[sys.argv[1]]())
    print(json.dumps(found))
