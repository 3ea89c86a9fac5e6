"""What a training has come to, on the disk, so that one that was ended goes on from there.

A state is a flat mapping of names to arrays, in an .npz file that ends in a digest of its bytes.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np

from benchmarks.records import write
from benchmarks.samples import Array

State: TypeAlias = Mapping[str, Array]
Value = TypeVar("Value")

DIGEST = sha256().digest_size


def save(path: Path, state: State) -> None:
    """Write a state in the place of the one before, in a folder that is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = BytesIO()
    np.savez(content, **state)
    content.write(sha256(content.getbuffer()).digest())
    write(path, content.getvalue())


def load(path: Path) -> State | None:
    """Read a state; None where there is none, or one that is damaged."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    content, own = whole[:-DIGEST], whole[-DIGEST:]
    if sha256(content).digest() != own:
        return None
    with np.load(BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays}


def digest(circumstances: Mapping[str, Any]) -> str:
    """Return what tells circumstances from all others, known before a run or from its record."""
    return sha256(json.dumps(circumstances).encode()).hexdigest()[:32]


def place(folder: Path, circumstances: Mapping[str, Any], part: str) -> Path:
    """Return where one of a run's networks is kept."""
    return folder / f"{digest(circumstances)}-{part}.npz"


def forget(folder: Path | None, circumstances: Mapping[str, Any]) -> None:
    """Remove the checkpoints of a run from the folder that it had, if any; those of others stay."""
    for path in folder.glob(f"{digest(circumstances)}-*.npz") if folder is not None else ():
        path.unlink()


def leave(folder: Path | None) -> None:
    """Remove the folder of checkpoints unless there are those of other runs in it."""
    if folder is not None and folder.exists() and not any(folder.iterdir()):
        folder.rmdir()


def named(name: str, state: Mapping[str, Value]) -> dict[str, Value]:
    """Return a state as a part of another, under a name."""
    return {f"{name}/{key}": value for key, value in state.items()}


def part(name: str, state: Mapping[str, Value]) -> dict[str, Value]:
    """Return the part of a state that is under a name."""
    return {key.removeprefix(f"{name}/"): value for key, value in state.items() if key.startswith(f"{name}/")}
