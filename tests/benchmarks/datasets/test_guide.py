"""The guide to the datasets is about what there is, and its example runs."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dataset_trees import cub

import benchmarks.datasets
from benchmarks.datasets import LOADERS, _loader, options

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "datasets.md").read_text()
SECTIONS = dict(
    re.findall(r"^### [^\n]*: `([\w-]+)`\n(.*?)(?=^##|\Z)", GUIDE, flags=re.MULTILINE | re.DOTALL)
)


def test_every_database_has_its_section():
    assert tuple(SECTIONS) == LOADERS


@pytest.mark.parametrize("name", LOADERS)
def test_every_option_is_told(name: str):
    for option in options(name):
        assert f"`{option}`" in SECTIONS[name], option


@pytest.mark.parametrize("name", LOADERS)
def test_trees_are_those_of_the_errors(name: str):
    assert f"```\n{_loader(name).TREE.strip()}\n```" in SECTIONS[name]


def test_example(tmp_path: Path):
    cub.write(tmp_path)
    (code,) = re.findall(r"^```py\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}\nassert readable.all()",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "cub: 9 images" in done.stdout


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.iter_modules(benchmarks.datasets.__path__)]
)
def test_examples_of_docstrings(name: str):
    module = importlib.import_module(f"benchmarks.datasets.{name}")
    assert doctest.testmod(module).failed == 0
