"""How an adapter takes over a function of the core."""

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from coupling._bind import Devices, bind


def scaled(x: Any, factor: Any = 2, *, xp: Any = None) -> Any:
    """Scale.

    Args:
        x: what is scaled.
        xp: the arrays' namespace, found from them by default.

    Example:
        >>> scaled(1)

    References:
        A book.
    """
    return xp.name, x, factor


PLAIN = SimpleNamespace(name="plain")
DOUBLING = SimpleNamespace(name="doubling", accept=lambda value: 2 * value)
GROUP = Devices("group", "Group | None", "who takes part.", lambda group: f"over {group}")


def test_the_namespace_is_fixed() -> None:
    bound = bind(scaled, PLAIN, "adapter", "", GROUP)
    assert bound(1, factor=3) == ("plain", 1, 3)
    assert bound(x=1) == ("plain", 1, 2)


def test_every_argument_is_accepted() -> None:
    assert bind(scaled, DOUBLING, "adapter", "", GROUP)(1, factor=3) == ("doubling", 2, 6)


def test_it_is_a_member_of_the_adapter() -> None:
    bound = bind(scaled, PLAIN, "adapter", "\n        >>> scaled(3)\n        'plain'\n    ", GROUP)
    assert (bound.__name__, bound.__module__) == ("scaled", "adapter")
    assert not hasattr(bound, "__wrapped__")
    assert (
        str(inspect.signature(bound)) == "(x: Any, factor: Any = 2, *, group: 'Group | None' = None) -> Any"
    )
    assert bound.__doc__ == (
        "Scale.\n\nArgs:\n    x: what is scaled.\n    group: who takes part.\n\n"
        "Example:\n    >>> scaled(3)\n    'plain'\n\n"
        "References:\n    A book.\n"
    ).removesuffix("\n")


def test_the_namespace_is_no_argument_any_more() -> None:
    bound = bind(scaled, PLAIN, "adapter", "", GROUP)
    for name in ("xp", "why"):
        with pytest.raises(TypeError, match=f"^scaled.. got an unexpected keyword argument '{name}'$"):
            bound(1, **{name: 0})


def test_a_function_without_a_docstring() -> None:
    assert bind(lambda *, xp: xp, PLAIN, "adapter", "1", GROUP).__doc__ == "Example:\n    1\n\nReferences:"


def test_devices_make_a_normalizer() -> None:
    def loss(x: Any, *, normalizer: Any = None, reduction: str = "mean", xp: Any = None) -> Any:
        return x, normalizer

    bound = bind(loss, PLAIN, "adapter", "", GROUP)
    assert bound(1) == (1, None)
    assert bound(1, group="all") == (1, "over all")
    with pytest.raises(ValueError, match="group is not taken with reduction='sum', got 'all'"):
        bound(1, group="all", reduction="sum")
