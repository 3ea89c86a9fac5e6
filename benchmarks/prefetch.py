"""Batches made ahead, in their order, while the network is trained on those before."""

import gc
from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol

from benchmarks.workers import end_with_the_parent

THREADS = 2
AHEAD = 4


class Steps(Protocol):
    """Batches of which each may be asked for by its step."""

    def __len__(self) -> int: ...

    def __getitem__(self, step: int) -> Any: ...


def prefetched(batches: Steps, start: int = 0, *, workers: int = 0) -> Iterator[Any]:
    """Yield every batch from `start` on once, in order, made by threads, or by so many processes."""
    import grain  # seconds that data in memory need not wait for
    from absl import flags

    threads, ahead = (1, 1) if workers else (THREADS, AHEAD)
    options = grain.ReadOptions(num_threads=threads, prefetch_buffer_size=ahead)
    dataset = grain.MapDataset.source(batches)[start:].to_iter_dataset(options)
    if workers:
        if not flags.FLAGS.is_parsed():  # grain reads its own, and this command line is none of absl's
            flags.FLAGS.mark_as_parsed()
        processes = grain.MultiprocessingOptions(num_workers=workers)
        dataset = dataset.mp_prefetch(processes, worker_init_fn=_begin)
    iterator = iter(dataset)
    try:
        yield from islice(iterator, len(batches) - start)
    finally:
        iterator.close()
        if workers:
            gc.collect()  # the last batches are in cycles, and hold shared memory


def _begin(number: int, count: int) -> None:
    """See to it that a worker does not outlive a process that is killed."""
    end_with_the_parent()
