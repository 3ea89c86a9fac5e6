import numpy as np
import pytest

from benchmarks import paper
from benchmarks.records import Record
from benchmarks.samples import Size
from benchmarks.settings import BASELINE, BOTH, BY_TABLE, DM, PRESET, PSEUDO_LABELS, SCA, SINGLE_TASK

SIZES = (Size(20, 600), Size(400, 30), Size(20, 600, 10))


def record(setting: str, size: Size, seed: int) -> Record:
    """A record whose metrics tell what they are of."""
    tasks = [task for task, name in SINGLE_TASK.items() if name == setting] or list(SINGLE_TASK)
    names = [metric for task, metrics in METRICS.items() for metric in metrics if task in tasks]
    rng = np.random.default_rng([seed, *size, len(setting)])
    return Record(
        "torch",
        "digits",
        setting,
        {},
        size,
        seed,
        {"network": "mlp"},
        {},
        "cpu",
        "",
        None,
        "",
        {name: float(rng.random()) for name in names},
        {},
        {},
        {},
    )


METRICS = {
    "classes": ("class_accuracy", "class_balanced_accuracy", "class_f1"),
    "attributes": ("attribute_f1", "attribute_accuracy", "attribute_afa"),
}
SETTINGS = (
    *SINGLE_TASK.values(),
    BASELINE,
    PSEUDO_LABELS,
    DM,
    SCA,
    BOTH,
    PRESET,
    PRESET + BY_TABLE,
    "GradNorm",
)
RECORDS = [record(setting, size, seed) for setting in SETTINGS for size in SIZES for seed in range(3)]


def mean(setting: str, metric: str, size: Size = SIZES[0]) -> str:
    own = [made.metrics[metric] for made in RECORDS if (made.setting, made.size) == (setting, size)]
    return f"{100 * np.mean(own):.1f}"


@pytest.fixture(scope="module")
def tables() -> dict[str, paper.PaperTable]:
    return {table.title[:7]: table for table in paper.tables(RECORDS)}


def test_all_four_are_there_and_every_row_is_whole(tables):
    assert list(tables) == ["Table 2", "Table 3", "Table 4", "Table 5"]
    for table in tables.values():
        assert {len(row) for row in table.rows} == {len(table.columns)}
        assert not any("both" in column and "10" in column for column in table.columns)


def test_table_2(tables):
    rows = {name: cells for name, *cells in tables["Table 2"].rows}
    single = [
        mean(SINGLE_TASK["classes"], "class_accuracy"),
        mean(SINGLE_TASK["attributes"], "attribute_afa"),
    ]
    assert rows["ST"][0] == " - ".join(single)
    for row, name in (("NC MT", BASELINE), ("S-T NC MT", PSEUDO_LABELS), ("C MT preset", PRESET)):
        expected = (mean(name, "class_accuracy", SIZES[1]), mean(name, "attribute_afa", SIZES[1]))
        assert rows[row][1] == " - ".join(expected)
    assert "C MT preset, by the table" in rows


def test_table_3(tables):
    rows = {name: cells for name, *cells in tables["Table 3"].rows}
    assert list(rows) == ["no coupling", "soft co-annotation", "distribution matching", "both"]
    assert rows["both"] == [
        "own",
        *(f"{mean(BOTH, 'class_f1', size)} - {mean(BOTH, 'attribute_f1', size)}" for size in SIZES[:2]),
    ]


def test_table_4(tables):
    table = tables["Table 4"]
    first = dict(zip(table.columns, table.rows[0], strict=True))
    assert (first["Network"], first["Labels"]) == ("mlp", "20 / 600")
    assert first["ST: attr. F1"] == mean(SINGLE_TASK["attributes"], "attribute_f1")
    assert first["NC MT: class Acc"] == mean(BASELINE, "class_accuracy")
    assert first["C MT preset: class F1"] == mean(PRESET, "class_f1")


def test_table_5_is_there_where_other_methods_are(tables):
    assert tables["Table 5"].columns[-1] == "GradNorm"
    without = [own for own in RECORDS if own.setting != "GradNorm"]
    assert [table.title[:7] for table in paper.tables(without)] == ["Table 2", "Table 3", "Table 4"]
    others = [own for own in without if own.setting not in (SCA, DM, BOTH)]
    assert [table.title[:7] for table in paper.tables(others)] == ["Table 2", "Table 4"]
