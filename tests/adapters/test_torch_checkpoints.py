"""Copies, pickles and checkpoints of the PyTorch modules."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from torch import Tensor
from torch_modules import MODULES, batch, call

from coupling import Relatedness
from coupling.knowledge import aff_wild2, du2014
from coupling.torch import (
    CoupledLoss,
)

# torch's own compiler imports torch's own deprecated decorator.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")


@pytest.fixture(params=MODULES)
def module(request: pytest.FixtureRequest) -> torch.nn.Module:
    return MODULES[request.param](du2014())


def test_copies_and_pickles(module: torch.nn.Module) -> None:
    expected = call(module, batch())
    assert torch.equal(call(copy.deepcopy(module), batch()), expected)
    assert torch.equal(call(pickle.loads(pickle.dumps(module)), batch()), expected)


def test_checkpoint_round_trip(module: torch.nn.Module) -> None:
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    assert all(isinstance(value, Tensor) for value in state.values())
    assert str(module.load_state_dict(state)) == "<All keys matched successfully>"
    halved = {name: x.half() if x.is_floating_point() else x for name, x in state.items()}
    module.load_state_dict(halved)
    np.testing.assert_array_equal(module.weights.numpy(), du2014().weights)


def renamed(**names: list[str]) -> Relatedness:
    table = du2014()
    return Relatedness(
        table.conditional,
        table.weights,
        **{"classes": table.classes, "attributes": table.attributes, **names},
    )


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (renamed(classes=list("abcdefg")), r"got classes \['a', 'b'"),
        (renamed(attributes=list("abcdefghijklmnopq")), r"got attributes \['a', 'b'"),
        (
            Relatedness(du2014().conditional / 2, du2014().weights),
            "conditional should be that of.*another matrix",
        ),
        (Relatedness(du2014().conditional), "weights should be that of.*another matrix"),
        (aff_wild2(), r"got shape \(7, 11\)"),
        (Relatedness(du2014().conditional, known=[False] + 6 * [True]), r"got classes \['class_0'"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_foreign_checkpoint_is_refused(
    module: torch.nn.Module, other: Relatedness, message: str, strict: bool
) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), module)
    state = network.state_dict()
    state |= {f"1.{name}": value for name, value in CoupledLoss(other).state_dict().items()}
    with pytest.raises(RuntimeError, match=message):
        network.load_state_dict(state, strict=strict)


def test_incomplete_checkpoint(module: torch.nn.Module) -> None:
    with pytest.raises(RuntimeError, match='Missing key.*"conditional", "weights", "_extra_state"'):
        module.load_state_dict({})
    with pytest.raises(RuntimeError, match='Unexpected key.*"colour"'):
        module.load_state_dict({**module.state_dict(), "colour": torch.zeros(1)})
    with pytest.raises(RuntimeError, match="names that cannot be read"):
        module.load_state_dict({**module.state_dict(), "_extra_state": torch.zeros(3, dtype=torch.uint8)})
    assert not module.load_state_dict({}, strict=False).unexpected_keys


MATRIX = torch.tensor(du2014().conditional)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("conditional", MATRIX.numpy(), "got numpy.ndarray"),
        ("conditional", "matrix", "got str"),
        ("conditional", (MATRIX > 0), "got torch.bool"),
        ("weights", MATRIX.long(), "got torch.int64"),
        ("conditional", MATRIX.to_sparse(), "got a matrix that cannot be read"),
        ("conditional", MATRIX.to("meta"), "got a matrix that cannot be read"),
        ("conditional", MATRIX.to(torch.complex128), "got torch.complex128"),
        ("conditional", MATRIX * torch.nan, "got another matrix"),
        ("_extra_state", torch.tensor(10**13), "got names that cannot be read"),
        ("_extra_state", torch.zeros(3, device="meta", dtype=torch.uint8), "got names that cannot be read"),
        ("_extra_state", torch.zeros(2, 2, dtype=torch.uint8), "got names that cannot be read"),
        ("_extra_state", torch.tensor(list(b"[" * 100_000), dtype=torch.uint8), "got names that cannot be"),
        ("_extra_state", torch.tensor(list(b"{}"), dtype=torch.uint8), "got names that cannot be read"),
        ("_extra_state", torch.tensor(list(b"[]"), dtype=torch.uint8), "got names that cannot be read"),
        ("_extra_state", {"classes": ()}, "got names that cannot be read"),
    ],
)
def test_a_checkpoint_of_other_things_is_refused(
    module: torch.nn.Module, name: str, value: object, message: str
) -> None:
    with pytest.raises(RuntimeError, match=message):
        module.load_state_dict({**module.state_dict(), name: value})


def test_what_is_written_into_the_state_is_refused_and_put_right(module: torch.nn.Module) -> None:
    """As a distributed checkpoint is loaded: into the tensors that `state_dict` has given."""
    expected = call(module, batch())
    state = module.state_dict()
    matrices = [value for name, value in state.items() if name.endswith("conditional")]
    for matrix in matrices:
        matrix.fill_(0.5)
    with pytest.raises(RuntimeError, match="should be that of .* got another matrix"):
        module.load_state_dict(state)
    assert torch.equal(call(module, batch()), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float8_e4m3fn])
def test_a_checkpoint_of_narrower_matrices_is_taken(module: torch.nn.Module, dtype: torch.dtype) -> None:
    state = module.state_dict()
    module.load_state_dict({**state, "conditional": state["conditional"].to(dtype)})
    assert torch.equal(module.conditional, state["conditional"])


class Uncertain(CoupledLoss):
    """A loss with a parameter of its own."""

    def __init__(self, table: Relatedness) -> None:
        super().__init__(table)
        self.log_sigma = torch.nn.Parameter(torch.zeros(2))


def test_a_subclass_loads_what_is_its_own() -> None:
    saved, loaded = Uncertain(du2014()), Uncertain(du2014())
    torch.nn.init.ones_(saved.log_sigma)
    loaded.load_state_dict(saved.state_dict())
    assert torch.equal(loaded.log_sigma, saved.log_sigma)
    with pytest.raises(RuntimeError, match="should be that of"):
        loaded.load_state_dict(Uncertain(Relatedness(np.full((7, 17), 0.5))).state_dict())
    with pytest.raises(RuntimeError, match="Unexpected key.*other"):
        loaded.load_state_dict({**saved.state_dict(), "other": torch.zeros(1)})
    with pytest.raises(RuntimeError, match="Missing key.*conditional"):
        loaded.load_state_dict({"log_sigma": torch.zeros(2)})
