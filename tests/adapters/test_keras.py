"""The Keras functions, on the backend that KERAS_BACKEND names: values and gradients, eager and traced."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest

from coupling import Relatedness, directed, losses
from coupling._numeric import logits_of_attributes, logits_of_classes
from coupling.keras import functional
from coupling.knowledge import du2014

# Keras' own conversion of PyTorch tensors to NumPy arrays.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")

BACKEND = keras.backend.backend()

RELATEDNESS = Relatedness(
    [[0.9, 0.1, 0.0, 0.5], [0.2, 0.7, 0.3, 0.0], [0.0, 0.0, 0.0, 0.0]],
    [[1.0, 0.5, 0.0, 2.0], [0.2, 0.7, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]],
    known=[True, True, False],
)
DM = ("class_logits", "attribute_logits")
SCA = ("class_logits", "attribute_labels")
ALL = (*DM, "class_labels", "attribute_labels")
CASES = {
    "dm": ("distribution_matching", DM, {}),
    "dm-binary": ("distribution_matching", DM, {"divergence": "binary_cross_entropy"}),
    "dm-kl": ("distribution_matching", DM, {"divergence": "kl", "reduction": "sum"}),
    "dm-js": ("distribution_matching", DM, {"divergence": "js", "attribute_mask": [True, False, True, True]}),
    "dm-class-mean": ("distribution_matching", DM, {"matching": "class_mean", "eps": 1e-3}),
    "sca": ("soft_co_annotation", SCA, {}),
    "sca-distillation": ("soft_co_annotation", SCA, {"divergence": "distillation", "temperature": 0.5}),
    "sca-js": ("soft_co_annotation", SCA, {"divergence": "js", "empty_row": "complement"}),
    "sca-posterior": ("soft_co_annotation", SCA, {"soft_label": "posterior", "prior": [0.2, 0.3, 0.5]}),
    "classes": ("class_cross_entropy", ("class_logits", "class_labels"), {"label_smoothing": 0.1}),
    "attributes": (
        "attribute_binary_cross_entropy",
        ("attribute_logits", "attribute_labels"),
        {"pos_weight": [1.0, 2.0, 3.0, 4.0]},
    ),
    "coupled": ("coupled", ALL, {"dm": {"divergence": "js"}, "sca": {"source": "both"}}),
}


def batch(size: int = 6) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(size)
    return {
        "class_logits": draw.normal(scale=3.0, size=(size, 3)).astype(np.float32),
        "attribute_logits": draw.normal(scale=3.0, size=(size, 4)).astype(np.float32),
        "class_labels": draw.integers(-1, 3, size=size),
        "attribute_labels": draw.choice([0.0, 1.0, 0.3, -1.0, 999.0, np.nan], size=(size, 4)).astype(
            np.float32
        ),
    }


def relation(name: str) -> tuple[Relatedness, ...]:
    return () if name in ("class_cross_entropy", "attribute_binary_cross_entropy") else (RELATEDNESS,)


def core(case: str, arrays: Sequence[np.ndarray]) -> Any:
    name, _, options = CASES[case]
    return getattr(losses, name)(*arrays, *relation(name), **options)


def adapter(case: str, arrays: Sequence[Any], **options: Any) -> Any:
    name, _, given = CASES[case]
    return getattr(functional, name)(*arrays, *relation(name), **given, **options)


def given(case: str, arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
    return [arrays[name] for name in CASES[case][1]]


def in_double(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [x.astype(np.float64) if x.dtype == np.float32 else x for x in arrays]


def numbers(result: Any) -> np.ndarray:
    return np.stack(
        [keras.ops.convert_to_numpy(x) for x in (result if isinstance(result, tuple) else [result])]
    )


def target(result: Any) -> Any:
    return result.total if isinstance(result, tuple) else result


def gradient(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """The derivative of a scalar function by its argument, as the users of each backend take it."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        variable = tf.Variable(x)
        with tf.GradientTape() as tape:
            value = function(variable)
        return tape.gradient(value, variable, unconnected_gradients="zero").numpy()
    if BACKEND == "jax":
        import jax

        return np.asarray(jax.grad(function)(jax.numpy.asarray(x)))
    import torch

    leaf = torch.tensor(x, requires_grad=True)
    (slope,) = torch.autograd.grad(function(leaf) + 0.0 * leaf.sum(), leaf)
    return slope.numpy()


def difference_quotient(
    function: Callable[[np.ndarray], Any], x: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    slopes = np.empty_like(x)
    for index in np.ndindex(*x.shape):
        shift = np.zeros_like(x)
        shift[index] = step
        slopes[index] = (function(x + shift) - function(x - shift)) / (2 * step)
    return slopes


def traced(function: Callable[..., Any], arrays: Sequence[np.ndarray]) -> Callable[..., Any]:
    """A compiled function: on TensorFlow and PyTorch for batches of any size."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        signature = [tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in arrays]
        return tf.function(function, input_signature=signature)
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    import torch

    torch.compiler.reset()
    return torch.compile(function, backend="eager")


def probabilities(case: str, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The same batch with what a softmax and a sigmoid make of the logits."""
    made = dict(zip(CASES[case][1], arrays, strict=True))
    if "class_logits" in made:
        powers = np.exp(made["class_logits"])
        made["class_logits"] = powers / powers.sum(axis=1, keepdims=True)
    if "attribute_logits" in made:
        made["attribute_logits"] = 1 / (1 + np.exp(-made["attribute_logits"]))
    return list(made.values())


@pytest.mark.parametrize("size", [6, 1, 0])
@pytest.mark.parametrize("case", CASES)
def test_values_from_logits(case: str, size: int) -> None:
    arrays = given(case, batch(size))
    actual = numbers(adapter(case, arrays, from_logits=True))
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, numbers(core(case, in_double(arrays))), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_values_from_probabilities(case: str) -> None:
    arrays = given(case, batch())
    actual = numbers(adapter(case, probabilities(case, arrays)))
    np.testing.assert_allclose(actual, numbers(core(case, in_double(arrays))), rtol=1e-4, atol=1e-5)


def test_certain_probabilities_are_clipped() -> None:
    certain = [[0.0, 1.0, 0.0]]
    assert float(functional.class_cross_entropy(certain, [0])) == pytest.approx(-np.log(1e-7), rel=1e-5)
    assert float(functional.class_cross_entropy(certain, [1])) == pytest.approx(0.0, abs=1e-6)
    assert float(functional.attribute_binary_cross_entropy([[0.0]], [[1]])) == pytest.approx(
        -np.log(1e-7), rel=1e-5
    )


def along(function: Callable[[list[Any]], Any], arrays: list[np.ndarray], index: int) -> Callable[[Any], Any]:
    """What is differentiated, as a function of one of the arrays."""
    return lambda x: target(function([*arrays[:index], x, *arrays[index + 1 :]]))


@pytest.mark.parametrize("case", CASES)
def test_gradients_from_logits(case: str) -> None:
    arrays = given(case, batch())
    if case == "coupled":  # the predictions that co-annotate are held fixed, a difference quotient moves them
        arrays[3] = np.nan_to_num(arrays[3]).clip(0.0, 1.0)
    double = in_double(arrays)
    for index, name in enumerate(CASES[case][1]):
        if name.endswith("_logits"):
            actual = gradient(along(partial(adapter, case, from_logits=True), arrays, index), arrays[index])
            expected = difference_quotient(along(partial(core, case), double, index), double[index])
            np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("case", "formula"), [("classes", logits_of_classes), ("attributes", logits_of_attributes)]
)
def test_gradients_from_probabilities(case: str, formula: Callable[..., np.ndarray]) -> None:
    predictions, labels = probabilities(case, given(case, batch()))
    actual = gradient(lambda x: adapter(case, [x, labels]), predictions)
    expected = difference_quotient(
        lambda x: core(case, [formula(x, np), labels]), predictions.astype(np.float64), step=1e-7
    )
    np.testing.assert_allclose(actual, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("head", ["classes", "attributes"])
def test_detach_holds_one_head_fixed(head: str) -> None:
    z, s = given("dm", batch())

    def loss(z: Any, s: Any) -> Any:
        return functional.distribution_matching(z, s, RELATEDNESS, from_logits=True, detach=head)

    slopes = {"classes": gradient(lambda z: loss(z, s), z), "attributes": gradient(lambda s: loss(z, s), s)}
    assert {name for name, slope in slopes.items() if not slope.any()} == {head}


@pytest.mark.parametrize("case", CASES)
def test_traced_for_any_batch(case: str) -> None:
    function = traced(lambda *x: adapter(case, x, from_logits=True), given(case, batch()))
    for size in (6, 3, 0):
        arrays = given(case, batch(size))
        actual = numbers(function(*[keras.ops.convert_to_tensor(x) for x in arrays]))
        np.testing.assert_allclose(actual, numbers(core(case, in_double(arrays))), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("size", [0, 3])
def test_gradients_without_any_label_are_zero(size: int) -> None:
    arrays = batch(size)
    arrays["class_labels"][:] = -1
    arrays["attribute_labels"][:] = np.nan
    z, *rest = given("coupled", arrays)
    options = {"from_logits": True, "weights": {"distribution_matching": 0.0}}
    slope = gradient(lambda z: functional.coupled(z, *rest, RELATEDNESS, **options).total, z)
    np.testing.assert_array_equal(slope, np.zeros((size, 3)))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_gives_float32(dtype: str) -> None:
    for case in CASES:
        arrays = [keras.ops.convert_to_tensor(x) for x in probabilities(case, given(case, batch()))]
        arrays = [
            keras.ops.cast(x, dtype) if name.endswith("_logits") else x
            for name, x in zip(CASES[case][1], arrays, strict=True)
        ]
        result = adapter(case, arrays)
        assert {keras.backend.standardize_dtype(x.dtype) for x in (target(result),)} == {"float32"}
        assert np.isfinite(numbers(result)).all()


def test_coupled_weighs_the_parts_by_their_own() -> None:
    arrays = given("coupled", batch())
    single = functional.coupled(*arrays, RELATEDNESS, from_logits=True, sample_weight=np.arange(6.0))
    parts = functional.coupled(
        *arrays,
        RELATEDNESS,
        from_logits=True,
        sample_weight={"attributes": np.arange(6.0), "classes": [1] * 6},
    )
    plain = functional.coupled(*arrays, RELATEDNESS, from_logits=True)
    assert float(parts.attributes) == float(single.attributes) != float(plain.attributes)
    assert float(parts.classes) == float(plain.classes) != float(single.classes)
    assert float(parts.distribution_matching) == float(plain.distribution_matching)


def test_the_directed_preset() -> None:
    arrays = given("coupled", batch())
    options = directed(20, 600)
    actual = functional.coupled(*arrays, RELATEDNESS, from_logits=True, **options)
    expected = losses.coupled(*in_double(arrays), RELATEDNESS, **options)
    np.testing.assert_allclose(numbers(actual), numbers(expected), rtol=2e-5)


def test_bad_shapes_raise_while_tracing() -> None:
    z, s = np.zeros((2, 8), np.float32), np.zeros((2, 17), np.float32)
    table = du2014()
    function = traced(lambda z, s: functional.distribution_matching(z, s, table, from_logits=True), [z, s])
    with pytest.raises(Exception, match=r"class_logits should have shape \(B, C\) with .*C = 7, got"):
        function(keras.ops.convert_to_tensor(z), keras.ops.convert_to_tensor(s))


@pytest.mark.nan
def test_labels_beyond_the_classes_are_nan_where_they_cannot_be_read() -> None:
    z, c = np.zeros((2, 3), np.float32), np.array([0, 3], np.int32)
    function = traced(lambda z, c: functional.class_cross_entropy(z, c, from_logits=True), [z, c])
    assert np.isnan(float(function(keras.ops.convert_to_tensor(z), keras.ops.convert_to_tensor(c))))
