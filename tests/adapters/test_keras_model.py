"""The coupled model: compile, fit, evaluate and predict, with missing labels and everything Keras offers."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

from coupling import Relatedness, directed, losses
from coupling._numeric import logits_of_attributes, logits_of_classes
from coupling.keras import CoupledModel

# Keras' own conversion of PyTorch tensors to NumPy arrays.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")

RELATEDNESS = Relatedness(
    [[0.9, 0.1, 0.0, 0.5], [0.2, 0.7, 0.3, 0.0], [0.0, 0.0, 0.4, 0.0]], known=[True, True, False]
)
PARTS = ("classes", "attributes", "distribution_matching", "soft_co_annotation")
LOG = {"loss", *(f"{part}_loss" for part in PARTS)}
OPTIONS = {
    "weights": {"distribution_matching": 0.5, "soft_co_annotation": 0.25},
    "dm": {"divergence": "js", "attribute_mask": np.array([True, True, False, True])},
    "sca": {"soft_label": "posterior", "divergence": "distillation", "source": "both"},
}


def batch(size: int = 12) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    draw = np.random.default_rng(0)
    classes = np.arange(size) % 3
    x = np.eye(3)[classes].repeat(2, axis=1) + draw.normal(scale=0.3, size=(size, 6))
    attributes = (RELATEDNESS.conditional[classes] > draw.uniform(size=(size, 4))).astype(float)
    attributes[draw.uniform(size=attributes.shape) < 0.3] = np.nan
    attributes[: size // 3] = -1
    labels = {"classes": np.where(np.arange(size) < size // 2, classes, -1), "attributes": attributes}
    return x.astype(np.float32), labels


def model(*, from_logits: bool = False, penalty: float = 0.0, **options: Any) -> CoupledModel:
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    hidden = keras.layers.Dense(8, "relu", kernel_regularizer=keras.regularizers.L2(penalty))(x)
    outputs = {
        "classes": keras.layers.Dense(3, None if from_logits else "softmax", name="c")(hidden),
        "attributes": keras.layers.Dense(4, None if from_logits else "sigmoid", name="a")(hidden),
    }
    made = CoupledModel(x, outputs, relatedness=RELATEDNESS, from_logits=from_logits, **options)
    made.compile(keras.optimizers.Adam(0.02))
    return made


def expected(made: CoupledModel, sample_weight: Any = None, **options: Any) -> dict[str, float]:
    """The log of an evaluation, by the core in float64."""
    x, labels = batch()
    predictions = made.predict(x, verbose=0)
    z, s = (predictions[task].astype(np.float64) for task in ("classes", "attributes"))
    if not made.from_logits:
        z, s = logits_of_classes(z, np), logits_of_attributes(s, np)
    terms = losses.coupled(
        z, s, labels["classes"], labels["attributes"], RELATEDNESS, sample_weight=sample_weight, **options
    )
    return {"loss": float(terms.total)} | {f"{part}_loss": float(getattr(terms, part)) for part in PARTS}


@pytest.mark.parametrize("options", [{}, OPTIONS, directed(20, 600)], ids=["printed", "options", "directed"])
@pytest.mark.parametrize("from_logits", [False, True])
def test_evaluation_is_equation_1(options: dict[str, Any], from_logits: bool) -> None:
    x, labels = batch()
    made = model(from_logits=from_logits, **options)
    logs = made.evaluate(x, labels, verbose=0, return_dict=True)
    assert logs == pytest.approx(expected(made, **options), rel=1e-4)


def test_the_log_of_an_epoch_averages_its_batches() -> None:
    """The parts over the samples that take part in each, so that they do not depend on the batches."""
    x, labels = batch()
    made = model(**OPTIONS)
    weight = np.arange(12.0)
    found, whole = (
        made.evaluate(x, labels, batch_size=size, sample_weight=weight, verbose=0, return_dict=True)
        for size in (5, 12)
    )
    for part in ("classes", "attributes", "soft_co_annotation"):
        assert found[f"{part}_loss"] == pytest.approx(whole[f"{part}_loss"], rel=1e-5)
    halves = [
        made.evaluate(x[rows], {task: y[rows] for task, y in labels.items()}, verbose=0, return_dict=True)
        for rows in (slice(8), slice(8, 12))
    ]
    both = made.evaluate(x, labels, batch_size=8, verbose=0, return_dict=True)
    for name in ("loss", "distribution_matching_loss"):
        assert both[name] == pytest.approx((8 * halves[0][name] + 4 * halves[1][name]) / 12, rel=1e-5)


def test_training_reduces_the_loss() -> None:
    x, labels = batch()
    made = model(dm={"divergence": "js"}, sca={"divergence": "distillation"})
    validation = (x[:6], {task: y[:6] for task, y in labels.items()})
    history = made.fit(x, labels, epochs=20, batch_size=6, validation_data=validation, verbose=0).history
    assert set(history) == LOG | {f"val_{name}" for name in LOG}
    assert np.isfinite(list(history.values())).all()
    for name in ("loss", "classes_loss", "val_loss"):
        assert history[name][-1] < history[name][0]


def test_regularisation_and_a_loss_of_compile_are_added() -> None:
    x, labels = batch()
    made = model(penalty=0.1)
    kernel = made.layers[1].kernel
    penalty = 0.1 * float(np.square(keras.ops.convert_to_numpy(kernel)).sum())
    alone = expected(made)
    assert made.evaluate(x, labels, verbose=0, return_dict=True)["loss"] == pytest.approx(
        alone["loss"] + penalty, rel=1e-4
    )
    half = {"classes": labels["classes"], "attributes": np.full((12, 4), 0.5)}
    weight = np.arange(12.0)
    without = made.evaluate(x, half, verbose=0)[0]
    without_weighted = made.evaluate(x, half, sample_weight=weight, verbose=0)[0]
    squares = np.square(made.predict(x, verbose=0)["attributes"] - 0.5).mean(axis=1)
    made.compile("sgd", loss={"classes": None, "attributes": "mse"})
    assert made.evaluate(x, half, verbose=0)[0] == pytest.approx(without + squares.mean(), rel=1e-4)
    weighted = made.evaluate(x, half, sample_weight=weight, verbose=0)[0]
    assert weighted == pytest.approx(without_weighted + np.mean(weight * squares), rel=1e-4)


@pytest.mark.parametrize("shape", [(12,), (12, 1)])
def test_one_sample_weight(shape: tuple[int, ...]) -> None:
    x, labels = batch()
    made = model(**OPTIONS)
    weight = np.arange(12.0)
    logs = made.evaluate(x, labels, sample_weight=weight.reshape(shape), verbose=0, return_dict=True)
    assert logs == pytest.approx(expected(made, weight, **OPTIONS), rel=1e-4)


@pytest.mark.parametrize("source", ["labels", "predictions", "both"])
def test_a_sample_weight_for_each_task(source: str) -> None:
    """What needs no label takes the larger weight, or a task's weight of 0 would leave the other's out."""
    x, labels = batch()
    options = {"sca": {"source": source}}
    made = model(**options)
    weight = {"classes": np.arange(12) % 2.0, "attributes": np.arange(12) % 3.0}
    larger = np.maximum(weight["classes"], weight["attributes"])
    by_part = {
        **weight,
        "distribution_matching": larger,
        "soft_co_annotation": weight["attributes"] if source == "labels" else larger,
    }
    logs = made.evaluate(x, labels, sample_weight=weight, verbose=0, return_dict=True)
    assert logs == pytest.approx(expected(made, by_part, **options), rel=1e-4)


def test_a_sample_weight_for_too_few_tasks() -> None:
    x, labels = batch()
    made = model()
    with pytest.raises(ValueError, match=r"^sample_weight should be a mapping .*, got \('classes',\)$"):
        made.compute_loss(y=labels, y_pred=made(x), sample_weight={"classes": np.ones(12)})


def test_metrics_of_compile() -> None:
    x, labels = batch()
    made = model()
    made.compile("sgd", metrics={"classes": "accuracy"}, weighted_metrics={"classes": "accuracy"})
    weight = {"classes": (labels["classes"] >= 0).astype(float), "attributes": np.ones(12)}
    logs = made.fit(x, labels, sample_weight=weight, verbose=0).history
    assert len(logs) == len(LOG) + 2
    assert logs.keys() > LOG
    found = made.evaluate(x, labels, sample_weight=weight, verbose=0, return_dict=True)
    right = made.predict(x, verbose=0)["classes"].argmax(axis=1) == labels["classes"]
    assert found["classes_weighted_accuracy"] == pytest.approx(right[labels["classes"] >= 0].mean())


@pytest.mark.parametrize("options", [{}, directed(20, 600)], ids=["printed", "directed"])
def test_a_batch_without_labels(options: dict[str, Any]) -> None:
    x, labels = batch()
    made = model(**options)
    labels = {"classes": np.full(12, -1), "attributes": np.full((12, 4), np.nan)}
    logs = made.fit(x, labels, epochs=3, verbose=0).history
    assert logs["classes_loss"] == logs["attributes_loss"] == [0.0, 0.0, 0.0]
    assert all(np.isfinite(weight).all() for weight in made.get_weights())


def test_labels_as_a_column() -> None:
    x, labels = batch()
    column = {**labels, "classes": labels["classes"][:, None]}
    made = model()
    assert made.evaluate(x, column, verbose=0) == made.evaluate(x, labels, verbose=0)
    assert made.evaluate(x, column, verbose=0) == model().evaluate(x, labels, verbose=0)


@pytest.fixture
def mixed_float16() -> Iterator[None]:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(policy)


@pytest.mark.usefixtures("mixed_float16")
@pytest.mark.parametrize("from_logits", [False, True])
def test_mixed_precision(from_logits: bool) -> None:
    x, labels = batch()
    made = model(from_logits=from_logits)
    outputs = made(x)
    assert {keras.backend.standardize_dtype(z.dtype) for z in outputs.values()} == {"float16"}
    loss = made.compute_loss(x, labels, outputs)
    assert keras.backend.standardize_dtype(loss.dtype) == "float32"
    history = made.fit(x, labels, epochs=10, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    assert history["loss"][-1] < history["loss"][0]


class Own(keras.layers.Dense):
    """A layer that Keras does not know."""


def test_layers_of_ones_own() -> None:
    x = keras.Input((6,))
    made = CoupledModel(x, {"classes": Own(3)(x), "attributes": Own(4)(x)}, relatedness=RELATEDNESS)
    assert (made.from_logits, made.synchronized) == (False, False)
    again = CoupledModel.from_config(made.get_config(), {"Own": Own})
    assert sum(type(layer) is Own for layer in again.layers) == 2


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"relatedness": "du2014"}, TypeError, r"relatedness should be a coupling\.Relatedness"),
        ({"weights": {"emotions": 1.0}}, ValueError, "weights should have keys among 'classes'"),
        ({"weights": {"classes": -1.0}}, ValueError, r"weights\['classes'\] should be in"),
        ({"dm": {"divergence": "l2"}}, ValueError, "divergence should be one of"),
        ({"sca": {"source": "nowhere"}}, ValueError, "source should be one of"),
        ({"sca": ["labels"]}, TypeError, "sca should be a mapping"),
        ({"from_logits": "yes"}, TypeError, "^from_logits should be True or False, got str$"),
    ],
)
def test_bad_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    x = keras.Input((6,))
    outputs = {"classes": keras.layers.Dense(3)(x), "attributes": keras.layers.Dense(4)(x)}
    with pytest.raises(error, match=message):
        CoupledModel(x, outputs, **{"relatedness": RELATEDNESS, **options})


def test_bad_outputs_raise_while_the_model_is_built() -> None:
    x = keras.Input((6,))
    z, s = keras.layers.Dense(3)(x), keras.layers.Dense(4)(x)
    with pytest.raises(ValueError, match=r"outputs\['attributes'\] should have shape \(B, A\) with A = 4"):
        CoupledModel(x, {"classes": z, "attributes": z}, relatedness=RELATEDNESS)
    with pytest.raises(ValueError, match=r"^outputs\['classes'\] should have shape \(B, C\) with C = 3"):
        CoupledModel(x, {"classes": s, "attributes": s}, relatedness=RELATEDNESS)
    with pytest.raises(
        TypeError, match=r"outputs should be a mapping with the keys \('classes', 'attributes'\)"
    ):
        CoupledModel(x, [z, s], relatedness=RELATEDNESS)
    with pytest.raises(ValueError, match=r"outputs should be a mapping .*, got \('classes',\)"):
        CoupledModel(x, {"classes": z}, relatedness=RELATEDNESS)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            {"classes": np.zeros((12, 3), int), "attributes": np.zeros((12, 4))},
            "class_labels should have shape",
        ),
        (
            {"classes": np.zeros(12), "attributes": np.zeros((12, 4))},
            "class_labels should have a dtype that is int",
        ),
        (
            {"classes": np.zeros(12, int), "attributes": np.zeros((12, 3))},
            "attribute_labels should have shape",
        ),
        ({"classes": np.zeros(12, int)}, r"y should be a mapping with the keys .*, got \('classes',\)"),
        (np.zeros(12, int), "y should be a mapping with the keys .*, got"),
    ],
)
def test_bad_labels_raise_while_tracing(labels: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        model().fit(batch()[0], labels, verbose=0)
