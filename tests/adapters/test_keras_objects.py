"""The Keras loss objects and the layer: in `compile` and in a model, saved and loaded, rightly refused."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from coupling import Relatedness, losses
from coupling._numeric import logits_of_attributes, logits_of_classes
from coupling.keras import DistributionMatching, DistributionMatchingLoss, SoftCoAnnotationLoss, functional

# Keras' own conversion of PyTorch tensors to NumPy arrays.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")

RELATEDNESS = Relatedness(
    [[0.9, 0.1, 0.0, 0.5], [0.2, 0.7, 0.3, 0.0], [0.0, 0.0, 0.4, 0.0]],
    [[1.0, 0.5, 0.0, 2.0], [0.2, 0.7, 1.0, 0.0], [0.0, 0.0, 1 / 3, 0.0]],
    classes=["gull", "crow", "other"],
    known=[True, True, False],
    source="test",
)
OPTIONS: dict[type, dict[str, Any]] = {
    DistributionMatchingLoss: {
        "divergence": "js",
        "attribute_mask": np.array([True, False, True, True]),
        "eps": np.float64(1e-3),
        "detach": "classes",
        "reduction": "sum",
        "from_logits": True,
    },
    SoftCoAnnotationLoss: {
        "divergence": "distillation",
        "soft_label": "posterior",
        "prior": np.array([0.2, 0.3, 0.5]),
        "detach": "attributes",
        "reduction": "none",
        "name": "sca",
    },
    DistributionMatching: {
        "matching": "class_mean",
        "weight": np.float32(0.5),
        "attribute_mask": np.array([True, False, True, True]),
        "from_logits": True,
        "name": "dm",
    },
}


def batch(size: int = 8) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(0)
    powers = draw.gamma(1.0, size=(size, 3))
    return {
        "x": draw.normal(size=(size, 5)).astype(np.float32),
        "classes": (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32),
        "attributes": draw.uniform(size=(size, 4)).astype(np.float32),
        "labels": draw.choice([0.0, 1.0, -1.0, np.nan], size=(size, 4)).astype(np.float32),
    }


def same(x: Any, y: Any) -> None:
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(x), keras.ops.convert_to_numpy(y))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_losses_are_the_functions(reduction: str) -> None:
    arrays = batch()
    z, s, labels = arrays["classes"], arrays["attributes"], arrays["labels"]
    weight = np.arange(8.0, dtype=np.float32)
    dm = DistributionMatchingLoss(RELATEDNESS, divergence="kl", reduction=reduction)
    expected = functional.distribution_matching(
        z, s, RELATEDNESS, divergence="kl", reduction=reduction, sample_weight=weight
    )
    same(dm(z, s, sample_weight=weight), expected)
    sca = SoftCoAnnotationLoss(RELATEDNESS, temperature=0.5, reduction=reduction)
    expected = functional.soft_co_annotation(z, labels, RELATEDNESS, temperature=0.5, reduction=reduction)
    same(sca(labels, z), expected)
    assert expected.shape == ((8,) if reduction == "none" else ())


def network(*heads: str, policy: str | None = None) -> tuple[keras.KerasTensor, list[keras.KerasTensor]]:
    keras.utils.set_random_seed(0)
    x = keras.Input((5,))
    hidden = keras.layers.Dense(8, "relu", dtype=policy)(x)
    sizes = {"softmax": 3, "sigmoid": 4}
    return x, [keras.layers.Dense(sizes[head], head, dtype=policy, name=head)(hidden) for head in heads]


def test_soft_co_annotation_in_plain_compile() -> None:
    arrays = batch()
    x, (classes,) = network("softmax")
    model = keras.Model(x, classes)
    model.compile("adam", loss=SoftCoAnnotationLoss(RELATEDNESS, divergence="js"))
    weight = np.arange(8.0, dtype=np.float32)
    for sample_weight in (None, weight):
        expected = losses.soft_co_annotation(
            logits_of_classes(model.predict(arrays["x"], verbose=0), np),
            arrays["labels"],
            RELATEDNESS,
            divergence="js",
            sample_weight=sample_weight,
        )
        found = model.evaluate(arrays["x"], arrays["labels"], sample_weight=sample_weight, verbose=0)
        assert found == pytest.approx(float(expected), rel=1e-5)
    history = model.fit(arrays["x"], arrays["labels"], epochs=30, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_soft_co_annotation_beside_another_loss() -> None:
    arrays = batch()
    x, (classes, attributes) = network("softmax", "sigmoid")
    model = keras.Model(x, {"classes": classes, "attributes": attributes})
    model.compile("adam", loss={"classes": SoftCoAnnotationLoss(RELATEDNESS), "attributes": "mse"})
    y = {"classes": arrays["labels"], "attributes": arrays["attributes"]}
    assert np.isfinite(model.fit(arrays["x"], y, verbose=0).history["loss"]).all()


def matched(weight: float = 1.0, **options: Any) -> keras.Model:
    x, heads = network("softmax", "sigmoid")
    classes, attributes = DistributionMatching(RELATEDNESS, weight=weight, name="dm", **options)(heads)
    return keras.Model(x, {"classes": classes, "attributes": attributes})


@pytest.mark.parametrize("jit_compile", [False, True] if keras.backend.backend() == "tensorflow" else [False])
def test_the_layer_adds_its_loss_and_passes_its_inputs_on(jit_compile: bool) -> None:
    x = batch()["x"]
    model = matched(weight=0.5, divergence="js")
    heads = keras.Model(model.inputs, [model.get_layer("softmax").output, model.get_layer("sigmoid").output])
    predictions = model.predict(x, verbose=0)
    for name, expected in zip(("classes", "attributes"), heads.predict(x, verbose=0), strict=True):
        np.testing.assert_array_equal(predictions[name], expected)
    expected = losses.distribution_matching(
        logits_of_classes(predictions["classes"], np),
        logits_of_attributes(predictions["attributes"], np),
        RELATEDNESS,
        divergence="js",
    )
    model.compile(keras.optimizers.Adam(0.01), jit_compile=jit_compile)
    logs = model.evaluate(x, verbose=0, return_dict=True)
    assert logs == pytest.approx({"loss": 0.5 * float(expected), "dm_loss": float(expected)}, rel=1e-5)
    history = model.fit(x, epochs=10, batch_size=4, verbose=0).history
    assert history["dm_loss"][-1] < history["dm_loss"][0]
    np.testing.assert_allclose(history["loss"], 0.5 * np.array(history["dm_loss"]), rtol=1e-5)


def test_the_layer_does_not_cast() -> None:
    x, heads = network("softmax", "sigmoid", policy="float32")
    layer = DistributionMatching(RELATEDNESS, dtype="mixed_float16")
    assert [output.dtype for output in layer(heads)] == ["float32", "float32"]
    x, heads = network("softmax", "sigmoid", policy="mixed_float16")
    outputs = DistributionMatching(RELATEDNESS, dtype="mixed_float16")(heads)
    assert [output.dtype for output in outputs] == ["float16", "float16"]
    model = keras.Model(x, outputs)
    model(batch()["x"])
    assert [keras.backend.standardize_dtype(loss.dtype) for loss in model.losses] == ["float32"]
    assert np.isfinite(keras.ops.convert_to_numpy(model.losses[0]))


@pytest.mark.parametrize("kind", OPTIONS)
def test_configurations_are_plain_and_complete(kind: type) -> None:
    made = kind(RELATEDNESS, **OPTIONS[kind])
    config = made.get_config()
    assert config["relatedness"] == RELATEDNESS.to_dict()
    again = kind.from_config(config)
    assert again.relatedness == RELATEDNESS
    assert again.relatedness.source == "test"
    assert again.get_config() == config
    for name, value in OPTIONS[kind].items():
        assert config[name] == (value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value)
    assert keras.saving.get_registered_name(kind) == f"coupling>{kind.__name__}"
    serialised = keras.saving.serialize_keras_object(made)
    assert keras.saving.deserialize_keras_object(serialised).get_config() == config


def test_models_with_them_are_saved_and_loaded(tmp_path: Path) -> None:
    arrays = batch()
    model = matched(divergence="js")
    model.compile("adam", loss={"classes": SoftCoAnnotationLoss(RELATEDNESS), "attributes": "mse"})
    y = {"classes": arrays["labels"], "attributes": arrays["attributes"]}
    model.fit(arrays["x"], y, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_layer("dm").relatedness == RELATEDNESS
    expected = model.evaluate(arrays["x"], y, verbose=0, return_dict=True)
    assert loaded.evaluate(arrays["x"], y, verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "options", "error", "message"),
    [
        (DistributionMatchingLoss, {"divergence": "l2"}, ValueError, "divergence should be one of"),
        (
            DistributionMatchingLoss,
            {"reduction": "sum_over_batch_size"},
            ValueError,
            "reduction should be one of",
        ),
        (DistributionMatchingLoss, {"eps": 1}, ValueError, "eps should be in"),
        (
            DistributionMatchingLoss,
            {"attribute_mask": [1, 0, 1, 1]},
            TypeError,
            r"attribute_mask\[0\] should be boolean, got int",
        ),
        (SoftCoAnnotationLoss, {"reduction": "average"}, ValueError, "^reduction should be one of 'mean'"),
        (SoftCoAnnotationLoss, {"prior": [1.0, 1.0]}, ValueError, "prior should have shape"),
        (SoftCoAnnotationLoss, {"temperature": 0.0}, ValueError, "temperature should be in"),
        (
            DistributionMatchingLoss,
            {"from_logits": 1},
            TypeError,
            "from_logits should be True or False, got int",
        ),
        (DistributionMatching, {"from_logits": None}, TypeError, "from_logits should be True .*, got None"),
        (DistributionMatching, {"weight": -1.0}, ValueError, "weight should be in"),
        (DistributionMatching, {"weight": "1"}, TypeError, "weight should be a real number"),
        (DistributionMatching, {"matching": "batch"}, ValueError, "matching should be one of"),
    ],
)
def test_bad_options(kind: type, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kind(RELATEDNESS, **options)
    with pytest.raises(TypeError, match=r"relatedness should be a coupling\.Relatedness, got numpy\.ndarray"):
        kind(RELATEDNESS.conditional)


@pytest.mark.parametrize("kind", OPTIONS)
def test_defaults(kind: type) -> None:
    own = {DistributionMatching: {"weight": 1.0, "trainable": True}}.get(kind, {"reduction": "mean"})
    found = kind(RELATEDNESS).get_config()
    assert found == found | own | {"from_logits": False, "synchronized": False}


def test_the_layer_as_keras_sees_it() -> None:
    layer = DistributionMatching(RELATEDNESS, weight=0, trainable=False, dtype="float16")
    assert (layer.weight, layer.trainable, layer.dtype_policy.name) == (0.0, False, "float16")
    assert (layer.autocast, layer.supports_masking) == (False, True)
    for variable, name in zip((layer.total, layer.count), ("total", "count"), strict=True):
        assert (variable.name, variable.dtype, variable.trainable) == (name, "float32", False)
        assert (variable.aggregation, variable.synchronization) == ("sum", "on_read")


def test_the_layer_refuses_heads_that_do_not_fit_while_the_model_is_built() -> None:
    x = keras.Input((5,))
    with pytest.raises(
        ValueError, match=r"attribute_logits should have shape \(B, A\) with .*A = 4, got \(.*, 7\)"
    ):
        DistributionMatching(RELATEDNESS)([keras.layers.Dense(3)(x), keras.layers.Dense(7)(x)])
