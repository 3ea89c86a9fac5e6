"""The command as scripts meet it: processes, streams, signals, and a machine without the extra."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from commands import Outcome, files, run, spawn

from coupling import Relatedness
from coupling.cli import main

ESTIMATE = ("relatedness", "estimate", "labels.csv", "--class", "c", "--attributes", "a*")
SLOW = """
import pathlib, time
def replace(self, target):
    print("writing", flush=True)
    time.sleep(60)
pathlib.Path.replace = replace
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "labels.csv").write_text("c,a\n0,1\n1,0\n")
    (tmp_path / "empty.csv").touch()
    return tmp_path


def finished(*arguments: str, code: str = "", folder: Path | None = None) -> Outcome:
    process = spawn(*arguments, code=code, cwd=folder)
    out, err = process.communicate(timeout=60)
    return Outcome(process.returncode, out, err)


def test_streams_and_exit_codes(folder: Path) -> None:
    done = finished(*ESTIMATE, folder=folder)
    assert done.code == 0
    assert done.out.startswith('{\n "format": "coupling.relatedness"')
    assert done.err == "2 classes x 1 attributes from 2 samples, 2 of them with a class\n"
    done = finished(*ESTIMATE, "--class", "b", folder=folder)
    assert done == (2, "", "coupling: labels.csv: should have the column 'b', has not (known: c, a)\n")
    assert finished("relatedness", "diff", "du2014", "aff_wild2").code == 1


@pytest.mark.parametrize("command", [["-m", "coupling"], [str(Path(sys.executable).parent / "coupling")]])
def test_both_ways_to_start(command: list[str]) -> None:
    start = [sys.executable, "-P"] if command[0] == "-m" else []
    done = subprocess.run([*start, *command, "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(".") == 2


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["--version"], "click"),
        (["relatedness", "show", "du2014"], "rich"),
        (["relatedness", "estimate", "x", "--class", "c", "--attributes", "a"], "pyarrow"),
    ],
)
def test_missing_extra(arguments: list[str], missing: str) -> None:
    done = finished(*arguments, code=f"import sys; sys.modules[{missing!r}] = None")
    assert done == (2, "", f'coupling: the command line needs {missing}: pip install "coupling[cli]"\n')


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import coupling", ("click", "rich", "pyarrow", "matplotlib", "coupling.cli")),
        ("from coupling.cli import main; main(['relatedness', 'tables'])", ("pyarrow", "matplotlib")),
    ],
)
def test_imports_are_lazy(code: str, unwanted: tuple[str, ...]) -> None:
    done = finished(code=f"{code}\nimport sys\nassert not {set(unwanted)} & set(sys.modules)\nsys.exit(7)")
    assert done.code == 7, done.err


def test_kill_leaves_the_old_file(folder: Path) -> None:
    Relatedness([[0.5]]).save(folder / "out.json")
    process = spawn(*ESTIMATE, "-o", "out.json", code=SLOW, cwd=folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.kill()
    process.communicate()
    assert Relatedness.load(folder / "out.json") == Relatedness([[0.5]])


def test_interrupt_leaves_nothing(folder: Path) -> None:
    process = spawn(*ESTIMATE, "-o", "out.json", code=SLOW, cwd=folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.split("\n")[-2:] == ["coupling: interrupted", ""]
    assert files(folder) == {"labels.csv", "empty.csv"}


def test_files_have_the_usual_rights(folder: Path) -> None:
    (folder / "plain").touch()
    Relatedness([[0.5]]).save(folder / "out.json")
    assert (folder / "out.json").stat().st_mode == (folder / "plain").stat().st_mode


def test_reader_that_is_gone() -> None:
    process = spawn("relatedness", "show", "du2014", code="import time; time.sleep(0.2)")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.wait(timeout=60), process.stderr.read()) == (1, "")
    process.stderr.close()


def test_full_disk() -> None:
    with Path("/dev/full").open("w") as full:
        process = spawn("relatedness", "show", "du2014", stdout=full)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (2, "coupling: No space left on device\n")


@pytest.mark.parametrize(("quiet", "shown"), [([], True), (["--quiet"], False)])
def test_progress_on_a_terminal(folder: Path, quiet: list[str], shown: bool) -> None:
    terminal, end = pty.openpty()
    process = spawn(*ESTIMATE, *quiet, cwd=folder, stderr=end, env={**os.environ, "TERM": "xterm"})
    os.close(end)
    out, _ = process.communicate(timeout=60)
    seen = b""
    try:
        while part := os.read(terminal, 4096):
            seen += part
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    assert process.returncode == 0
    assert out.startswith("{")
    assert (b"reading" in seen) == shown


def test_help_explains_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["estimate", "show", "plot", "diff", "diagnose", "tables"]
    assert main(["relatedness", "--help"]) == 0
    listed = capsys.readouterr().out
    assert all(f"\n  {name} " in listed for name in names)
    assert "..." not in listed.partition("Commands:")[2]  # what each does is not cut short
    for arguments in ([], ["relatedness"], ["completion"], *(["relatedness", name] for name in names)):
        assert main([*arguments, "-h"]) == 0
        text = capsys.readouterr().out
        assert text.startswith(" ".join(["Usage: coupling", *arguments]))
        assert "\b" not in text


@pytest.mark.parametrize("arguments", [[], ["relatedness"]])
def test_no_command_shows_the_help(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: coupling")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    done = run("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert "_COUPLING_COMPLETE" in done.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("coupling relatedness es", {"estimate"}),
        ("coupling relatedness show du", {"du2014"}),
        ("coupling relatedness plot du2014 --val", {"--values"}),
        ("coupling relatedness estimate labels.csv --class ", {"c", "a"}),
        ("coupling relatedness estimate labels.csv --class c --attributes a", {"a"}),
        ("coupling relatedness estimate none.csv --class ", set()),
        ("coupling relatedness estimate empty.csv --class ", set()),
        ("coupling relatedness plot du2014 -o no", set()),
    ],
)
def test_completion(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    expected: set[str],
) -> None:
    monkeypatch.chdir(folder)
    typed = {"_COUPLING_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    for name, value in typed.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main([])
    captured = capsys.readouterr()
    assert captured.err == ""
    offered = [line.split(",", 1) for line in captured.out.split()]
    assert {value for kind, value in offered if kind == "plain"} == expected


PEAK = """
import atexit
from coupling.cli import _files
_files.BLOCK, _files.CELLS = 2**16, 2**16
lines = lambda: open("/proc/self/status")
atexit.register(lambda: print(*[line.split()[1] for line in lines() if "VmHWM" in line]))
"""


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_memory_is_that_of_a_batch(tmp_path: Path, kind: str) -> None:
    peaks = []
    for rows in (1_000_000, 5_000_000):
        table = pa.table({"c": np.arange(rows) % 3, "a": np.arange(rows) % 2})
        path = tmp_path / f"labels.{kind}"
        if kind == "csv":
            pa.csv.write_csv(table, path)
        else:
            pq.write_table(table, path, row_group_size=rows, use_dictionary=False)
        done = finished(*ESTIMATE[:2], str(path), *ESTIMATE[3:], "-o", "x.json", code=PEAK, folder=tmp_path)
        peaks.append(float(done.out) / 1024)
    assert peaks[1] < peaks[0] + 35  # MiB; the labels alone are 61
