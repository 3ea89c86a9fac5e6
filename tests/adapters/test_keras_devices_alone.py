"""Averages over the replicas of TensorFlow, in one process that has them said to it."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from coupling import Attributes, Classes, CouplingGraph, Relatedness
from coupling.keras import (
    CoupledModel,
    DistributionMatching,
    DistributionMatchingLoss,
    _devices,
    _namespace,
    functional,
    layers,
)

TABLE = Relatedness([[0.5]])


def test_an_average_over_replicas() -> None:
    """As if the other of two replicas, the first, had 5, 5 and 11."""
    other = np.asarray([5.0, 5.0, 11.0], np.float32)

    def all_reduce(operation: str, x: Any) -> Any:
        if operation == "MEAN":
            return (x + other) / 2
        return {"SUM": x + np.stack([other, 0 * other])}[operation]

    replicas = _devices.Replicas(
        SimpleNamespace(all_reduce=all_reduce, num_replicas_in_sync=2, replica_id_in_sync_group=1)
    )
    x = tf.Variable([1.0, 7.0, 9.0])
    assert replicas(x).numpy().tolist() == [3.0, 6.0, 10.0]
    with tf.GradientTape() as tape:
        largest = replicas.maximum(x)
    assert largest.numpy().tolist() == [5.0, 7.0, 11.0]
    assert tape.gradient(largest, x) is None


def test_when_there_is_something_to_average_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _devices.over(False) is None
    assert _devices.over(True) is None
    for context, found in (
        (None, None),
        (SimpleNamespace(num_replicas_in_sync=1), None),
        (many := SimpleNamespace(num_replicas_in_sync=2), _devices.Replicas(many)),
    ):
        monkeypatch.setattr(tf.distribute, "get_replica_context", lambda context=context: context)
        assert _devices.over(True) == found
        assert _devices.over(False) is None
    with pytest.raises(TypeError, match="^synchronized should be True or False, got int$"):
        _devices.over(1)
    with pytest.raises(ValueError, match="^synchronized is not taken with reduction='sum', got True$"):
        _devices.over(True, "sum")


def test_nothing_is_averaged_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(_devices, "over", lambda *given: asked.append(given[0]))
    graph = CouplingGraph({"c": Classes(["x"]), "a": Attributes(["y"])})
    for options in ({}, {"synchronized": True}):
        functional.coupled([[1.0]], [[0.5]], [0], [[1.0]], TABLE, **options)
        functional.coupled_graph({"c": [[1.0]], "a": [[0.5]]}, {"c": [0], "a": [[1.0]]}, graph, **options)
    assert asked == [False, False, True, True]


def test_the_share_of_a_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _namespace.per_replica(3.0) == 3.0
    strategy = SimpleNamespace(num_replicas_in_sync=2)
    monkeypatch.setattr(tf.distribute, "get_strategy", lambda: strategy)
    assert _namespace.per_replica(3.0) == 1.5
    for reduction, share in (("mean", 0.5), ("sum", 1.0)):
        loss = DistributionMatchingLoss(TABLE, reduction=reduction)
        whole = functional.distribution_matching([[1.0]], [[0.5]], TABLE, reduction=reduction)
        assert float(loss([[1.0]], [[0.5]])) == pytest.approx(share * float(whole))


@pytest.fixture
def doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Averages over replicas are twice what they should be, which shows where they are taken."""
    context = SimpleNamespace(
        all_reduce=lambda _, x: 2 * x, num_replicas_in_sync=1, replica_id_in_sync_group=0
    )
    monkeypatch.setattr(
        _devices, "over", lambda synchronized, *_: _devices.Replicas(context) if synchronized else None
    )


@pytest.mark.usefixtures("doubled")
@pytest.mark.parametrize(("synchronized", "times"), [(False, 1), (True, 2)])
def test_how_many_samples_a_part_is_averaged_over(synchronized: bool, times: int) -> None:
    x = keras.Input((1,))
    outputs = {"classes": keras.layers.Dense(1)(x), "attributes": keras.layers.Dense(1)(x)}
    model = CoupledModel(x, outputs, relatedness=TABLE, from_logits=True, synchronized=synchronized)
    labels = {"classes": np.array([0, 0, -1]), "attributes": np.array([[1.0], [-1], [-1]])}
    model.compute_loss(y=labels, y_pred=model(np.ones((3, 1), "float32")))
    counts = {part: float(model.trackers[part].count) for part in ("classes", "attributes")}
    assert counts == {"classes": 2 * times, "attributes": times}


@pytest.mark.usefixtures("doubled")
def test_losses_of_other_replicas() -> None:
    """A replica is a thread. Of those that wait for one another each has its own losses alone."""
    layer = DistributionMatching(TABLE, synchronized=True)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as two:
        for size, replica in enumerate((one, two), start=1):
            replica.submit(
                layer.call, [np.ones((size, 1), "float32"), np.ones((size, 1), "float32")]
            ).result()
        first, second = (replica.submit(layer._get_own_losses).result() for replica in (one, two))
        assert (len(first), len(second), layer._get_own_losses()) == (1, 1, [])
        assert first[0] is not second[0]
        assert len(layer._thread_of) == 2
        assert float(layer.count) == 2 * (1 + 2)
        layer._clear_losses()
        assert one.submit(layer._get_own_losses).result() == []
        assert layer._thread_of == {}


def test_an_average_whose_weights_are_away() -> None:
    """Within a step on JAX, that is."""
    metric = layers._Average("dm", lambda: (SimpleNamespace(_value=None), SimpleNamespace(_value=None)))
    assert (float(metric.result()), metric.result().shape) == (0.0, ())
