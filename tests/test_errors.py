"""Bad input of every kind: the error that is documented, and the page that shows it."""

from pathlib import Path

import errors
import pytest
from bad_files import FILES
from bad_losses import LOSSES
from bad_modules import SECTIONS
from bad_objects import Case

from coupling import Relatedness

OBJECTS = [case for cases in SECTIONS.values() for case in cases]


@pytest.mark.parametrize("case", OBJECTS, ids=[case.kind for case in OBJECTS])
def test_bad_object(case: Case) -> None:
    with pytest.raises(case.error, match=case.message):
        case.act()


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_bad_file(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=message) as caught:
        Relatedness.load(path)
    assert str(path) in str(caught.value)


def test_the_page_is_what_the_declarations_give() -> None:
    """Run ``nox -s errors`` where it is not."""
    assert errors.PAGE.read_text() == errors.page()


def test_kinds_are_told_apart() -> None:
    for kinds in (
        [w.kind for w in LOSSES],
        *([c.kind for c in cases] for cases in SECTIONS.values()),
    ):
        assert len(set(kinds)) == len(kinds)
