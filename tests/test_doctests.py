"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

from backends import chosen, jax_adapter, tensorflow, torch_adapter

ADAPTERS = {"coupling.torch": torch_adapter, "coupling.jax": jax_adapter, "coupling.keras": tensorflow}
PACKAGES = ["coupling", "coupling.cli", "coupling.losses", *(x for x, y in ADAPTERS.items() if chosen([y]))]
MODULES = sorted(
    module.name
    for package in PACKAGES
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}.")
    if module.name not in ADAPTERS
)


@pytest.mark.parametrize("name", [*PACKAGES, *MODULES])
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
