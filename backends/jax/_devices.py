"""Averages over the devices along a named axis, of `shard_map`, `pmap` or `vmap`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
from jax import Array

from coupling._bind import Devices
from coupling._namespace import describe_type

AxisName = str | tuple[str, ...]


@dataclass(frozen=True)
class Average:
    """The average along an axis, as a normalizer of the core."""

    axis_name: AxisName

    def __call__(self, x: Array, /) -> Array:
        """Return the average."""
        mean: Array = jax.lax.pmean(x, self.axis_name)  # type: ignore[no-untyped-call]
        return mean

    def maximum(self, x: Array) -> Array:
        """Return the largest, held fixed."""
        x = jax.lax.stop_gradient(x)
        largest: Array = jax.lax.pmax(x, self.axis_name)  # type: ignore[no-untyped-call]
        return largest


def over(axis_name: Any) -> Average:
    """Return the average along an axis, or several."""
    names = axis_name if isinstance(axis_name, tuple) else (axis_name,)
    if not names or not all(isinstance(name, str) for name in names):
        got = repr(axis_name) if isinstance(axis_name, tuple) else describe_type(axis_name)
        raise TypeError(f"axis_name should be the name of an axis or a tuple of such, got {got}")
    return Average(axis_name)


DEVICES = Devices(
    "axis_name",
    "str | tuple[str, ...] | None",
    "the axis of devices, or several, that the mean is taken over; this device alone by default.",
    over,
)
