"""How an adapter takes over a function of the core."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from coupling._namespace import Namespace

P = ParamSpec("P")
R = TypeVar("R")


def bind(function: Callable[P, R], xp: Namespace, module: str) -> Callable[P, R]:
    """Return `function` with its namespace fixed to `xp`, as a member of `module`."""

    @functools.wraps(function)
    def bound(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **{**kwargs, "xp": xp})

    bound.__module__ = module
    signature = inspect.signature(function)
    parameters = [parameter for name, parameter in signature.parameters.items() if name != "xp"]
    bound.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return cast("Callable[P, R]", bound)
