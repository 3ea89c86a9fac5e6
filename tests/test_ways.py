"""The declaration of the ways of running covers every loss, and the guide's page is what it gives."""

from pathlib import Path

from ways import LOSSES, page
from ways.cases import CASES

from coupling import losses


def test_every_loss_is_declared() -> None:
    assert list(CASES) == list(LOSSES)
    assert {case.loss for case in CASES.values()} == set(losses.__all__) - {"CoupledTerms"}


def test_page_is_what_the_declaration_gives() -> None:
    assert (Path(__file__).parent.parent / "docs" / "ways.md").read_text() == page()
