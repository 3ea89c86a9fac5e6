"""Fuzzing guided by coverage: ``python tests/fuzz/explore.py load|text|parquet SECONDS``.

What a target raises, a crash of the interpreter, an input that takes longer than 20 seconds or 2 GiB stop it;
the input is then kept in the folder ``fuzz-findings``.
"""

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))

with atheris.instrument_imports(include=["coupling", "json"]):
    from fuzz import inputs


def explore(name: str, seconds: str) -> None:
    """Fuzz one target for some time, from the valid files of the tests."""
    target = next(target for target in inputs.SEEDS if target.__name__ == name)
    findings = Path("fuzz-findings")
    findings.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(inputs.SEEDS[target]):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [
            f"-max_total_time={seconds}",
            f"-artifact_prefix={findings}/{name}-",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-max_len=4096",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, corpus], target)
        atheris.Fuzz()


if __name__ == "__main__":
    explore(*sys.argv[1:])
