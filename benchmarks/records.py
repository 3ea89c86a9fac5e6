"""What a run leaves behind: one line of JSON that the report can be rebuilt from."""

import base64
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.digits import CONDITIONAL, Array


@dataclass(frozen=True)
class Record:
    """One run. A task that was not trained has no predictions."""

    framework: str
    setting: str
    options: Mapping[str, Any]
    class_labelled: int
    attribute_labelled: int
    seed: int
    training: Mapping[str, Any]
    versions: Mapping[str, str]
    device: str
    revision: str | None
    date: str
    metrics: Mapping[str, float]
    truth: str
    classes: str | None
    attributes: str | None

    @property
    def size(self) -> tuple[int, int]:
        """The numbers of class-labelled and of attribute-labelled images."""
        return self.class_labelled, self.attribute_labelled

    def predictions(self, task: str) -> Array | None:
        """Return the predicted classes (images,) or attributes (images, attributes)."""
        if task == "classes":
            return None if self.classes is None else digits(self.classes)
        return None if self.attributes is None else unpack(self.attributes, len(self.truth))


def digits(text: str) -> Array:
    """Read classes from a string with a digit for each."""
    return np.array([int(digit) for digit in text])


def pack(attributes: Array) -> str:
    """Write yes and no as bits in base 64."""
    return base64.b64encode(np.packbits(attributes > 0).tobytes()).decode()


def unpack(text: str, images: int) -> Array:
    """Undo `pack`: (images, attributes)."""
    shape = images, CONDITIONAL.shape[1]
    bits = np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8), count=images * shape[1])
    return bits.reshape(shape).astype(np.float64)


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def save(path: Path, records: Iterable[Record]) -> None:
    """Write records as JSON lines."""
    write(path, "".join(json.dumps(asdict(record)) + "\n" for record in records).encode())


def load(path: Path) -> list[Record]:
    """Read records; a line that is none is a ValueError that names it."""
    records = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            records.append(Record(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path}, line {number}, should be a benchmark record: {error}") from error
    if not records:
        raise ValueError(f"{path} should hold benchmark records, got an empty file")
    return records
