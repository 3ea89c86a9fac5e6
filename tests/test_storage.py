"""Relatedness files: exact round trips, and nothing half-built or half-written."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE

import numpy as np
import pytest
from bad_files import content
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coupling import Relatedness, _storage
from coupling.knowledge import du2014

shapes = array_shapes(min_dims=2, max_dims=2, max_side=4)
names = st.text(min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), shapes)
def test_round_trip_is_exact(tmp_path: Path, data: st.DataObject, shape: tuple[int, int]) -> None:
    table = Relatedness(
        data.draw(arrays(np.float64, shape, elements=st.floats(0, 1))),
        data.draw(arrays(np.float64, shape, elements=st.floats(0, 1e300))),
        classes=data.draw(st.lists(names, min_size=shape[0], max_size=shape[0], unique=True)),
        attributes=data.draw(st.lists(names, min_size=shape[1], max_size=shape[1], unique=True)),
        known=data.draw(arrays(bool, shape[:1])),
        source=data.draw(st.text()),
    )
    path = tmp_path / "table.json"
    table.save(path)
    loaded = Relatedness.load(str(path))
    assert loaded == table
    assert loaded.source == table.source
    assert [file.name for file in tmp_path.iterdir()] == ["table.json"]


@pytest.mark.parametrize("cut", range(0, len(content()), 7))
def test_truncated_file(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.json"
    path.write_text(content()[:cut])
    with pytest.raises(ValueError, match="not a relatedness file"):
        Relatedness.load(path)


def test_others_may_read_what_was_saved(tmp_path: Path) -> None:
    Relatedness([[0.5]]).save(tmp_path / "table.json")
    (tmp_path / "plain").touch()
    assert (tmp_path / "table.json").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_what_is_written(tmp_path: Path) -> None:
    Relatedness([[0.5]], classes=["möwe"]).save(tmp_path / "table.json")
    lines = (tmp_path / "table.json").read_bytes().decode().splitlines(keepends=True)
    assert lines[:5] == [
        "{\n",
        ' "format": "coupling.relatedness",\n',
        ' "version": 1,\n',
        ' "classes": [\n',
        '  "möwe"\n',
    ]
    assert lines[-1] == "}\n"


def test_what_is_in_the_way_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", bytes)
    other = tmp_path / f".table.json.{'00' * 8}.tmp"
    other.write_text("of another process")
    with pytest.raises(FileExistsError):
        Relatedness([[0.5]]).save(tmp_path / "table.json")
    assert other.read_text() == "of another process"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": [["1"]]}, "weights should hold real numbers, got str"),
        ({"support": [["1"]]}, "support should hold real numbers, got str"),
        ({"conditional": [0.5]}, r"conditional should have shape \(C, A\)"),
    ],
)
def test_what_no_matrix_holds(tmp_path: Path, changes: dict[str, list], message: str) -> None:
    path = tmp_path / "table.json"
    path.write_text(content(**changes))
    with pytest.raises(ValueError, match=f"not a relatedness file: {message}"):
        Relatedness.load(path)


def test_support_is_kept(tmp_path: Path) -> None:
    counted = Relatedness([[0.5]], support=[[3.0]])
    counted.save(tmp_path / "table.json")
    assert Relatedness.load(tmp_path / "table.json").support.tolist() == [[3.0]]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Relatedness.load(tmp_path / "none.json")


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "table.json"
    Relatedness([[0.5]]).save(path)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        du2014().save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["table.json"]
    assert Relatedness.load(path) == Relatedness([[0.5]])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "none" / "birds.json"
    with pytest.raises(FileNotFoundError) as caught:
        du2014().save(path)
    assert caught.value.filename == str(path)


def test_a_link_that_leads_nowhere_else(tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    path.symlink_to(path)
    with pytest.raises(OSError, match="loop.json"):
        du2014().save(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with ThreadPoolExecutor() as pool:
        received = pool.submit(path.read_bytes)
        du2014().save(path)
        assert json.loads(received.result(timeout=10)) == json.loads(_storage.encode(du2014().to_dict()))
    assert path.is_fifo()


def test_what_a_link_leads_to_is_written_with_its_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.touch(mode=0o600)
    link.symlink_to(target)
    du2014().save(link)
    assert link.is_symlink()
    assert Relatedness.load(target) == du2014()
    assert S_IMODE(target.stat().st_mode) == 0o600
