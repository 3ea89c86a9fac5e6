"""Each file is mutated once; the page is what the kept results give; no reason outlives its survivor."""

import json
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from mutation import report
from mutation.groups import GROUPS

ROOT = Path(__file__).parents[1]


def test_every_file_is_in_one_group() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("coupling/**/*.py")]
    files += [f"coupling/{path.relative_to(ROOT / 'backends')}" for path in ROOT.glob("backends/*/*.py")]
    assert len(files) > 70
    for file in files:
        found = [name for name, group in GROUPS.items() if any(fnmatch(file, own) for own in group.files)]
        assert len(found) == 1, (file, found)
    for group in GROUPS.values():
        assert all(any(fnmatch(file, own) for file in files) for own in group.files)
        assert all((ROOT / test.partition("::")[0]).is_file() for test in group.tests)


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
