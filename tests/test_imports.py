"""What importing costs and what it pulls in; each test runs in a fresh interpreter."""

import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import coupling
from backends import jax_adapter, needs, tensorflow, torch_adapter

FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "dask", "cupy")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_core_imports_no_framework() -> None:
    code = f"""
import sys, numpy as np
import coupling
table = coupling.knowledge.du2014()
z, s, c, y = np.zeros((2, 7)), np.zeros((2, 17)), np.array([0, -1]), np.ones((2, 17))
coupling.losses.coupled(z, s, c, y, table, **coupling.directed(1, 1))
print([name for name in {FRAMEWORKS} if name in sys.modules])
"""
    assert run(code).strip() == "[]"


def test_import_takes_less_than_one_and_a_half_times_numpy(tmp_path: Path) -> None:
    # As after an installation: compiled once, into a cache of the test's own, wherever the sources may lie.
    code = f"""
import os, subprocess, sys, time
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = {str(tmp_path)!r}
def seconds(module):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-P", "-c", "import " + module], check=True)
    return time.perf_counter() - start
pairs = [(seconds("coupling"), seconds("numpy")) for _ in range(11)]
print(min(a for a, _ in pairs) / min(b for _, b in pairs))
"""
    assert float(run(code)) < 1.5


@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [("torch", "torch", "torch"), ("jax", "jax", "jax"), ("keras", "keras", "keras")],
)
def test_missing_framework_names_the_extra(module: str, missing: str, extra: str) -> None:
    code = f"""
import sys
sys.modules[{missing!r}] = None  # as if it were not installed
try:
    import coupling.{module}
except ImportError as error:
    print(error)
"""
    assert f'pip install "coupling[{extra}]"' in run(code)


@pytest.mark.parametrize(
    "module",
    [
        "coupling",
        "coupling.cli",
        "coupling.losses",
        pytest.param("coupling.torch", marks=needs(torch_adapter)),
        pytest.param("coupling.jax", marks=needs(jax_adapter)),
        pytest.param("coupling.keras", marks=needs(tensorflow)),
    ],
)
def test_all_is_sorted_and_there(module: str) -> None:
    code = f"""
import {module} as module
assert module.__all__ == sorted(module.__all__), module.__all__
assert all(hasattr(module, name) for name in module.__all__)
"""
    run(code)


def test_version_is_that_of_the_metadata() -> None:
    code = "import coupling, importlib.metadata as m; assert coupling.__version__ == m.version('coupling')"
    run(code)


def test_names_that_come_late() -> None:
    assert coupling.__version__ == importlib.metadata.version("coupling")
    assert {*coupling.__all__, "__doc__"} <= {*dir(coupling)}
    assert coupling.diagnose is importlib.import_module("coupling._diagnosis").diagnose
    with pytest.raises(AttributeError, match="^module 'coupling' has no attribute 'nothing'$"):
        coupling.nothing  # noqa: B018
