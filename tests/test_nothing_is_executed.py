"""Nothing in the package or the benchmarks reads what could execute: no pickle, no eval."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [path for folder in ("coupling", "backends", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
MODULES = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "yaml", "runpy", "code"}
NAMES = {"eval", "exec", "compile", "__import__"}
CALLS = {("torch", "load"), ("np", "load"), ("pd", "read_pickle"), ("os", "system")}
OPTIONS = {"allow_pickle", "shell"}


def without_pickle(keyword: ast.keyword) -> bool:
    """Does it say that no pickle is read?"""
    return keyword.arg == "allow_pickle" and getattr(keyword.value, "value", None) is False


def executing(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.split(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in MODULES:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in NAMES:
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name), keywords=keywords) if (
                module,
                name,
            ) in CALLS and not any(map(without_pickle, keywords)):
                yield f"{module}.{name}"
            case ast.keyword(arg=str(name), value=ast.Constant(value=True)) if name in OPTIONS:
                yield name


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_executed(path: Path) -> None:
    assert list(executing(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from yaml import load",
        "import os, marshal",
        "eval(text)",
        "torch.load(path, weights_only=False)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "subprocess.run(text, shell=True)",
    ],
)
def test_it_would_be_seen(source: str) -> None:
    assert list(executing(source)) != []


def test_arrays_alone_may_be_loaded() -> None:
    assert list(executing("np.load(path, allow_pickle=False)")) == []
