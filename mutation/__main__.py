"""`python -m mutation [GROUP ...]` runs mutmut on the groups of files and writes docs/mutation.md.

mutmut wants one tree, with modules where they are imported from, so one is made under ``.mutation``: it
stays, and another run is of what has changed and of what survived. Without a group, the page is written from
the results that are kept.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from mutation import report
from mutation.groups import BARE, GROUPS, Group

ROOT = Path(__file__).parent.parent
# It takes longer to import than most mutants to kill, so it is there before pytest, which could warn of that.
PRELOADED = ("hypothesis", "hypothesis.extra.numpy")
AFTERWARDS = "ignore::pytest.PytestAssertRewriteWarning"
PYTEST = ["-p", "no:cacheprovider", "-p", "mutation.fewer", "-W", AFTERWARDS]
MOST_MEMORY = 8 << 30
QUIET = ["-o", "log_level=CRITICAL"]  # frameworks log a lot
# A line that raises is left alone: what it says is text. So is a cast, which does nothing.
IMPORTED = "imported.txt"
LEFT_ALONE = [r"^\s*raise\b", r"\bcast\(", r"^\s*(if|elif) TYPE_CHECKING"]


def stage(tree: Path, group: Group) -> None:
    """Copy the package, with its adapters where they are installed, and the tests that the group needs."""
    copied = {name: name for name in ("coupling", "tests", "mutation", "benchmarks")}
    copied |= {f"backends/{name}": f"coupling/{name}" for name in ("torch", "keras", "jax")}
    for source, target in copied.items():
        shutil.copytree(
            ROOT / source, tree / target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    settings = {
        "source_paths": ["coupling"],
        "only_mutate": list(group.files),
        "do_not_mutate_patterns": LEFT_ALONE,
        "also_copy": ["mutation", "benchmarks"],
        "pytest_add_cli_args": [
            *PYTEST,
            *(QUIET if group.backends != BARE else []),
            *(["-p", "mutation.eager"] if "tensorflow" in group.backends else []),
            *(["-k", f"not ({group.without})"] if group.without else []),
        ],
        "pytest_add_cli_args_test_selection": list(group.tests),
        "process_isolation": "forkserver" if group.imported else "fork",
        "forkserver_warmup": "import",
        "preload_modules_file": IMPORTED,
        "timeout_multiplier": 3.0,
        "timeout_constant": 20.0,
    }
    own = (ROOT / "pyproject.toml").read_text()
    table = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    (tree / IMPORTED).write_text("\n".join((*PRELOADED, *group.imported)))
    (tree / "pyproject.toml").write_text(f"{own}\n[tool.mutmut]\n{table}\n")


def limit_memory() -> None:
    """Have a mutant that asks for too much fail: a figure of a mile, for example."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def run(name: str) -> None:
    """Run the mutants of a group and keep what comes of them."""
    group = GROUPS[name]
    tree = ROOT / ".mutation" / name
    stage(tree, group)
    report.forget_survivors(tree)
    environment = {**os.environ, "BACKENDS": group.backends}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # every mutant imports the tests
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "2"]
    bound = limit_memory if group.backends == BARE else None  # frameworks reserve more than they use
    subprocess.run(command, cwd=tree, env=environment, check=False, preexec_fn=bound)
    report.record(tree)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        run(name)
    report.write()
