"""What the functions and objects of Keras hand on."""

import inspect
from typing import Any

import keras
import numpy as np
import pytest
from graphs import GRAPH

from coupling import Relatedness, losses
from coupling.keras import (
    CoupledGraphModel,
    CoupledModel,
    DistributionMatching,
    DistributionMatchingLoss,
    SoftCoAnnotationLoss,
    _devices,
    _namespace,
    functional,
)
from coupling.losses import CoupledTerms

# Keras' own conversion of PyTorch tensors to NumPy arrays.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")

BIRDS = Relatedness([[0.25, 0.75], [1, 0]], classes=["gull", "crow"], attributes=["white", "black"])
ARRAYS = {
    "class_logits": [[1.0, 2.0]],
    "attribute_logits": [[3.0, 4.0]],
    "category_logits": [[5.0, 6.0]],
    "class_labels": [1],
    "attribute_labels": [[1, -1]],
    "category_labels": [0],
    "relatedness": BIRDS,
}
FUNCTIONS = [name for name in functional.__all__ if name not in ("CoupledTerms", "coupled_graph")]


def same(got: Any, given: Any) -> bool:
    return got is given or np.array_equal(keras.ops.convert_to_numpy(got), given)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_hand_on_what_they_are_given(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And have the core's defaults."""
    expected = inspect.signature(getattr(losses, name)).parameters
    seen: list[Any] = []
    monkeypatch.setattr(losses, name, lambda *arrays, **options: seen.append((arrays, options)))
    monkeypatch.setattr(_devices, "over", lambda *given: given)
    parameters = inspect.signature(getattr(functional, name)).parameters
    positional = [p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    options = {p.name: object() for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
    options |= {"from_logits": True, "sample_weight": [2.0]}
    if "where" in options:
        options["where"] = [True]
    arrays = [ARRAYS[name] for name in positional]
    getattr(functional, name)(*arrays, **options)
    getattr(functional, name)(*arrays, from_logits=True)
    (given, named), (_, defaults) = seen
    assert len(given) == len(arrays)
    assert all(same(x, y) for x, y in zip(given, arrays, strict=True))
    over = [options.pop("synchronized"), *([options["reduction"]] if "reduction" in options else [])]
    assert named.pop("normalizer") == tuple(over)
    assert defaults.pop("normalizer")[0] is False
    assert named.pop("xp") is defaults.pop("xp") is _namespace.xp
    del options["from_logits"]
    assert named.keys() == options.keys() == defaults.keys()
    for key, value in options.items():
        assert same(named[key], value)
        assert defaults[key] == expected[key].default


def test_a_graph_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(losses, "coupled_graph", lambda *arrays, **options: seen.append((arrays, options)))
    monkeypatch.setattr(_devices, "over", lambda *given: given)
    logits = {name: [[float(i) for i in range(len(task.names))]] for name, task in GRAPH.tasks.items()}
    labels = {"category": [[1]], "pattern": [[1, -1]], "neckline": [2]}
    weight = {"category": [2.0]}
    functional.coupled_graph(logits, labels, GRAPH, from_logits=True, sample_weight=weight, synchronized=True)
    (((z, y, graph), options),) = seen
    assert graph is GRAPH
    assert all(same(z[name], logits[name]) for name in GRAPH.tasks)
    assert same(y["category"], [1])
    assert same(y["pattern"], [[1, -1]])
    assert same(options["sample_weight"]["category"], [2.0])
    assert options["normalizer"] == (True,)
    assert options["xp"] is _namespace.xp


@pytest.mark.parametrize("loss", [DistributionMatchingLoss, SoftCoAnnotationLoss])
def test_losses_hand_on_their_options(loss: type, monkeypatch: pytest.MonkeyPatch) -> None:
    matching = loss is DistributionMatchingLoss
    name = "distribution_matching" if matching else "soft_co_annotation"
    seen: list[Any] = []
    monkeypatch.setattr(functional, name, lambda *arrays, **options: seen.append((arrays, options)))
    made = loss(BIRDS, from_logits=True, synchronized=True, detach="classes")
    made.call("first", "second", "weight")
    ((arrays, options),) = seen
    assert arrays == (("first", "second", BIRDS) if matching else ("second", "first", BIRDS))
    chosen = {"from_logits": True, "synchronized": True, "detach": "classes", "reduction": "mean"}
    assert chosen.items() <= options.items()
    assert options["sample_weight"] == "weight"
    assert made.name == name
    assert chosen.items() <= made.get_config().items()


def heads(tasks: dict[str, int]) -> tuple[Any, dict[str, Any]]:
    inputs = keras.Input((4,))
    return inputs, {name: keras.layers.Dense(size, name=name)(inputs) for name, size in tasks.items()}


def test_a_model_hands_on_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    terms = CoupledTerms(*(keras.ops.convert_to_tensor(float(i)) for i in range(5)))
    monkeypatch.setattr(
        functional, "coupled", lambda *arrays, **options: seen.append((arrays, options)) or terms
    )
    model = CoupledModel(
        *heads({"classes": 2, "attributes": 2}),
        relatedness=BIRDS,
        weights={"classes": 0.5},
        dm={"divergence": "js"},
        sca={"source": "both"},
        from_logits=True,
        synchronized=True,
        name="birds",
        trainable=False,
    )
    y = {"classes": np.asarray([1]), "attributes": np.asarray([[1.0, -1.0]])}
    found, counts = model._terms(y, {"classes": "z", "attributes": "s"}, None)
    ((arrays, options),) = seen
    assert arrays == ("z", "s", y["classes"], y["attributes"], BIRDS)
    assert options == {
        "from_logits": True,
        "synchronized": True,
        "sample_weight": None,
        "weights": {"classes": 0.5},
        "dm": {"divergence": "js"},
        "sca": {"source": "both"},
    }
    assert found == terms._asdict()
    assert set(counts) == {"classes", "attributes", "distribution_matching", "soft_co_annotation"}
    assert model.name == "birds"
    assert not model.trainable


def test_a_model_of_a_graph_hands_on_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        functional, "coupled_graph", lambda *arrays, **options: seen.append((arrays, options))
    )
    sizes = {name: len(task.names) for name, task in GRAPH.tasks.items()}
    model = CoupledGraphModel(
        *heads(sizes), graph=GRAPH, from_logits=True, synchronized=True, name="garments", trainable=False
    )
    y = {"category": np.asarray([1]), "pattern": np.asarray([[1.0, -1.0]]), "neckline": np.asarray([0])}
    weight = {"category": np.asarray([1.0]), "pattern": np.asarray([2.0]), "neckline": np.asarray([0.5])}
    _, counts = model._terms(y, "logits", weight)
    (((z, labels, graph), options),) = seen
    assert (z, labels, graph) == ("logits", y, GRAPH)
    assert options["from_logits"] is options["synchronized"] is True
    expected = {
        **weight,
        "category/pattern/distribution_matching": [2.0],
        "category/pattern/soft_co_annotation": [2.0],
        "category/neckline/distribution_matching": [1.0],
        "category/neckline/soft_co_annotation": [1.0],
    }
    assert options["sample_weight"].keys() == expected.keys() == counts.keys()
    for name, value in expected.items():
        assert same(options["sample_weight"][name], value)
    assert model.name == "garments"
    assert not model.trainable


def test_the_layer_hands_on_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    one = keras.ops.convert_to_tensor(3.0)
    monkeypatch.setattr(
        functional, "distribution_matching", lambda *arrays, **options: seen.append((arrays, options)) or one
    )
    layer = DistributionMatching(
        BIRDS, weight=0.5, from_logits=True, matching="class_mean", synchronized=True, name="birds"
    )
    z, s = keras.ops.ones((4, 2)), keras.ops.zeros((4, 2))
    assert [x is y for x, y in zip(layer([z, s]), (z, s), strict=True)] == [True, True]
    ((_, options),) = seen
    chosen = {"from_logits": True, "matching": "class_mean", "synchronized": True, "eps": 1e-7}
    assert chosen.items() <= options.items()
    assert [float(loss) for loss in layer.losses] == [1.5]
    assert (float(layer.total), float(layer.count)) == (12.0, 4.0)
    assert float(layer.tracker.result()) == 3.0
    layer.tracker.reset_state()
    assert (float(layer.total), float(layer.count)) == (0.0, 0.0)
    assert float(layer.tracker.result()) == 0.0
    assert layer.tracker.name == "birds_loss"


def test_backends() -> None:
    assert _namespace.namespace_of(keras.backend.backend()) is _namespace.xp
    with pytest.raises(ImportError, match="run on one of tensorflow, jax, torch, numpy, got 'openvino'"):
        _namespace.namespace_of("openvino")
