"""The graph's Keras model: compile, fit, evaluate, save and load."""

import json
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from graphs import GRAPH, TWIN

from coupling import CouplingGraph, Edge
from coupling._numeric import logits_of_attributes, logits_of_classes
from coupling.keras import CoupledGraphModel, functional
from coupling.losses import coupled_graph

# Keras' own conversion of PyTorch tensors to NumPy arrays.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")

LOG = {"loss", *(f"{term}_loss" for term in GRAPH.terms)}
FROM_LABELS = CouplingGraph(
    GRAPH.tasks, [Edge(edge.source, edge.target, edge.relatedness) for edge in GRAPH.edges]
)
SIZES = {name: len(task.names) for name, task in GRAPH.tasks.items()}


def batch(size: int = 12) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    draw = np.random.default_rng(0)
    category = np.arange(size) % 3
    x = np.eye(3)[category].repeat(2, axis=1) + draw.normal(scale=0.3, size=(size, 6))
    labels = {
        "category": np.where(np.arange(size) < size // 2, category, -1),
        "pattern": draw.choice([0.0, 1.0, np.nan], size=(size, 2)),
        "neckline": np.where(draw.uniform(size=size) < 0.5, category, -1),
    }
    return x.astype(np.float32), labels


def model(*, from_logits: bool = False, graph: CouplingGraph = GRAPH) -> CoupledGraphModel:
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    hidden = keras.layers.Dense(8, "relu")(x)
    activation = {"pattern": "sigmoid"}
    outputs = {
        name: keras.layers.Dense(size, None if from_logits else activation.get(name, "softmax"))(hidden)
        for name, size in SIZES.items()
    }
    made = CoupledGraphModel(x, outputs, graph=graph, from_logits=from_logits, name="clothes")
    made.compile(keras.optimizers.Adam(0.02))
    return made


def expected(made: CoupledGraphModel, sample_weight: Any = None) -> dict[str, float]:
    x, labels = batch()
    logits = {name: y.astype(np.float64) for name, y in made.predict(x, verbose=0).items()}
    if not made.from_logits:
        for name, y in logits.items():
            logits[name] = (logits_of_attributes if name == "pattern" else logits_of_classes)(y, np)
    terms = coupled_graph(logits, labels, made.graph, sample_weight=sample_weight)
    found = {f"{name}_loss": float(term) for name, term in terms.items()}
    return {"loss": found.pop("total_loss")} | found


@pytest.mark.parametrize("from_logits", [False, True])
def test_evaluation_is_equation_1(from_logits: bool) -> None:
    x, labels = batch()
    made = model(from_logits=from_logits)
    logs = made.evaluate(x, labels, verbose=0, return_dict=True)
    assert logs == pytest.approx(expected(made), rel=1e-4)


def test_training_reduces_the_loss() -> None:
    x, labels = batch()
    history = model().fit(x, labels, epochs=20, batch_size=6, verbose=0).history
    assert set(history) == LOG
    assert np.isfinite(list(history.values())).all()
    for name in ("loss", "category_loss"):
        assert history[name][-1] < history[name][0]


def test_a_sample_weight_for_each_task() -> None:
    x, labels = batch()
    draw = np.random.default_rng(1)
    given = {name: draw.integers(3, size=12).astype(float) for name in SIZES}
    for graph in (GRAPH, FROM_LABELS):
        made = model(graph=graph)
        by_term = dict(given)
        for target in ("pattern", "neckline"):
            larger = np.maximum(given["category"], given[target])
            assert (larger > given[target]).any()
            by_term |= {
                f"category/{target}/distribution_matching": larger,
                f"category/{target}/soft_co_annotation": larger if graph is GRAPH else given[target],
            }
        logs = made.evaluate(x, labels, sample_weight=given, verbose=0, return_dict=True)
        assert logs == pytest.approx(expected(made, by_term), rel=1e-4)


def test_save_and_load(tmp_path: Path) -> None:
    x, labels = batch()
    made = model()
    made.fit(x, labels, epochs=2, verbose=0)
    made.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is CoupledGraphModel
    assert (loaded.graph, loaded.name, loaded.from_logits) == (GRAPH, "clothes", False)
    assert loaded.evaluate(x, labels, verbose=0, return_dict=True) == made.evaluate(
        x, labels, verbose=0, return_dict=True
    )
    losses = [each.fit(x, labels, shuffle=False, verbose=0).history["loss"] for each in (made, loaded)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        saved = json.loads(file.read("config.json"))
    assert saved["registered_name"] == "coupling>CoupledGraphModel"
    assert saved["config"]["graph"] == GRAPH.to_dict()


def test_function_takes_lists_and_columns() -> None:
    x, labels = batch()
    predictions = {name: y.tolist() for name, y in model().predict(x, verbose=0).items()}
    column = {**labels, "neckline": labels["neckline"][:, None]}
    terms = functional.coupled_graph(predictions, column, GRAPH)
    found = {"loss": terms.pop("total")} | {f"{name}_loss": term for name, term in terms.items()}
    assert {name: float(term) for name, term in found.items()} == pytest.approx(expected(model()), rel=1e-4)


class Foreign:
    """An array of a library that Keras does not run on."""

    shape, dtype = (12,), np.dtype("float32")


def test_function_names_what_is_wrong() -> None:
    x, labels = batch()
    given: dict[str, Any] = {"logits": model().predict(x, verbose=0), "labels": labels, "graph": GRAPH}
    for name in ("logits", "labels"):
        rest = {task: own for task, own in given[name].items() if task != "pattern"}
        with pytest.raises(ValueError, match=f"^{name} should have the keys .*, 'pattern' is missing"):
            functional.coupled_graph(**given | {name: rest})
        with pytest.raises(TypeError, match=rf"^{name}\['pattern'\] should be a tensor"):
            functional.coupled_graph(**given | {name: {**rest, "pattern": Foreign()}})
    with pytest.raises(TypeError, match=r"^sample_weight should be a tensor"):
        functional.coupled_graph(**given, sample_weight=Foreign())
    with pytest.raises(TypeError, match=r"^sample_weight\['pattern'\] should be a tensor"):
        functional.coupled_graph(**given, sample_weight={"pattern": Foreign()})


def test_a_sample_weight_for_too_few_tasks() -> None:
    x, labels = batch()
    made = model()
    with pytest.raises(ValueError, match="^sample_weight should have the keys .*, 'pattern' is missing"):
        made.compute_loss(y=labels, y_pred=made(x), sample_weight={"category": np.ones(12)})


def test_the_log_of_an_epoch_averages_its_batches() -> None:
    """Over the samples that take part in each term, and what they count."""
    x, labels = batch()
    made = model()
    weight = {name: np.arange(12.0) + index for index, name in enumerate(SIZES)}
    found, whole = (
        made.evaluate(x, labels, batch_size=size, sample_weight=weight, verbose=0, return_dict=True)
        for size in (5, 12)
    )
    for name in LOG - {"loss"}:
        if not name.endswith("distribution_matching_loss"):
            assert found[name] == pytest.approx(whole[name], rel=1e-5)


def test_how_many_samples_a_term_is_averaged_over() -> None:
    x = keras.Input((6,))
    sizes = {name: len(task.names) for name, task in TWIN.tasks.items()}
    made = CoupledGraphModel(
        x, {name: keras.layers.Dense(size)(x) for name, size in sizes.items()}, graph=TWIN, from_logits=True
    )
    labels = {
        "category": np.array([0, -1, -1, -1]),
        "pattern": np.array([[np.nan, np.nan], [1, np.nan], [0, 1], [-1, 1]]),
        "collar": np.array([-1, 1, -1, 2]),
    }
    made.compute_loss(y=labels, y_pred=made(np.ones((4, 6), "float32")))
    counts = {term: float(tracker.count) for term, tracker in made.trackers.items()}
    assert counts == {
        "category": 1,
        "pattern": 3,
        "collar": 2,
        "category/pattern/distribution_matching": 4,
        "category/pattern/soft_co_annotation": 3,
        "category/collar/distribution_matching": 4,
        "category/collar/soft_co_annotation": 2,
    }


class Own(keras.layers.Dense):
    """A layer that Keras does not know."""


def test_layers_of_ones_own() -> None:
    x = keras.Input((6,))
    made = CoupledGraphModel(x, {name: Own(size)(x) for name, size in SIZES.items()}, graph=GRAPH)
    assert (made.from_logits, made.synchronized) == (False, False)
    again = CoupledGraphModel.from_config(made.get_config(), {"Own": Own})
    assert sum(type(layer) is Own for layer in again.layers) == len(SIZES)


def test_bad_outputs() -> None:
    x = keras.Input((6,))
    heads = {name: keras.layers.Dense(size)(x) for name, size in SIZES.items()}
    build = partial(CoupledGraphModel, x, graph=GRAPH)
    with pytest.raises(ValueError, match=r"outputs\['neckline'\] should have shape \(B, C\) with C = 3, got"):
        build(heads | {"neckline": heads["pattern"]})
    with pytest.raises(ValueError, match=r"outputs\['pattern'\] should have shape \(B, A\) with A = 2, got"):
        build(heads | {"pattern": heads["neckline"]})
    with pytest.raises(ValueError, match="outputs should have the keys .*, 'category' is missing"):
        build({})
    with pytest.raises(TypeError, match="outputs should be a mapping by the names of the tasks, got list"):
        build(list(heads.values()))
    with pytest.raises(TypeError, match=r"graph should be a coupling\.CouplingGraph, got dict"):
        CoupledGraphModel(x, heads, graph=GRAPH.to_dict())


def test_bad_labels_raise_while_tracing() -> None:
    x, labels = batch()
    with pytest.raises(ValueError, match="y should have the keys .*, 'neckline' is missing"):
        model().fit(x, {name: labels[name] for name in ("category", "pattern")}, verbose=0)
    with pytest.raises(ValueError, match=r"labels\['neckline'\] should have shape \(B,\)"):
        model().fit(x, labels | {"neckline": np.zeros((12, 3), int)}, verbose=0)
