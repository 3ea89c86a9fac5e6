"""TensorFlow's namespace: exactly what the core asks of one, as the standard has it."""

import inspect
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from coupling._namespace import Namespace
from coupling.keras import _inputs
from coupling.keras import _tensorflow as xp

HOOKS = {"is_array", "constant", "stop_gradient", "read", "library"}
FUNCTIONS = [
    name for name, _ in inspect.getmembers(Namespace, inspect.isfunction) if not name.startswith("_")
]
DTYPES = set(Namespace.__annotations__)


def test_names() -> None:
    assert set(xp.__all__) == {*FUNCTIONS, *DTYPES, *HOOKS}
    assert all(hasattr(xp, name) for name in xp.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_signatures(name: str) -> None:
    asked = list(inspect.signature(getattr(Namespace, name)).parameters.values())[1:]
    brought = inspect.signature(getattr(xp, name)).parameters.values()
    assert [(p.name, p.kind, p.default is p.empty) for p in brought] == [
        (p.name, p.kind, p.default is p.empty) for p in asked
    ]


def test_numbers_keep_their_precision() -> None:
    assert xp.asarray([0.1], dtype=tf.float64).numpy() == 0.1
    assert xp.asarray(0.1).dtype == tf.float64
    assert xp.constant([True], tf.zeros(1), tf.bool).dtype == tf.bool
    with tf.device("CPU:0"):
        assert xp.asarray([1, 2], device="CPU:0").device.endswith("CPU:0")


def test_a_tensor_stays_what_it_is() -> None:
    x = tf.constant([1.0])
    assert xp.asarray(x) is x


@pytest.mark.parametrize("name", ["any", "max", "sum"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_reductions(name: str, axis: int | None) -> None:
    x = np.array([[1.0, 5.0], [7.0, 3.0], [0.0, 0.0]])
    x = x > 2 if name == "any" else x
    np.testing.assert_array_equal(getattr(xp, name)(tf.constant(x), axis=axis), getattr(np, name)(x, axis))
    np.testing.assert_array_equal(
        getattr(xp, name)(tf.constant(x), axis=axis, keepdims=True), getattr(np, name)(x, axis, keepdims=True)
    )


def test_ranks() -> None:
    shapes = (tf.TensorShape(None), tf.TensorShape([2, None]), (2, 3))
    assert [_inputs._rank(SimpleNamespace(shape=shape)) for shape in shapes] == [None, 2, 2]


def test_where_takes_python_numbers() -> None:
    condition = tf.constant([True, False])
    for dtype in (tf.float64, tf.float32, tf.float16, tf.bfloat16):
        x = tf.constant([1.0, 2.0], dtype)
        assert xp.where(condition, x, 0.0).dtype == xp.where(condition, 0.0, x).dtype == dtype
    with pytest.raises(ValueError, match="float64"):
        xp.where(condition, tf.zeros(2, tf.float64), tf.zeros(2, tf.float32))


def test_dtypes() -> None:
    assert [xp.finfo(dtype).bits for dtype in (tf.bfloat16, tf.float16, tf.float32, tf.float64)] == [
        16,
        16,
        32,
        64,
    ]
    assert [xp.iinfo(dtype).bits for dtype in (tf.uint8, tf.int32, tf.int64)] == [8, 32, 64]
    kinds = {tf.bool: "bool", tf.int8: "integral", tf.uint64: "integral", tf.bfloat16: "real floating"}
    for dtype, kind in kinds.items():
        for other in ("bool", "integral", "real floating"):
            assert xp.isdtype(dtype, other) == (kind == other)


def test_the_matrix_product_is_wider_than_its_factors() -> None:
    """In float32 the one would be lost, and on a GPU more."""
    product = xp.matmul(tf.constant([[1e4, 1.0, -1e4]]), tf.constant([[1e4], [1.0], [1e4]]))
    assert product.dtype == tf.float32
    assert product.numpy() == 1.0


@pytest.mark.parametrize("xla", [False, True])
def test_an_axis_that_turns_out_empty(xla: bool) -> None:
    @tf.function(input_signature=[tf.TensorSpec([2, None])], jit_compile=xla)
    def top_and_slope(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        top = xp.max(x, axis=1, keepdims=True)
        return top, tf.gradients(tf.where(tf.math.is_finite(top), top, 0.0), x)[0]

    top, slope = top_and_slope(tf.zeros((2, 0)))
    assert (top.numpy() == -np.inf).all()
    assert slope.shape == (2, 0)


def test_reading() -> None:
    np.testing.assert_array_equal(xp.read(tf.Variable([1, 2])), [1, 2])
    seen = []
    tf.function(lambda x: seen.append(xp.read(x)))(tf.constant([1, 2]))
    assert seen == [None]


def test_arrays() -> None:
    assert xp.is_array(tf.constant(1.0))
    assert xp.is_array(tf.Variable(1.0))
    for other in (np.zeros(1), [1.0], tf.RaggedTensor.from_row_lengths([1.0], [1]), tf.sparse.eye(2)):
        assert not xp.is_array(other)


def test_holding_fixed() -> None:
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * xp.stop_gradient(x)
    assert tape.gradient(y, x).numpy() == 2.0


REPLICAS = """
import numpy as np, tensorflow as tf, keras
from contextlib import nullcontext
from coupling import Relatedness
from coupling.keras import CoupledModel, DistributionMatching, SoftCoAnnotationLoss

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
table = Relatedness([[0.9, 0.1], [0.2, 0.7]])
draw = np.random.default_rng(0)
x, attributes = draw.normal(size=(8, 3)), draw.integers(0, 2, (8, 2))
labels = {"classes": draw.integers(0, 2, 8), "attributes": attributes}

def coupled(x, z, s):
    model = CoupledModel(x, {"classes": z, "attributes": s}, relatedness=table)
    model.compile("sgd")
    return model, labels

def added(x, z, s):
    z, s = DistributionMatching(table, name="dm")([z, s])
    model = keras.Model(x, z)
    model.compile("sgd", loss=SoftCoAnnotationLoss(table))
    return model, attributes

for build in (coupled, added):
    results = []
    for scope in (nullcontext(), tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()):
        with scope:
            keras.utils.set_random_seed(0)
            inputs = keras.Input((3,))
            heads = [keras.layers.Dense(2, head)(inputs) for head in ("softmax", "sigmoid")]
            model, y = build(inputs, *heads)
        logs = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
        results.append({**logs, "weights": np.concatenate([w.ravel() for w in model.get_weights()[:4]])})
    for name in results[0]:
        np.testing.assert_allclose(results[1][name], results[0][name], rtol=1e-5, err_msg=name)
print("agree")
"""


def test_two_replicas_train_as_one() -> None:
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(
        [sys.executable, "-c", REPLICAS], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("agree\n"), done.stderr
