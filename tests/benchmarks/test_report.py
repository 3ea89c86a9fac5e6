from io import StringIO

import pytest
from rich.console import Console

from benchmarks import paper, report
from benchmarks import records as io
from benchmarks.figure import figure
from benchmarks.settings import RECOMMENDED
from benchmarks.summary import summarise


def test_report_is_rebuilt_from_the_records_alone(tmp_path, records):
    path = tmp_path / "records.jsonl"
    io.save(path, records)
    again = io.load(path)
    assert report.markdown(again) == report.markdown(records)
    assert figure(summarise(again), title="torch") == figure(summarise(records), title="torch")


def test_markdown_has_a_row_for_each_setting_and_says_negative_transfer(records):
    lines = report.markdown(records).splitlines()
    assert lines.count("## 20 class-labelled and 600 attribute-labelled images") == 1
    preset = [line for line in lines if line.startswith(f"| {RECOMMENDED} |")]
    assert len(preset) == 2
    cells = [cell.strip() for cell in preset[0].strip("|").split("|")]
    rows = summarise(records)[0].rows[RECOMMENDED]
    assert cells[1] == f"{100 * rows['classes'].mean:.1f} ± {100 * rows['classes'].spread:.1f}"
    assert cells[2].startswith("+")
    assert "negative transfer" not in cells[2]
    assert cells[4].endswith("<br>negative transfer")
    shapes = lines.index("## Digits with PyTorch: in the shape of the paper's tables")
    rows_of_tables = [line for line in lines[:shapes] if line.startswith("|")]
    assert {line.count("|") for line in rows_of_tables} == {6}
    assert len(rows_of_tables) == 2 * (2 + 4)
    assert lines[-1] == "Network: mlp, 3 steps. Device: cpu; python 3.14, torch 2.13."


@pytest.mark.parametrize("width", [80, 140])
def test_terminal_shows_the_same_cells(records, width):
    stream = StringIO()
    Console(file=stream, width=width).print(report.terminal(records, width=width))
    shown = stream.getvalue()
    for table in summarise(records):
        for name, row in table.rows.items():
            assert name.split()[0] in shown
            for score in row.values():
                assert f"{100 * score.mean:.1f} ± {100 * score.spread:.1f}" in shown
    assert shown.count("negative transfer") >= 4


def test_markdown_has_the_paper_s_tables(records):
    lines = report.markdown(records).splitlines()
    for table in paper.tables(records):
        begin = lines.index(f"**{table.title}**") + 2
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[begin:]]
        assert rows[0] == list(table.columns)
        assert rows[2 : 2 + len(table.rows)] == [list(row) for row in table.rows]
