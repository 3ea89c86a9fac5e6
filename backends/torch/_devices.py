"""Averages over the processes of a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch import distributed as dist

from coupling._bind import Devices
from coupling._namespace import describe_type


class _Mean(torch.autograd.Function):
    """The average over a group; its gradient is the average of the gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: Any) -> Tensor:
        ctx.group = group
        return _reduced(x, dist.ReduceOp.SUM, group) / dist.get_world_size(group)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _Mean.apply(gradients[0], ctx.group), None  # type: ignore[no-untyped-call]


def _reduced(x: Tensor, operation: Any, group: Any) -> Tensor:
    y = x.detach().clone(memory_format=torch.contiguous_format)
    dist.all_reduce(y, op=operation, group=group)
    return y


@dataclass(frozen=True, eq=False)  # PyTorch 2.9 hashes one that has no group yet while it compiles
class Average:
    """The average over the processes of a group, as a normalizer of the core."""

    group: Any

    def __call__(self, x: Tensor, /) -> Tensor:
        """Return the average."""
        y: Tensor = _Mean.apply(x, self.group)  # type: ignore[no-untyped-call]
        return y

    def maximum(self, x: Tensor) -> Tensor:
        """Return the largest, held fixed."""
        return _reduced(x, dist.ReduceOp.MAX, self.group)


class Group:
    """A process group that a module holds: by its name where it is saved, or copied into another process."""

    def __init__(self, group: Any) -> None:
        check_group(group)
        self.group = group
        self.name = None if group is None else group.group_name

    def resolve(self) -> Any:
        """Return the group: that of its name, in a process that it was not made in."""
        if self.group is None and self.name is not None:
            try:
                self.group = dist.distributed_c10d._resolve_process_group(  # type: ignore[attr-defined]
                    self.name
                )
            except (RuntimeError, ValueError):
                raise RuntimeError(
                    f"process_group should have been made before a loss over it is called, got {self.name!r}"
                ) from None
        return self.group

    def __deepcopy__(self, memo: Any) -> Group:
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {"group": None, "name": self.name}


def check_group(group: object) -> None:
    """Check that the argument is a process group or None."""
    if group is not None and not (dist.is_available() and isinstance(group, dist.ProcessGroup)):
        raise TypeError(
            f"process_group should be a torch.distributed.ProcessGroup or None, got {describe_type(group)}"
        )


def over(group: Any) -> Average:
    """Return the average over a group."""
    check_group(group)
    return Average(group)


DEVICES = Devices(
    "process_group",
    "torch.distributed.ProcessGroup | None",
    "the processes that the mean is taken over; this one alone by default.",
    over,
)
