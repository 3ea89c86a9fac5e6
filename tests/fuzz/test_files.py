"""Files from strangers: read or refused, in time, and in a multiple of the file's memory."""

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fuzz import inputs
from fuzz.mutations import damaged
from hypothesis import given, settings

from coupling import Relatedness

SECONDS = 20
TIMES, BESIDE = 64, 2**20
"""`Relatedness.load` takes at most so many times the bytes of the file, and so much beside it."""


@pytest.mark.parametrize("target", inputs.SEEDS, ids=lambda target: target.__name__)
def test_valid_files(target: Callable[[bytes], None]) -> None:
    for data in inputs.SEEDS[target]:
        target(data)


@pytest.mark.parametrize(
    ("target", "examples"), [(inputs.load, 300), (inputs.text, 200), (inputs.parquet, 200)]
)
def test_damaged_files(target: Callable[[bytes], None], examples: int) -> None:
    more = 1 if settings().derandomize else 20

    @settings(max_examples=more * examples, deadline=timedelta(seconds=SECONDS))
    @given(damaged(inputs.SEEDS[target]))
    def check(data: bytes) -> None:
        target(data)

    check()


MANY = 30_000
HEAD = b'{"format":"coupling.relatedness","version":1,"classes":["a"],"attributes":["b"],"known":[true],'
GREEDY = {
    "numbers": HEAD + b'"source":"","weights":[[1]],"conditional":[[' + b"0," * MANY + b"0]]}",
    "numbers out of range": HEAD + b'"source":"","weights":[[1]],"conditional":[[' + b"2," * MANY + b"2]]}",
    "rows": HEAD + b'"source":"","weights":[[1]],"conditional":[' + b"[0]," * MANY + b"[0]]}",
    "lists": HEAD + b'"source":"","weights":[[1]],"conditional":[[' + b"[]," * MANY + b"0]]}",
    "objects": HEAD + b'"source":"","weights":[[1]],"conditional":[' + b'{"":{}},' * MANY + b"0]}",
    "keys": HEAD + b",".join(b'"%x":0' % i for i in range(MANY)) + b"}",
    "names": HEAD.replace(b'"a"', b",".join(b'"%x"' % i for i in range(MANY))) + b'"source":""}',
    "one wide letter": HEAD + b'"source":"' + b"a" * MANY * 5 + "😀".encode() + b'"}',
    "one long text": HEAD
    + b'"source":"","weights":[[1]],"conditional":[["'
    + b"a" * MANY
    + b'"'
    + b',""' * MANY
    + b"]]}",
    "a long flag": HEAD.replace(b"true", b'"' + b"a" * MANY + b'"' + b',""' * MANY) + b'"source":""}',
    "depth": b"[" * MANY,
    "a long number": HEAD + b'"source":' + b"9" * MANY + b"}",
}


@pytest.mark.parametrize("data", GREEDY.values(), ids=GREEDY)
def test_memory_of_load(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "table.json"
    path.write_bytes(data)
    tracemalloc.start()
    with pytest.raises(ValueError, match="not a relatedness file"):
        Relatedness.load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= TIMES * len(data) + BESIDE


EXECUTED = """
import sys
from coupling import Relatedness
events = []
sys.addaudithook(lambda event, arguments: events.append(event))
Relatedness.load(sys.argv[1])
bad = {"exec", "compile", "import", "pickle.find_class", "os.system", "subprocess.Popen", "marshal.loads"}
print(sorted(bad & set(events)), "open" in events)
"""


def test_loading_executes_nothing(tmp_path: Path) -> None:
    """The interpreter itself tells of everything that is compiled, executed, unpickled or imported."""
    Relatedness([[0.5]], source="__import__('os').system('true')").save(tmp_path / "table.json")
    command = [sys.executable, "-c", EXECUTED, str(tmp_path / "table.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[] True\n"
