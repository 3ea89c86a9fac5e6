"""What a run leaves behind: one line of JSON that the report can be rebuilt from.

The file only grows while networks are trained, by a line for each, so that a run that is killed goes on from
there. A line counts once its end is on the disk: what a kill has left of one is passed over. All other files
are written whole, by way of a hidden one beside them, and one run at a time may write to a folder.
"""

import base64
import fcntl
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.samples import Array, Size

Packed = Mapping[str, Any]

LEAST_SEEDS = 2
"""Without a second there is no spread, and no interval."""
FOLDS = ("repetition", "fold")
"""The options of a loader that a seed chooses."""


@dataclass(frozen=True)
class Record:
    """One run. A task that was not trained has no predictions.

    `curve` holds the metrics on validation images by step, `truth` and `predictions` the packed classes and
    attributes of the test images.
    """

    framework: str
    suite: str
    setting: str
    options: Mapping[str, Any]
    size: Size
    seed: int
    training: Mapping[str, Any]
    versions: Mapping[str, str]
    device: str
    source: str
    revision: str | None
    date: str
    metrics: Mapping[str, float]
    curve: Mapping[str, Mapping[str, float]]
    truth: Mapping[str, Packed]
    predictions: Mapping[str, Packed]

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", Size(*self.size))

    @property
    def key(self) -> tuple[object, ...]:
        """What was trained, by whichever source."""
        return self.framework, self.suite, self.setting, self.size, self.seed

    @property
    def circumstances(self) -> dict[str, Any]:
        """All that decided what the run gave, up to the source: it was known before."""
        names = [field.name for field in fields(self)]
        return {name: getattr(self, name) for name in names[: names.index("revision")]}


def pack(values: Array) -> Packed:
    """Write small whole numbers, and NaN as -1, as text."""
    small = np.where(np.isnan(values), -1, values).astype(np.int16)
    return {"shape": list(small.shape), "zlib": base64.b64encode(zlib.compress(small.tobytes())).decode()}


def unpack(packed: Packed) -> Array:
    """Undo `pack`, but for NaN, which stays -1."""
    return np.frombuffer(zlib.decompress(base64.b64decode(packed["zlib"])), np.int16).reshape(packed["shape"])


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold a folder, made where there is none, against other runs; the system lets go of it for the dead."""
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ValueError(f"{directory} should be written to by one run at a time, another is at it") from None
    finally:
        os.close(handle)


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")  # always the same, so that what a kill leaves is replaced
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def save(path: Path, records: Iterable[Record]) -> None:
    """Write records as JSON lines, whole or not at all."""
    write(path, "".join(map(_line, records)).encode())


def append(path: Path, record: Record) -> None:
    """Add a line to a file of whole lines, as `save` leaves one."""
    with path.open("a") as file:
        file.write(_line(record))
        file.flush()
        os.fsync(file.fileno())


def load(path: Path) -> list[Record]:
    """Read records up to the last whole line; another line that is none is a ValueError that names it."""
    records = []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    for number, line in enumerate(whole.split(b"\n") if whole else (), 1):
        try:
            records.append(Record(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path}, line {number}, should be a benchmark record: {error}") from error
    return records


def left_behind(path: Path) -> list[Record]:
    """Read what earlier runs have left, as `load` does; nothing where there is no file."""
    return load(path) if path.exists() else []


def comparable(records: Sequence[Record]) -> list[Record]:
    """Return what one report can compare, of a file that other runs may have added to.

    That is the framework of the last record, and of each suite what was made as its last record was, by the
    seeds that every setting has at every size; of a run that was repeated the last.

    Raises:
        ValueError: where a suite has fewer than two such seeds.
    """
    last = {own.suite: own for own in records if own.framework == records[-1].framework}
    runs = {own.key: own for own in records if own.suite in last and _made(own) == _made(last[own.suite])}
    seeds = {name: _seeds(own for own in runs.values() if own.suite == name) for name in last}
    return [own for own in runs.values() if own.seed in seeds[own.suite]]


def _made(record: Record) -> tuple[object, ...]:
    """Return what is the same for all runs of a grid, one fold of a database or the other."""
    data = [
        (own["name"], {key: value for key, value in own["options"].items() if key not in FOLDS})
        for own in record.training.get("data", ())
    ]
    return record.framework, {**record.training, "data": data}, record.versions, record.source


def _seeds(records: Iterable[Record]) -> set[int]:
    """Return the seeds of a suite that every setting has at every size."""
    made: dict[tuple[str, Size], set[int]] = {}
    for own in records:
        made.setdefault((own.setting, own.size), set()).add(own.seed)
    common = set.intersection(*made.values())
    if len(common) < LEAST_SEEDS:
        setting, size = min(made, key=lambda key: len(made[key]))
        raise ValueError(
            f"every setting of {own.suite} should be on record with the same {LEAST_SEEDS} seeds or more, "
            f"has {len(common)} in common: {setting!r} at {size} has {len(made[setting, size])}"
        )
    return common


def _line(record: Record) -> str:
    return json.dumps(asdict(record)) + "\n"
