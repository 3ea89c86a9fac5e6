"""The graph's PyTorch module: moved, saved and loaded."""

import copy
import pickle

import numpy as np
import pytest
import torch
from graphs import GRAPH, OTHERS, arrays
from torch import Tensor

from coupling import losses
from coupling.torch import CoupledGraphLoss, functional


def batch() -> dict[str, dict[str, Tensor]]:
    logits = {name: torch.tensor(x, requires_grad=True) for name, x in arrays()["logits"].items()}
    return {"logits": logits, "labels": {name: torch.tensor(x) for name, x in arrays()["labels"].items()}}


def test_module_equals_core() -> None:
    found = CoupledGraphLoss(GRAPH)(**batch())
    core = losses.coupled_graph(**arrays(), graph=GRAPH)
    assert list(found) == list(core)
    for name, term in found.items():
        np.testing.assert_allclose(term.detach().numpy(), core[name], rtol=1e-12)


def test_function_equals_module() -> None:
    found = functional.coupled_graph(**batch(), graph=GRAPH)["total"]
    assert torch.equal(found, CoupledGraphLoss(GRAPH)(**batch())["total"])


def test_matrices_are_buffers_and_stay_wide() -> None:
    loss = CoupledGraphLoss(GRAPH).half()
    assert [name for name, _ in loss.named_buffers()] == [
        f"edges.{index}.{matrix}" for index in (0, 1) for matrix in ("conditional", "weights")
    ]
    assert {buffer.dtype for buffer in loss.buffers()} == {torch.float64}
    assert loss.graph is GRAPH


def test_copies_and_pickles() -> None:
    loss = CoupledGraphLoss(GRAPH)
    expected = loss(**batch())["total"]
    assert torch.equal(copy.deepcopy(loss)(**batch())["total"], expected)
    assert torch.equal(pickle.loads(pickle.dumps(loss))(**batch())["total"], expected)


def test_sample_weight() -> None:
    weight = np.arange(3.0)
    found = CoupledGraphLoss(GRAPH)(**batch(), sample_weight=torch.tensor(weight))["total"]
    expected = losses.coupled_graph(**arrays(), graph=GRAPH, sample_weight=weight)["total"]
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-12)


def test_checkpoint_round_trip() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), CoupledGraphLoss(GRAPH))
    state = network.state_dict()
    assert all(isinstance(value, Tensor) for value in state.values())
    assert str(network.load_state_dict(state)) == "<All keys matched successfully>"


@pytest.mark.parametrize(("other", "message"), OTHERS)
def test_foreign_checkpoint_is_refused(other: str, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        CoupledGraphLoss(GRAPH).load_state_dict(CoupledGraphLoss(other).state_dict())


def test_repr_shows_the_edges() -> None:
    text = repr(CoupledGraphLoss(GRAPH))
    assert "category -> neckline, Relatedness(3 classes x 3 attributes)" in text
    assert "dm={'detach': 'classes'" in text


def test_bad_arguments() -> None:
    with pytest.raises(TypeError, match=r"graph should be a coupling\.CouplingGraph, got dict"):
        CoupledGraphLoss(GRAPH.tasks)
    inputs = batch()
    with pytest.raises(ValueError, match="labels should have keys among .*, got 'collar'"):
        CoupledGraphLoss(GRAPH)(inputs["logits"], inputs["labels"] | {"collar": inputs["labels"]["neckline"]})
