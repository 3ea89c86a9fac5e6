"""Worker processes in which a framework is imported, single-threaded: the networks are small."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread

SINGLE_THREADED = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
# Workers share a GPU, so that none may take all of its memory.
QUIET_AND_FRUGAL = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}


@contextmanager
def executors(
    count: int, environment: Mapping[str, str], cluster: str | None = None
) -> Iterator[list[Executor]]:
    """Start so many processes here, each on its own; or take a Dask cluster as one, by its address.

    The cluster's workers have this package and what it needs, and one thread each.
    """
    with ExitStack() as stack:
        if cluster is None:
            yield [stack.enter_context(pool(1, environment)) for _ in range(count)]
        else:
            from distributed import Client  # seconds that a run on one machine need not wait for

            from benchmarks.cluster import Variables

            client = stack.enter_context(Client(cluster))
            client.register_plugin(Variables(QUIET_AND_FRUGAL | dict(environment)))
            yield [stack.enter_context(client.get_executor(pure=False))]


def pool(processes: int, environment: Mapping[str, str] | None = None) -> ProcessPoolExecutor:
    """Start processes that read the environment before they import a framework."""
    variables = SINGLE_THREADED | QUIET_AND_FRUGAL | dict(environment or {})
    return ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_set, initargs=(variables,)
    )


def _set(variables: Mapping[str, str]) -> None:
    os.environ.update(variables)
    end_with_the_parent()


def end_with_the_parent() -> None:
    """End where the parent is killed: it cannot tell its workers, which would wait for work for ever."""
    Thread(target=_wait_for_the_parent, daemon=True).start()


def _wait_for_the_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
