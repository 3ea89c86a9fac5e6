"""The page on mutation testing is the one that the kept results give, and no reason outlives its survivor."""

import json
import tomllib

from mutation import report


def test_page() -> None:
    results = json.loads(report.RESULTS.read_text())
    reasons = tomllib.loads(report.REASONS.read_text())
    assert report.PAGE.read_text() == report.render(results, reasons)
    survivors = {(file, *change) for file, result in results.items() for change in result["survivors"]}
    explained = [
        (reason["file"], *change) for reason in reasons["equivalent"] for change in reason["mutants"]
    ]
    assert set(explained) <= survivors
    assert len(set(explained)) == len(explained)
