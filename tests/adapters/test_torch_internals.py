"""What the PyTorch modules hand on, average over a group, keep and refuse, in one process."""

import copy
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from graphs import GRAPH
from torch import Tensor, distributed

from coupling import Relatedness
from coupling.torch import (
    CoupledGraphLoss,
    CoupledLoss,
    DistributionMatchingLoss,
    SoftCoAnnotationLoss,
    _namespace,
    functional,
)
from coupling.torch._base import _names_differ
from coupling.torch._devices import Average, Group, over

BIRDS = Relatedness([[1, 0], [0, 1]], classes=["gull", "crow"], attributes=["white", "black"])
EACH = {"sample_weight": "w", "normalizer": "n"}
ONE = EACH | {"where": "x"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[distributed.ProcessGroup]:
    """A group of this process alone."""
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1)
    yield distributed.group.WORLD
    distributed.destroy_process_group()


@pytest.mark.parametrize(
    ("build", "function", "arrays", "given", "options"),
    [
        (
            lambda **group: DistributionMatchingLoss(BIRDS, divergence="js", **group),
            "distribution_matching",
            ("z", "s"),
            ONE,
            {"divergence": "js", "matching": "sample", "attribute_mask": None, "eps": 1e-7},
        ),
        (
            lambda **group: SoftCoAnnotationLoss(BIRDS, prior=np.ones(2), soft_label="posterior", **group),
            "soft_co_annotation",
            ("z", "y"),
            ONE,
            {"divergence": "cross_entropy", "soft_label": "posterior", "temperature": 1.0, "prior": [1, 1]},
        ),
        (
            lambda **group: CoupledLoss(BIRDS, sca={"source": "both"}, **group),
            "coupled",
            ("z", "s", "c", "y"),
            EACH,
            {"weights": {}, "dm": {}, "sca": {"source": "both"}},
        ),
        (lambda **group: CoupledGraphLoss(GRAPH, **group), "coupled_graph", ("z", "y"), EACH, {}),
    ],
)
def test_a_call_is_handed_on(
    build: Any,
    function: str,
    arrays: tuple[str, ...],
    given: dict[str, str],
    options: dict[str, Any],
    world: distributed.ProcessGroup,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []
    monkeypatch.setattr(functional, function, lambda *args, **named: seen.append((args, named)))
    build(process_group=world)(*arrays, **given)
    ((taken, named),) = seen
    assert taken[:-1] == arrays
    expected = {**given, "process_group": world, **options}
    assert {name: named[name] for name in expected} == expected


def test_an_average_and_its_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if another process had 5 everywhere."""

    def all_reduce(y: Tensor, op: Any = distributed.ReduceOp.SUM, group: Any = None) -> None:
        assert group == "g"
        assert y.is_contiguous()
        y.copy_(torch.clamp(y, min=5.0) if op == distributed.ReduceOp.MAX else y + 5.0)

    monkeypatch.setattr(distributed, "all_reduce", all_reduce)
    monkeypatch.setattr(distributed, "get_world_size", lambda group=None: {"g": 2}[group])
    x = torch.tensor([[1.0, 3.0], [7.0, 9.0]], requires_grad=True)
    average = Average("g")
    y = average(x.T)
    assert y.tolist() == [[3.0, 6.0], [4.0, 7.0]]
    y.sum().backward()
    assert x.grad.tolist() == [[3.0, 3.0], [3.0, 3.0]]
    assert average.maximum(x).tolist() == [[5.0, 5.0], [7.0, 9.0]]
    assert x.tolist() == [[1.0, 3.0], [7.0, 9.0]]


def test_the_group_itself_is_kept(world: distributed.ProcessGroup) -> None:
    own = Group(world)
    assert own.group is world
    assert own.name == world.group_name
    assert over(world).group is world
    assert copy.deepcopy(own) is own


def test_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert _namespace.read(x).tolist() == [1.0, 2.0]
    assert _namespace.read(torch.empty(2, device="meta")) is None
    assert _namespace.read(torch.ones(2, dtype=torch.bfloat16)) is None
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert _namespace.read(x) is None


def test_matrices_for_metal_are_of_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    loss = CoupledLoss(BIRDS)
    monkeypatch.setattr(torch, "tensor", lambda x, *, dtype, device: (dtype, device.type))
    assert loss._matrix("weights", torch.device("mps")) == (torch.float32, "mps")
    assert loss._matrix("weights", torch.device("cpu")) == (torch.float64, "cpu")


class Elsewhere:
    """A tensor on a device that is not there."""

    dtype, is_meta = torch.float32, False

    def __init__(self, device: str) -> None:
        self.device, self.casts = torch.device(device), []

    def to(self, dtype: torch.dtype) -> "Elsewhere":
        self.casts.append(dtype)
        return self


@pytest.mark.parametrize(("device", "dtype"), [("mps", torch.float32), ("cuda", torch.float64)])
@pytest.mark.parametrize("autocast", [True, False])
def test_products_elsewhere(
    device: str, dtype: torch.dtype, autocast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wide where the device has it, and without autocast."""
    seen = []
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda kind: autocast and kind == device)
    monkeypatch.setattr(
        torch, "autocast", lambda kind, enabled=True: seen.append((kind, enabled)) or nullcontext()
    )
    monkeypatch.setattr(torch, "matmul", lambda x, y: x)
    x, y = Elsewhere(device), Elsewhere(device)
    assert _namespace.matmul(x, y) is x
    assert (x.casts, y.casts) == ([dtype, torch.float32], [dtype])
    assert seen == [(device, False)] * autocast


def test_everything_that_is_chosen_is_shown() -> None:
    masked = DistributionMatchingLoss(BIRDS, attribute_mask=np.asarray([True, False]), reduction="sum")
    assert repr(masked) == (
        "DistributionMatchingLoss(Relatedness(2 classes x 2 attributes), divergence='cross_entropy', "
        "matching='sample', attribute_mask=[True, False], eps=1e-07, reduction='sum')"
    )
    coupled = CoupledLoss(BIRDS, dm={"eps": 0.1})
    assert repr(coupled) == "CoupledLoss(Relatedness(2 classes x 2 attributes), dm={'eps': 0.1})"
    edge = repr(CoupledGraphLoss(GRAPH).edges[0])
    assert edge == (
        "_EdgeModule(category -> pattern, Relatedness(3 classes x 2 attributes), "
        "weights={'distribution_matching': 1.0, 'soft_co_annotation': 1.0}, "
        "dm={'divergence': 'js'}, sca={'source': 'both'})"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: state | CoupledLoss(KNOWN).state_dict(), r"\), got known \[True, False\]"),
        (
            lambda state: state | {"_extra_state": state["_extra_state"].long()},
            r"\), got names that cannot be read",
        ),
        (lambda state: state | {"weights": torch.ones(2, 2)}, r"\), got another matrix"),
        (
            lambda state: state | {"weights": torch.ones(2, 2).to_sparse()},
            r"\), got a matrix that cannot be read",
        ),
    ],
)
def test_what_is_said_of_another_checkpoint(change: Any, words: str) -> None:
    loss = CoupledLoss(BIRDS)
    with pytest.raises(RuntimeError, match=words):
        loss.load_state_dict(change(dict(loss.state_dict())))


KNOWN = Relatedness(
    BIRDS.conditional, classes=BIRDS.classes, attributes=BIRDS.attributes, known=[True, False]
)


def test_the_same_names_say_nothing() -> None:
    state = CoupledLoss(BIRDS).get_extra_state()
    assert _names_differ(state, state.clone()) == ""


class Scaled(CoupledLoss):
    """With something of its own."""

    def __init__(self) -> None:
        super().__init__(BIRDS)
        self.scale = torch.nn.Parameter(torch.ones(2))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: {name: x for name, x in state.items() if name != "scale"}, 'Missing key.*"scale"'),
        (lambda state: state | {"scale": torch.ones(3)}, "size mismatch for scale"),
        (lambda state: state | {"shift": torch.ones(3)}, 'Unexpected key.*"shift"'),
    ],
)
def test_what_a_subclass_has_is_checked_as_ever(change: Any, words: str) -> None:
    loss = Scaled()
    with pytest.raises(RuntimeError, match=words):
        loss.load_state_dict(change(dict(loss.state_dict())))
