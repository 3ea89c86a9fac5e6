"""Table 1, against the paper's own rows."""

from collections.abc import Callable

import pytest

from coupling import Relatedness
from coupling.knowledge import aff_wild2, du2014

EXPRESSIONS = ("neutral", "happiness", "sadness", "fear", "anger", "surprise", "disgust")
DU = {
    "happiness": "12 25 6:.51",
    "sadness": "4 15 1:.6 6:.5 11:.26 17:.67",
    "fear": "1 4 20 25 2:.57 5:.63 26:.33",
    "anger": "4 7 24 10:.26 17:.52 23:.29",
    "surprise": "1 2 25 26 5:.66",
    "disgust": "9 10 17 4:.31 24:.26",
}
AFF_WILD2 = {
    "happiness": "12:.82 25:.7 6:.57 7:.83 10:.63",
    "sadness": "4:.53 15:.42 1:.31 7:.13",
    "fear": "1:.52 4:.4 25:.85 7:.57 10:.57",
    "anger": "4:.65 7:.45 25:.4 10:.33",
    "surprise": "1:.38 2:.37 25:.85 26:.3 5:.5 7:.2",
    "disgust": "10:.85 4:.6 7:.75 25:.8",
}


@pytest.mark.parametrize(
    ("knowledge", "rows", "units"),
    [
        (du2014, DU, [1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 15, 17, 20, 23, 24, 25, 26]),
        (aff_wild2, AFF_WILD2, [1, 2, 4, 5, 6, 7, 10, 12, 15, 25, 26]),
    ],
)
def test_table_1(knowledge: Callable[[], Relatedness], rows: dict[str, str], units: list[int]) -> None:
    table = knowledge()
    assert table.classes == EXPRESSIONS
    assert table.attributes == tuple(f"AU{unit}" for unit in units)
    assert table.known.all()
    for name in EXPRESSIONS:
        entries = dict((entry + ":1").split(":")[:2] for entry in rows.get(name, "").split())
        expected = [float(entries.get(str(unit), 0)) for unit in units]
        row = table.classes.index(name)
        assert table.weights[row].tolist() == expected
        assert table.conditional[row].tolist() == [float(weight > 0) for weight in expected]


@pytest.mark.parametrize("knowledge", [du2014, aff_wild2])
def test_provenance(knowledge: Callable[[], Relatedness]) -> None:
    assert "Table 1 of D. Kollias" in knowledge().source
