"""Names from a stranger's file reach the terminal as what they are, never as what they would do to it."""

import json
import os
import pty
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from commands import Outcome, assert_refused, estimate, run, spawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupling import Relatedness
from coupling.cli import main
from coupling.cli._terminal import console, text, visible

TITLE = "\x1b]0;title\x07"
ORDERS = [TITLE, "\x1b[2J", "\x9b31m", "\x7f", "\b\b", "\r", "\n", "\v", "\u202e", "\u2028", "\U000e0041"]
NAMES = st.lists(st.sampled_from([*ORDERS, "a", "é", "中", " ", "[red]", "\\x1b"]), min_size=1, max_size=4)
SHOWN = "\\x1b]0;title\\x07"
COMMANDS = [
    ("show", "a.json"),
    ("show", "a.json", "--all"),
    ("diff", "a.json", "b.json"),
    ("diff", "b.json", "c.json"),
    ("diagnose", "a.json"),
    ("diagnose", "a.json", "--json"),
    ("diagnose", "a.json", "a.csv", "--class", "c"),
    ("show", "b.json", "--values", "support"),
]

kept = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_harmless(text: str) -> None:
    assert {letter for letter in text if not letter.isprintable()} <= {"\n"}


@kept
@given(st.text() | NAMES.map("".join))
def test_visible(name: str) -> None:
    assert visible(name).isprintable()
    assert visible(visible(name)) == visible(name)
    assert visible(name) == name or not name.isprintable()


def test_visible_as_repr() -> None:
    assert [visible(order) for order in ORDERS] == [repr(order)[1:-1] for order in ORDERS]


@kept
@given(st.lists(NAMES.map("".join), min_size=4, max_size=4, unique=True), st.sampled_from(COMMANDS))
def test_commands(tmp_path: Path, names: list[str], command: tuple[str, ...]) -> None:
    table = Relatedness([[0.5, 1.0], [0.0, 0.0]], classes=names[:2], attributes=names[2:], source=names[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        table.save("a.json")
        Relatedness([[0.5]], classes=names[:1], attributes=names[3:]).save("b.json")
        Relatedness([[1.0]], classes=names[:1], attributes=names[3:]).save("c.json")
        Path("a.csv").write_bytes(b'c,"%s"\n0,1\n' % names[2].replace('"', '""').encode())
        done = run("relatedness", *command)
    assert_harmless(done.out + done.err)
    if command[-1] == "--json":
        assert json.loads(done.out)["classes"] == names[:2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    table = Relatedness([[0.5]], classes=[f"{TITLE}\nx"], attributes=["\x9b31m"], source="\x1b[31m")
    table.save("a.json")
    Path("a.csv").write_text(f"c,a{TITLE}\n{TITLE},1\ny\x9b,0\n")
    return tmp_path


def assert_shown(done: Outcome, *names: str) -> None:
    assert_harmless(done.out + done.err)
    assert all(name in done.out + done.err for name in names), done


@pytest.mark.usefixtures("folder")
def test_names_are_shown() -> None:
    assert_shown(run("relatedness", "show", "a.json"), "\\x9b31m", "Source: \\x1b[31m")
    assert_shown(run("relatedness", "diagnose", "a.json"), f"{SHOWN}\\nx")
    done = run("relatedness", "diff", "a.json", "du2014")
    assert done.out.splitlines()[0] == f"classes only in a.json: {SHOWN}\\nx"
    Path(f"{TITLE}.json").write_bytes(Path("a.json").read_bytes())
    assert_shown(run("relatedness", "diff", f"{TITLE}.json", "du2014"), f"classes only in {SHOWN}.json")


@pytest.mark.usefixtures("folder")
def test_estimates() -> None:
    options = ("--class", "c", "--attributes", "a*")
    done = estimate("a.csv", *options)
    assert_harmless(done.out + done.err)
    assert json.loads(done.out)["classes"] == [TITLE, "y\x9b"]
    done = estimate("a.csv", *options, "--min-support", 9, "-o", f"{TITLE}.json")
    assert_shown(done, f"not known: {SHOWN}, y\\x9b; written to {SHOWN}.json")
    loaded = Relatedness.load(f"{TITLE}.json")
    assert (loaded.classes, loaded.attributes) == ((TITLE, "y\x9b"), (f"a{TITLE}",))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", TITLE], f"coupling: {SHOWN}: no such file"),
        ([TITLE], f"No such command '{SHOWN}'"),
        (["plot", "a.json", "-o", f"{TITLE}.pdf"], f"coupling: {SHOWN}.pdf: should end in"),
        (["estimate", "a.csv", "--class", "b", "--attributes", "a*"], f"(known: c, a{SHOWN})"),
    ],
)
def test_errors(arguments: list[str], message: str) -> None:
    done = run("relatedness", *arguments)
    assert_refused(done, message=message)
    assert_harmless(done.err)


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_pictures(folder: Path, kind: str) -> None:
    """Matplotlib warns of letters that its font lacks: of these, but of no control character."""
    Relatedness([[0.5]], classes=["中"], attributes=[TITLE], source="").save("b.json")
    process = spawn("relatedness", "plot", "b.json", "-o", f"b.{kind}", cwd=folder)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert err.startswith("coupling: warning: Glyph 20013 ")
    assert err.count("\n") == 1
    if kind == "svg":
        assert ET.parse("b.svg").getroot().tag.endswith("svg")


def test_terminal(folder: Path) -> None:
    """Where there is one, what is sent to it are the styles of the tables, and none that a name brings."""
    terminal, end = pty.openpty()
    process = spawn(
        "relatedness", "show", "a.json", cwd=folder, stdout=end, env={**os.environ, "TERM": "xterm"}
    )
    os.close(end)
    assert process.wait(timeout=60) == 0
    seen = os.read(terminal, 4096)
    os.close(terminal)
    assert process.stderr is not None
    process.stderr.close()
    assert b"\x1b[2m" in seen
    assert b"\\x1b" in seen
    assert not any(order in seen for order in (b"\x1b]", b"\x1b[31m", b"\x07", "\x9b".encode()))


@pytest.mark.usefixtures("folder")
def test_columns_that_nobody_types_are_not_offered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = {"COMP_WORDS": "coupling relatedness estimate a.csv --class ", "COMP_CWORD": "5"}
    for name, value in {"_COUPLING_COMPLETE": "bash_complete", **typed}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main([])
    assert capsys.readouterr().out.splitlines() == ["plain,c"]


def test_consoles(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers are not coloured, even where everything is."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    console().print("1.5 'x'")
    console(err=True).print("2")
    assert capsys.readouterr() == ("1.5 'x'\n", "2\n")
    console().print(text("x\x1b", "bold"), text("y"))
    assert capsys.readouterr().out == "\x1b[1mx\\x1b\x1b[0m y\n"
