"""What the modules share: a relatedness held in buffers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from coupling._namespace import describe_type
from coupling._normalizer import check_mean
from coupling._relatedness import Relatedness
from coupling.torch._devices import Group

if TYPE_CHECKING:
    from torch.distributed import ProcessGroup

MATRICES = ("conditional", "weights")


class RelatednessModule(nn.Module):
    """A module with the matrices of a relatedness as buffers.

    The buffers are always the matrices themselves: a cast to half precision leaves them float64, and a
    checkpoint with other names or values is refused.
    """

    conditional: Tensor
    weights: Tensor

    def __init__(
        self, relatedness: Relatedness, options: Mapping[str, Any], process_group: ProcessGroup | None = None
    ) -> None:
        check_mean("process_group", process_group, options.get("reduction", "mean"))
        super().__init__()
        self._relatedness = relatedness
        self._group = Group(process_group)
        self.options: dict[str, Any] = _plain(options)
        for name in MATRICES:
            self.register_buffer(name, self._matrix(name, torch.device("cpu")))

    def _matrix(self, name: str, device: torch.device) -> Tensor:
        dtype = torch.float32 if device.type == "mps" else torch.float64  # Metal has no float64
        return torch.tensor(getattr(self._relatedness, name), dtype=dtype, device=device)

    @property
    def relatedness(self) -> Relatedness:
        """The relatedness that the module was given."""
        return self._relatedness

    @property
    def _in_buffers(self) -> Relatedness:
        """The relatedness with the buffers for matrices, which are where the module is."""
        return self._relatedness._with_arrays(self.conditional, self.weights)

    @property
    def process_group(self) -> ProcessGroup | None:
        """The processes that means are taken over."""
        group: ProcessGroup | None = self._group.resolve()
        return group

    def extra_repr(self) -> str:
        """Return the relatedness and the options."""
        empty = (type(None), dict)
        options = {**self.options, "process_group": self._group.name}
        chosen = {name: x for name, x in options.items() if not isinstance(x, empty) or x}
        given = "".join(f", {name}={value!r}" for name, value in chosen.items())
        return f"{self._relatedness!r}{given}"

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> RelatednessModule:
        for name in MATRICES:  # narrow ones, which any device can take, show where they are moved to
            self._buffers[name] = self._buffers[name].float()  # type: ignore[union-attr]
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        for name in MATRICES:
            self._buffers[name] = self._matrix(name, self._buffers[name].device)  # type: ignore[union-attr]
        return self

    def get_extra_state(self) -> Tensor:
        """Return the names as JSON in bytes, so that a checkpoint holds tensors only."""
        names = json.dumps(self._names()).encode()
        return torch.tensor(list(names), dtype=torch.uint8, device="cpu")

    def _names(self) -> dict[str, Any]:
        own = self._relatedness
        return {"classes": own.classes, "attributes": own.attributes, "known": own.known.tolist()}

    def set_extra_state(self, state: Any) -> None:
        """Do nothing: a checkpoint's names are compared with the module's, never taken over."""

    def _load_from_state_dict(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        local_metadata: Mapping[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        # Not the buffers: a distributed checkpoint is read into them before it comes here.
        own = {name: self._matrix(name, self._buffers[name].device) for name in MATRICES}  # type: ignore[union-attr]
        own["_extra_state"] = self.get_extra_state()
        for name, expected in own.items():
            found = state_dict.get(prefix + name)
            if found is None:
                missing_keys.append(prefix + name)
                continue
            difference: Callable[[Any, Any], str] = (
                _names_differ if name == "_extra_state" else _matrix_differs
            )
            problem = difference(expected, found)
            if problem:
                error_msgs.append(f"{prefix}{name} should be that of {self._relatedness!r}, {problem}")
        # What else a subclass has is loaded as ever; the buffers stay.
        others = {**state_dict, **{prefix + name: value for name, value in own.items()}}
        super()._load_from_state_dict(
            others, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs
        )


def _plain(option: Any) -> Any:
    """Return an option with lists for NumPy arrays, whose values torch.compile could not check."""
    if isinstance(option, Mapping):
        return {name: _plain(value) for name, value in option.items()}
    if isinstance(option, list):  # the caller's, who may change it
        return list(option)
    return option.tolist() if isinstance(option, np.ndarray) else option


def _names_differ(expected: Tensor, found: Any) -> str:
    own = json.loads(bytes(expected.tolist()))
    try:
        if found.dtype != torch.uint8 or found.ndim != 1:  # bytes() of a number would be as many zeros
            raise TypeError(found.dtype)
        other = json.loads(bytes(found.tolist()))
        return next((f"got {key} {other[key]}" for key in own if own[key] != other[key]), "")
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError):
        return "got names that cannot be read"


def _matrix_differs(expected: Tensor, found: Any) -> str:
    if not isinstance(found, Tensor):
        return f"got {describe_type(found)}"
    if found.shape != expected.shape:
        return f"got shape {tuple(found.shape)}"
    if not found.is_floating_point():  # an integer or a flag would hide what is rounded away
        return f"got {found.dtype}"
    try:
        own, other = expected.cpu(), found.cpu()
        # A checkpoint may have been saved in a narrower type than the module keeps.
        same = torch.equal(own.to(other.dtype).double(), other.double())
    except RuntimeError:  # sparse, or without values
        return "got a matrix that cannot be read"
    return "" if same else "got another matrix"
