"""How an adapter takes over a function of the core."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar, cast, overload

from coupling._namespace import Namespace
from coupling._normalizer import Normalizer, check_mean, compose

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T", covariant=True)


class Devices(NamedTuple):
    """How an adapter's users name the devices that a mean is to be taken over."""

    option: str
    annotation: str
    meaning: str
    normalizer: Callable[[Any], Normalizer]


class Bound(Protocol[P, T]):
    """A function of the core with an option of the adapter, here any, in place of its namespace."""

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    def __call__(self, *args: Any, process_group: Any, **kwargs: Any) -> T: ...
    @overload
    def __call__(self, *args: Any, axis_name: Any, **kwargs: Any) -> T: ...


def bind(function: Callable[P, R], xp: Namespace, module: str, example: str, devices: Devices) -> Bound[P, R]:
    """Return `function` with its namespace fixed to `xp`, as a member of `module` with its own example.

    A namespace may bring `accept`, which makes its own arrays of others that its users pass.
    """
    accept: Callable[[Any], Any] = getattr(xp, "accept", lambda value: value)

    @functools.wraps(function)
    def bound(*args: P.args, **kwargs: P.kwargs) -> R:
        if "xp" in kwargs:
            raise TypeError(f"{function.__name__}() got an unexpected keyword argument 'xp'")
        options: dict[str, Any] = {name: accept(value) for name, value in kwargs.items()}
        over = options.pop(devices.option, None)
        if over is not None:
            check_mean(devices.option, over, options.get("reduction", "mean"))
            options["normalizer"] = compose(options.get("normalizer"), devices.normalizer(over))
        return function(*map(accept, args), **{**options, "xp": xp})

    del bound.__wrapped__  # its signature has xp
    signature = inspect.signature(function)
    own = inspect.Parameter(
        devices.option, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=devices.annotation
    )
    parameters = [own if name == "xp" else parameter for name, parameter in signature.parameters.items()]
    bound.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    bound.__module__ = module
    docstring = re.sub(
        r"\n    xp: [^\n]*", f"\n    {devices.option}: {devices.meaning}", inspect.getdoc(function) or ""
    )
    bound.__doc__ = _with_example(docstring, example)
    return cast("Bound[P, R]", bound)


def _with_example(docstring: str, example: str) -> str:
    before, _, after = docstring.partition("Example:\n")
    lines = "".join(f"    {line}\n" for line in inspect.cleandoc(example).splitlines())
    references = after.partition("References:")[2]
    return f"{before}Example:\n{lines}\nReferences:{references}"
