"""Annotations on Dask: what one machine cannot hold, counted by workers of which one dies."""

import os
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Any

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dask.callbacks import Callback
from dask.distributed import Client, LocalCluster
from hypothesis import given, settings
from hypothesis import strategies as st

from coupling import Relatedness, RelatednessCounts, _dask
from coupling._groups import GroupShares

UNITS = [f"AU{number}" for number in range(40)]
NAMES = ["fear", "joy", None]


def annotated(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.integers(-1, 2, (rows, len(UNITS))).astype(np.float32), columns=UNITS)
    return table.assign(
        expression=[NAMES[index] for index in rng.integers(0, 3, rows)],
        number=rng.integers(-1, 2, rows),
        video=rng.integers(0, 9, rows),
        weight=rng.integers(0, 4, rows) / 3,
    )


@settings(max_examples=15)
@given(st.integers(1, 40), st.integers(1, 13), st.integers(1, 13))
def test_arrays_in_any_chunks(rows: int, some: int, others: int) -> None:
    table = annotated(rows)
    labels, values, weight = table["number"].to_numpy(), table[UNITS].to_numpy(), table["weight"].to_numpy()
    found = Relatedness.from_annotations(
        da.from_array(labels, chunks=some),
        da.from_array(values, chunks=(others, 7)),
        classes=["a", "b"],
        sample_weight=da.from_array(weight, chunks=others),
    )
    assert found == Relatedness.from_annotations(labels, values, classes=["a", "b"], sample_weight=weight)


@pytest.mark.parametrize("partitions", [1, 3, 40])
def test_tables_in_any_partitions(partitions: int) -> None:
    table = annotated(200)
    parts = dd.from_pandas(table, npartitions=partitions)
    for options in ({}, {"groups": "video"}, {"groups": "video", "sample_weight": "weight"}):
        found, expected = (
            Relatedness.from_annotations(
                own["expression"],
                own,
                attributes=UNITS,
                **{name: own[column] for name, column in options.items()},
            )
            for own in (parts, table)
        )
        assert found.classes == ("fear", "joy")
        np.testing.assert_allclose(found.conditional, expected.conditional, rtol=1e-12)
        np.testing.assert_allclose(found.support, expected.support, rtol=1e-12)


def test_a_table_and_labels_of_other_partitions() -> None:
    table = annotated(50)
    labels, values = (
        dd.from_pandas(table["number"], npartitions=2),
        dd.from_pandas(table[UNITS], npartitions=3),
    )
    assert Relatedness.from_annotations(labels, values) == Relatedness.from_annotations(
        table["number"], table[UNITS]
    )


def test_only_counts_come_back() -> None:
    """Each block is counted by a task of its own, and what tasks hand on and give in the end are counts."""
    results: list[Any] = []

    class Watch(Callback):
        def _posttask(self, key: Any, result: Any, *_: Any) -> None:
            if str(key).startswith(("_counts", "_merge")):
                results.append(result)

    with Watch():
        Relatedness.from_annotations(da.zeros(1000, chunks=100, dtype=int), da.ones((1000, 4), chunks=100))
    assert len(results) == 11
    assert {type(result) for result in results} == {RelatednessCounts}


@pytest.mark.parametrize(
    ("labels", "values", "error", "message"),
    [
        (da.zeros(4, dtype=int), np.ones((4, 2)), TypeError, "attribute_labels should be a Dask Array as"),
        (
            [0],
            da.ones((1, 2)),
            TypeError,
            "class_labels should be a Dask Series or DataFrame as .*, got list",
        ),
        (
            da.zeros(4, dtype=int),
            da.ones((3, 2)),
            ValueError,
            r"attribute_labels .*B = 4, A = 2, got \(3, 2\)",
        ),
        (
            da.zeros((4, 1), dtype=int),
            da.ones((4, 2)),
            ValueError,
            r"^class_labels should have shape \(B,\) with B = 4, got \(4, 1\)",
        ),
    ],
)
def test_bad_input(labels: Any, values: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        Relatedness.from_annotations(labels, values)


def test_an_attribute_that_is_no_column() -> None:
    table = dd.from_pandas(annotated(4), npartitions=1)
    with pytest.raises(KeyError, match=r"^\"attributes should be .*'AU40'"):
        Relatedness.from_annotations(table["number"], table[UNITS], attributes=["AU40", *UNITS[1:]])


def test_sums_leave_their_parts_alone() -> None:
    """Dask may hand what it has to several tasks."""
    parts = [RelatednessCounts() for _ in range(3)]
    for number, part in enumerate(parts):
        part.update([0, number], [[1, 0], [0, 1]])
    before = [part.support.tolist() for part in parts]
    assert _dask._merge(parts).support.sum() == 12
    assert [part.support.tolist() for part in parts] == before
    shares = [GroupShares() for _ in range(2)]
    for number, share in enumerate(shares):
        share.update([number], [0])
    assert len(_dask._merge(shares)) == 2
    assert [len(share) for share in shares] == [1, 1]


FILES, ROWS = 60, 100_000
LIMIT = 500 * 2**20


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parquet files, larger together than the memory of both workers; half of them are copies."""
    folder = tmp_path_factory.mktemp("annotations")
    for number in range(2):
        content = pa.Table.from_pandas(annotated(ROWS, seed=number), preserve_index=False)
        pq.write_table(content, folder / f"{number:02}.parquet", compression="none", use_dictionary=False)
    for number in range(2, FILES):
        shutil.copy(folder / f"{number % 2:02}.parquet", folder / f"{number:02}.parquet")
    return folder


def finished(dask_scheduler: Any) -> int:
    done = [task for task in dask_scheduler.tasks.values() if task.state == "memory"]
    return sum("_counts" in str(task.key) for task in done)


@pytest.mark.filterwarnings("default")  # the cluster's own, while a worker dies
def test_a_cluster_that_loses_a_worker(dataset: Path) -> None:
    assert sum(file.stat().st_size for file in dataset.iterdir()) > 2 * LIMIT
    found: list[Relatedness] = []
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit=LIMIT, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        Client(cluster) as client,
    ):
        table = dd.read_parquet(str(dataset / "*.parquet"))
        count = threading.Thread(
            target=lambda: found.append(Relatedness.from_annotations(table["expression"], table[UNITS]))
        )
        pids = list(client.run(os.getpid).values())
        count.start()
        while client.run_on_scheduler(finished) < 3:
            assert count.is_alive()
            time.sleep(0.02)
        os.kill(pids[0], signal.SIGKILL)
        assert count.is_alive()
        count.join()
        assert pids[0] not in client.run(os.getpid).values()

    positive, support = np.zeros((2, len(UNITS))), np.zeros((2, len(UNITS)))
    for number in range(2):
        own = annotated(ROWS, seed=number)
        for row, name in enumerate(NAMES[:2]):
            labels = own.loc[own["expression"] == name, UNITS]
            positive[row] += FILES / 2 * (labels == 1).sum()
            support[row] += FILES / 2 * (labels >= 0).sum()
    assert np.array_equal(found[0].support, support)
    assert np.array_equal(found[0].conditional, positive / support)
