"""How an adapter takes over a function of the core."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from coupling._namespace import Namespace

P = ParamSpec("P")
R = TypeVar("R")


def bind(function: Callable[P, R], xp: Namespace, module: str, example: str) -> Callable[P, R]:
    """Return `function` with its namespace fixed to `xp`, as a member of `module` with its own example.

    A namespace may bring `accept`, which makes its own arrays of others that its users pass.
    """
    accept: Callable[[Any], Any] = getattr(xp, "accept", lambda value: value)

    @functools.wraps(function)
    def bound(*args: P.args, **kwargs: P.kwargs) -> R:
        kwargs = {name: accept(value) for name, value in kwargs.items()}  # type: ignore[assignment]
        return function(*map(accept, args), **{**kwargs, "xp": xp})  # type: ignore[arg-type]

    del bound.__wrapped__  # its signature has xp
    signature = inspect.signature(function)
    parameters = [parameter for name, parameter in signature.parameters.items() if name != "xp"]
    bound.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    bound.__module__ = module
    bound.__doc__ = _with_example(inspect.getdoc(function) or "", example)
    return cast("Callable[P, R]", bound)


def _with_example(docstring: str, example: str) -> str:
    docstring = re.sub(r"\n    xp: [^\n]*", "", docstring)
    before, _, after = docstring.partition("Example:\n")
    lines = "".join(f"    {line}\n" for line in inspect.cleandoc(example).splitlines())
    references = after.partition("References:")[2]
    return f"{before}Example:\n{lines}\nReferences:{references}"
