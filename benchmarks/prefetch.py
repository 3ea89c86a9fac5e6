"""Batches made ahead by threads, in their order, while the network is trained on those before."""

from collections.abc import Iterator
from typing import Any, Protocol

THREADS = 2
AHEAD = 4


class Steps(Protocol):
    """Batches of which each may be asked for by its step."""

    def __len__(self) -> int: ...

    def __getitem__(self, step: int) -> Any: ...


def prefetched(batches: Steps) -> Iterator[Any]:
    """Yield every batch once, in order."""
    import grain  # seconds that data in memory need not wait for

    options = grain.ReadOptions(num_threads=THREADS, prefetch_buffer_size=AHEAD)
    return iter(grain.MapDataset.source(batches).to_iter_dataset(options))
