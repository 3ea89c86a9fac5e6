"""A loss over a process group: DDP has the gradients of the whole batch on one device."""

import copy
import io
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import distributed
from torch_devices import CASES, PARTS, TABLE, UNKNOWN

from coupling.torch import CoupledLoss, DistributionMatchingLoss, functional

TESTS = Path(__file__).parents[1]
LOGITS = torch.zeros(2, 3), torch.zeros(2, 2)
BATCH = (*LOGITS, torch.tensor([0, -1]), torch.zeros(2, 2))


@pytest.fixture(scope="module")
def errors() -> dict[str, dict[str, float]]:
    """How far each process is from one device, by the case."""
    command = [sys.executable, "torch_devices.py"]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    *_, said = done.stdout.splitlines()  # Gloo may have its own say before
    found: dict[str, dict[str, float]] = json.loads(said)
    return found


@pytest.mark.parametrize("size", PARTS)
@pytest.mark.parametrize("case", [*CASES, "no label anywhere"])
def test_as_on_one_device(case: str, size: int, errors: dict[str, dict[str, float]]) -> None:
    """Value and gradients, the first process being one without any label."""
    for rank in range(size):
        assert errors[f"{size}-{rank}"][case] < 1e-10


@pytest.mark.parametrize("case", ["accumulation", "compiled"])
def test_of_two_processes(case: str, errors: dict[str, dict[str, float]]) -> None:
    assert max(errors["2-0"][case], errors["2-1"][case]) < 1e-10


@pytest.fixture
def world(tmp_path: Path) -> Iterator[distributed.ProcessGroup]:
    """A group of this process alone."""
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1)
    yield distributed.group.WORLD
    distributed.destroy_process_group()


def test_copies_and_checkpoints(world: distributed.ProcessGroup) -> None:
    loss = CoupledLoss(UNKNOWN, process_group=world)
    saved = io.BytesIO()
    torch.save(loss, saved)
    saved.seek(0)
    copies = [copy.deepcopy(loss), pickle.loads(pickle.dumps(loss)), torch.load(saved, weights_only=False)]
    assert repr(loss).endswith("process_group='0')")
    alone = CoupledLoss(UNKNOWN)
    alone.load_state_dict(loss.state_dict())
    for other in copies:
        assert other.process_group == world
        assert other(*BATCH).total == loss(*BATCH).total == alone(*BATCH).total


def test_a_group_that_is_no_longer_there(world: distributed.ProcessGroup) -> None:
    saved = pickle.dumps(CoupledLoss(TABLE, process_group=world))
    distributed.destroy_process_group()
    loss = pickle.loads(saved)
    with pytest.raises(RuntimeError, match="process_group should have been made before .*, got '0'"):
        loss(*BATCH)
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    assert loss(*BATCH).classes > 0


def test_what_is_refused(world: distributed.ProcessGroup) -> None:
    message = "process_group should be a torch.distributed.ProcessGroup or None, got str"
    with pytest.raises(TypeError, match=message):
        CoupledLoss(TABLE, process_group="world")
    with pytest.raises(TypeError, match=message):
        functional.distribution_matching(*LOGITS, TABLE, process_group="world")
    with pytest.raises(ValueError, match="process_group is not taken with reduction='sum', got"):
        DistributionMatchingLoss(TABLE, reduction="sum", process_group=world)
    with pytest.raises(ValueError, match="process_group is not taken with reduction='none', got"):
        functional.distribution_matching(*LOGITS, TABLE, reduction="none", process_group=world)
