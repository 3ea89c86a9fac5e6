from dataclasses import replace

import numpy as np
import pytest

from benchmarks.measures import Difference
from benchmarks.records import pack, unpack
from benchmarks.samples import Size
from benchmarks.settings import BASELINE, RECOMMENDED, SINGLE_TASK
from benchmarks.summary import Score, summarise


def test_means_are_those_of_the_recorded_metrics(records):
    for table in summarise(records):
        for name, row in table.rows.items():
            own = [record for record in records if record.setting == name and record.size == table.size]
            for task, metric in (("classes", "class_accuracy"), ("attributes", "attribute_f1")):
                values = [record.metrics[metric] for record in own if metric in record.metrics]
                if values:
                    assert row[task].mean == pytest.approx(np.mean(values))
                    assert row[task].spread == pytest.approx(np.std(values, ddof=1))
                else:
                    assert task not in row


def test_gain_is_over_no_coupling(records):
    rows = summarise(records)[0].rows
    assert rows[BASELINE]["classes"].gain is None
    gain = rows[RECOMMENDED]["classes"].gain
    expected = rows[RECOMMENDED]["classes"].mean - rows[BASELINE]["classes"].mean
    assert gain.mean == pytest.approx(expected)
    assert 0 < gain.low < gain.mean < gain.high


def test_negative_transfer_is_told_by_the_single_task(records):
    rows = summarise(records)[0].rows
    assert rows[BASELINE]["classes"].verdict == "negative transfer"  # 0.7 against 0.8
    assert rows[RECOMMENDED]["classes"].verdict == ""  # 0.9
    assert rows[RECOMMENDED]["attributes"].verdict == "negative transfer"  # 0.4 against 0.7
    assert rows[SINGLE_TASK["classes"]]["classes"].verdict == ""


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [
        (Difference(-0.02, -0.03, -0.01), "negative transfer"),
        (Difference(-0.02, -0.05, 0.01), "negative transfer (within noise)"),
        (Difference(0.0, -0.05, 0.05), ""),
        (Difference(0.02, 0.01, 0.03), ""),
        (None, ""),
    ],
)
def test_verdict(difference, verdict):
    assert Score(0.5, 0.1, None, difference).verdict == verdict


def test_sizes_are_kept_apart_and_order_is_free(records):
    tables = summarise(records)
    assert [table.size for table in tables] == [Size(20, 600), Size(400, 30)]
    assert summarise(records[:6] + records[:5:-1])[0].rows == tables[0].rows


def test_seeds_may_have_test_images_of_their_own(records):
    """A seed with fewer of them is scored on these."""

    def shortened(record):
        packed = [record.truth, record.predictions]
        cut = [{task: pack(unpack(own)[10:]) for task, own in part.items()} for part in packed]
        return replace(record, truth=cut[0], predictions=cut[1])

    own = [shortened(record) if record.seed == 1 else record for record in records]
    scores = [summarise(some)[0].rows[BASELINE]["classes"].mean for some in (records, own)]
    right = [
        np.mean(unpack(record.predictions["classes"]) == unpack(record.truth["classes"]))
        for record in own
        if (record.setting, record.size) == (BASELINE, Size(20, 600))
    ]
    assert scores[1] == pytest.approx(np.mean(right))
    assert scores[1] != scores[0]


def test_missing_seed_is_an_error(records):
    with pytest.raises(ValueError, match=f"'{RECOMMENDED}' should have the seeds \\[0, 1, 2\\]"):
        summarise(records[:-1])
