"""Relatedness as a JSON file: never pickle, whole or not at all."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from stat import S_IMODE
from typing import Any

from coupling._check import check_mapping
from coupling._namespace import describe_type

FORMAT = "coupling.relatedness"
VERSION = 1
FIELDS = ("classes", "attributes", "known", "conditional", "weights", "source")
OPTIONAL = ("support",)


def encode(content: Mapping[str, Any]) -> bytes:
    """Return `content` as the bytes of a relatedness file."""
    pieces = json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(
        {"format": FORMAT, "version": VERSION, **content}
    )
    data = io.BytesIO()  # all pieces at once would take ten times the room
    data.writelines(piece.encode() for piece in pieces)
    data.write(b"\n")
    return data.getvalue()


def write(path: Path, data: bytes) -> None:
    """Write `data` to `path` by way of a new file beside it: whole or not at all.

    What a link leads to is written, with the mode that it has; a device or a pipe cannot be replaced.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    try:
        path = path.resolve()
    except RuntimeError:  # of links that lead to each other
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}.tmp")
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:  # of the name that was asked for
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        temporary.write_bytes(data)
        if path.exists():
            temporary.chmod(S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def read(path: Path) -> dict[str, Any]:
    """Return the content of a relatedness file without its header."""
    try:
        content = json.loads(path.read_bytes().decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:  # covers decoding errors of bytes and of JSON
        raise ValueError(f"{path}: not a relatedness file: no valid JSON ({error})") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path}: not a relatedness file: 'format' should be {FORMAT!r}")
    if content.get("version") != VERSION or isinstance(content["version"], bool):
        raise ValueError(
            f"{path}: 'version' should be {VERSION} (another release's?), got {content.get('version')!r}"
        )
    return {name: value for name, value in content.items() if name not in ("format", "version")}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, none of whose keys may stand twice."""
    content: dict[str, Any] = {}
    for key, value in pairs:
        if key in content:
            raise ValueError(f"{key!r} stands there twice")
        content[key] = value
    return content


def data(name: str) -> Any:
    """Return the content of a JSON file that comes with the package."""
    return json.loads((Path(__file__).parent / "data" / name).read_bytes())


def fields(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a relatedness, each of which must be there and no other."""
    check_mapping("relatedness", content)
    missing = [name for name in FIELDS if name not in content]
    surplus = [name for name in content if name not in (*FIELDS, *OPTIONAL)]
    if missing:
        raise ValueError(f"{missing[0]!r} is missing")
    if surplus:
        raise ValueError(f"{surplus[0]!r} is no field of a relatedness")
    for name in ("classes", "attributes", "known", "conditional", "weights", "support"):
        given = content.get(name)
        if not (isinstance(given, list) or (name == "support" and given is None)):
            raise ValueError(f"{name!r} should be a list, got {describe_type(given)}")
    _check_entries("known", content["known"], bool, "be boolean")
    for name in ("conditional", "weights", "support"):
        for row in content.get(name) or ():
            _check_entries(name, row if isinstance(row, list) else [row], Real, "hold real numbers")
    return dict(content)


def _check_entries(name: str, entries: list[Any], kind: type, wanted: str) -> None:
    """Check entries before NumPy sees them, which would give all of them the room of the longest text."""
    for entry in entries:
        if not isinstance(entry, kind):
            raise TypeError(f"{name} should {wanted}, got {describe_type(entry)}")
