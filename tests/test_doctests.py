"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

MODULES = sorted(
    module.name
    for package in (
        "coupling",
        "coupling.cli",
        "coupling.losses",
        "coupling.torch",
        "coupling.jax",
        "coupling.keras",
    )
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}.")
)


@pytest.mark.parametrize("name", ["coupling", *MODULES])
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
