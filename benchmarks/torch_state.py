"""What PyTorch keeps between two steps, as flat mappings of tensors."""

from collections.abc import Mapping

import torch
from torch import Tensor


def moments(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return what an optimiser has of its parameters, by their number and its name."""
    return {
        f"{number}/{name}": value
        for number, own in optimizer.state_dict()["state"].items()
        for name, value in own.items()
    }


def set_moments(optimizer: torch.optim.Optimizer, state: Mapping[str, Tensor]) -> None:
    """Undo `moments`, in an optimiser of the same parameters."""
    own: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        number, _, name = key.partition("/")
        own.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": own})


def chance() -> dict[str, Tensor]:
    """Return the states of PyTorch's own generators."""
    gpu = {"cuda": torch.cuda.get_rng_state()} if torch.cuda.is_available() else {}
    return {"cpu": torch.get_rng_state(), **gpu}


def set_chance(state: Mapping[str, Tensor]) -> None:
    """Undo `chance`, on the same device."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"])
