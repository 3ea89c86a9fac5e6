"""What a stranger's bytes may do: be read, or be refused by an exception that is documented.

Each target takes bytes and raises where anything else happens. Hypothesis and Atheris share them.
"""

import io
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from commands import run

from coupling import Relatedness
from coupling.knowledge import du2014

FOLDER = Path(tempfile.mkdtemp())


def load(data: bytes) -> None:
    """What is loaded can be saved, and is then the same."""
    path = FOLDER / "table.json"
    path.write_bytes(data)
    try:
        table = Relatedness.load(path)
    except ValueError:
        return
    table.save(path)
    again = Relatedness.load(path)
    assert (again, again.source) == (table, table.source)


def _labels(name: str, data: bytes) -> None:
    path, output = FOLDER / name, FOLDER / "out.json"
    path.write_bytes(data)
    output.unlink(missing_ok=True)
    options = ("--class", "c", "--attributes", "a*", "-o", output)
    done = run("relatedness", "estimate", path, *options)
    if done.code == 0:
        Relatedness.load(output)
    else:
        assert done.code == 2, done
        assert done.err.startswith("coupling: "), done
        assert done.err.count("\n") == 1, done
        assert not output.exists(), done


def text(data: bytes) -> None:
    """A label file of text."""
    _labels("labels.csv", data)


def parquet(data: bytes) -> None:
    """A label file of Parquet."""
    _labels("labels.parquet", data)


def _parquet(options: dict[str, Any] | None = None, **columns: Sequence[object] | pa.Array) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options or {})
    return file.getvalue()


def _json(**changes: object) -> bytes:
    full = {"format": "coupling.relatedness", "version": 1, **Relatedness([[0.5, 1.0]]).to_dict(), **changes}
    return json.dumps(full, ensure_ascii=False).encode()


SEEDS: dict[Callable[[bytes], None], list[bytes]] = {
    load: [
        _json(),
        _json(source="é😀", known=[False], support=[[3, 4]]),
        _json(**du2014().align(attributes=["AU1", "AU2"]).to_dict()),
    ],
    text: [
        b"c,a\n1,1\n0,0\n",
        b'c,a1,a2\n"x",0.5,\ny,-1,999\n,NaN,true\n',
        "c;a\nétonné;1\n".encode(),
        b"\xef\xbb\xbfc,a\r\n1,1\r\n",
    ],
    parquet: [
        _parquet(c=[0, 1, -1], a=[1.0, 0.0, None]),
        _parquet(c=["x", None, "y"], a=[True, False, None], b=["", "z", ""]),
        _parquet(c=pa.array(["x", "y", "x"]).dictionary_encode(), a=[0, 1, 1]),
        _parquet({"use_dictionary": False, "data_page_version": "2.0"}, c=["x", "y"], a=[0.5, 1.0]),
        _parquet({"write_page_checksum": True, "write_statistics": False}, c=["x" * 99, "y"], a=[0, 1]),
    ],
}
