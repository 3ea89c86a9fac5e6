"""Folders and text files as they are on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from benchmarks.datasets.left_out import MISSING_IMAGE, TWICE

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")


def refuse(root: Path, tree: str, problem: str) -> NoReturn:
    """Raise the error of a directory that is not what it should be."""
    raise ValueError(f"{root}: {problem}; root should hold\n{tree.strip()}")


def require(root: Path, tree: str, *paths: str) -> None:
    """Check that all of these are there."""
    if not root.is_dir():
        refuse(root, tree, "not a directory")
    for path in paths:
        if not (root / path).exists():
            refuse(root, tree, f"{path} is not there")


def first(root: Path, tree: str, candidates: Sequence[str]) -> str:
    """Return the first of some paths that is there."""
    for path in candidates:
        if (root / path).exists():
            return path
    refuse(root, tree, f"{candidates[0]} is not there")


def below(path: Path, root: Path) -> str:
    """Return how a file is called in reports: its path below the root where it is there."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text file with their numbers from 1; empty ones only between others.

    Bytes that are no UTF-8 become a replacement character, so that a bad line is one bad line.
    """
    empty = 0
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                empty += 1
                continue
            if empty:
                yield from ((number - left, "") for left in range(empty, 0, -1))
                empty = 0
            yield number, line.rstrip("\n")


def is_image(name: str) -> bool:
    """Tell by its name whether a file is an image."""
    return name.lower().endswith(IMAGES) and not name.startswith(".")


class Shelf:
    """The images under a folder, each of which may be fetched once; found by reading directories, once."""

    def __init__(self, root: Path, folder: str = "") -> None:
        """Read all directories of `folder` below `root`; paths are those below the root."""
        self._fetched: dict[str, bool] = {}
        pending, visited = [folder], set()
        while pending:
            here = pending.pop()
            status = (root / here).stat()
            if (status.st_dev, status.st_ino) in visited:  # a link that leads back
                continue
            visited.add((status.st_dev, status.st_ino))
            with os.scandir(root / here) as entries:
                for entry in entries:
                    path = f"{here}/{entry.name}" if here else entry.name
                    if entry.is_dir():
                        pending.append(path)
                    elif is_image(entry.name):
                        self._fetched[path] = False

    def fetch(self, path: str) -> str | None:
        """Take an image; return the kind of omission where it is not there or was taken before."""
        fetched = self._fetched.get(path)
        if fetched is None:
            return MISSING_IMAGE
        self._fetched[path] = True
        return TWICE if fetched else None

    def rest(self) -> list[str]:
        """Return the images that were not fetched, in order."""
        return sorted(path for path, fetched in self._fetched.items() if not fetched)

    def paths(self) -> list[str]:
        """Return all images, in order."""
        return sorted(self._fetched)
