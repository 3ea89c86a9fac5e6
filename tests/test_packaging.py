"""An editable install, a wheel and an sdist each give the same importable package."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import array_api_compat
import numpy
import pytest

ROOT = Path(__file__).parent.parent
PACKAGED = ("pyproject.toml", "README.md", "LICENSE", "coupling", "backends")
LAYOUT = {"": "coupling", ".losses": "coupling/losses", ".data": "coupling/data", ".cli": "coupling/cli"} | {
    f".{framework}": f"backends/{framework}" for framework in ("torch", "keras", "jax")
}

PROBE = f"""
import importlib, importlib.util, pathlib
import coupling
assert coupling.__version__
assert coupling.knowledge.du2014().conditional.shape == (7, 17)
assert importlib.util.find_spec("backends") is None
for name in {list(LAYOUT)}:
    for folder in importlib.util.find_spec("coupling" + name).submodule_search_locations:
        for file in pathlib.Path(folder).iterdir():
            if file.is_file():
                print("file", name, file.name, file.read_bytes().hex())
for framework in ("torch", "keras", "jax"):
    try:
        importlib.import_module("coupling." + framework)
    except ImportError as error:
        print("error", error)
"""


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is packaged, so that building leaves nothing in the working tree."""
    folder = tmp_path_factory.mktemp("source")
    for name in PACKAGED:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
            )
        else:
            shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def archives(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and a wheel."""
    folder = tmp_path_factory.mktemp("archives")
    run(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir", folder, source)
    return folder


@pytest.mark.parametrize("how", ["editable", "wheel", "sdist"])
def test_install(how: str, source: Path, archives: Path, tmp_path: Path) -> None:
    what = {
        "editable": ["--editable", source],
        "wheel": list(archives.glob("*.whl")),
        "sdist": list(archives.glob("*.tar.gz")),
    }[how]
    venv.create(tmp_path, symlinks=True)
    python = tmp_path / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    run(*pip, "--ignore-installed", "--prefix", tmp_path, *what)
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    for dependency in (numpy, array_api_compat):  # the frameworks stay out of reach
        for folder in Path(dependency.__file__).parent.parent.glob(f"{dependency.__name__}*"):
            (packages / folder.name).symlink_to(folder)

    lines = run(python, "-P", "-c", PROBE).splitlines()
    found = sorted(line for line in lines if line.startswith("file"))
    expected = sorted(
        f"file {name} {file.name} {file.read_bytes().hex()}"
        for name, folder in LAYOUT.items()
        for file in (source / folder).iterdir()
        if file.is_file()
    )
    assert found == expected
    errors = [line for line in lines if line.startswith("error")]
    assert [error.partition("pip install ")[2] for error in errors] == [
        f'"coupling[{framework}]"' for framework in ("torch", "keras", "jax")
    ]
