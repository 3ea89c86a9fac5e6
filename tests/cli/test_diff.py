"""`coupling relatedness diff`: exit codes, names, and every entry that differs."""

from pathlib import Path

import pytest
from commands import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coupling import Relatedness

CELLS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@st.composite
def relatednesses(draw: st.DrawFn) -> Relatedness:
    classes = draw(st.lists(st.sampled_from("pqr"), min_size=1, unique=True))
    attributes = draw(st.lists(st.sampled_from("xyz"), min_size=1, unique=True))
    shape = (len(classes), len(attributes))
    weights = draw(st.none() | arrays(float, shape, elements=CELLS))
    values = draw(arrays(float, shape, elements=CELLS))
    return Relatedness(values, weights, classes=classes, attributes=attributes)


def cells(table: Relatedness) -> dict[tuple[str, str, str], float]:
    return {
        (matrix, name, attribute): float(getattr(table, matrix)[row, column])
        for matrix in ("conditional", "weights")
        for row, name in enumerate(table.classes)
        for column, attribute in enumerate(table.attributes)
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(relatednesses(), relatednesses(), st.sampled_from([0.0, 0.25, 0.6]))
def test_against_dictionaries(
    tmp_path: Path, first: Relatedness, second: Relatedness, tolerance: float
) -> None:
    paths = tmp_path / "a", tmp_path / "b"
    for path, table in zip(paths, (first, second), strict=True):
        table.save(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        done = run("relatedness", "diff", "a", "b", "--tolerance", tolerance, "--all")
    own, other = cells(first), cells(second)
    expected = {key: (own[key], other[key]) for key in own.keys() & other.keys()}
    expected = {key: pair for key, pair in expected.items() if abs(pair[0] - pair[1]) > tolerance}
    twins = [(key, ("weights", *key[1:])) for key in own.keys() & other.keys()]
    if all(table[key] == table[twin] for table in (own, other) for key, twin in twins):
        expected = {key: pair for key, pair in expected.items() if key[0] == "conditional"}
    rows = [line.split() for line in done.out.splitlines() if line.startswith(("conditional", "weights"))]
    found = {tuple(row[:3]): tuple(map(float, row[3:5])) for row in rows}
    assert found == expected
    changes = [abs(float(row[5])) for row in rows]
    assert changes == sorted(changes, reverse=True)
    for kind in ("classes", "attributes"):
        names = getattr(first, kind), getattr(second, kind)
        for name, here, there in (("a", *names), ("b", *names[::-1])):
            only = [entry for entry in here if entry not in there]
            assert (f"{kind} only in {name}: {', '.join(only)}\n" in done.out) == bool(only)
        one, two = ([entry for entry in own if entry in set(names[1 - i])] for i, own in enumerate(names))
        assert (f"{kind} stand in another order\n" in done.out) == (one != two)
    same_names = (first.classes, first.attributes) == (second.classes, second.attributes)
    assert done.code == (0 if same_names and not expected else 1)
    assert (done.out == "") == (done.code == 0)


def test_order_and_unknown_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = Relatedness([[0.5], [0.25]], classes=["gull", "crow"])
    table.save("a.json")
    table.align(classes=["crow", "gull"]).save("b.json")
    Relatedness([[0.5], [0.25]], classes=["gull", "crow"], known=[True, False]).save("c.json")
    assert run("relatedness", "diff", "a.json", "a.json") == (0, "", "")
    assert run("relatedness", "diff", "a.json", "b.json") == (1, "classes stand in another order\n", "")
    assert run("relatedness", "diff", "a.json", "c.json") == (1, "class 'crow' is known in a.json only\n", "")
    assert run("relatedness", "diff", "c.json", "a.json") == (1, "class 'crow' is known in a.json only\n", "")


TABLE = """\
matrix       class  attribute  a.json  b.json  change
─────────────────────────────────────────────────────
conditional  crow   black           1   0.125  -0.875
weights      crow   black           1   0.125  -0.875
conditional  gull   white        0.25    0.75    +0.5
weights      gull   white        0.25    0.75    +0.5
weights      crow   white         0.5       0    -0.5
5 entries differ by more than 0
"""
FOLDED = """\
                                                  a
                                         name_witho
                                         ut_spaces_
matrix     class      attribute  c.json  in_it.json   change
────────────────────────────────────────────────────────────
condition  crow       yellow          1      0.3333  -0.6667
al                    throat
                      and crown
condition  western    yellow        0.5        0.25    -0.25
al         gull       throat
                      and crown
2 entries differ by more than 0
"""


def test_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    names = {"classes": ["gull", "crow"], "attributes": ["black", "white"]}
    Relatedness([[0.5, 0.25], [1, 0]], [[0.5, 0.25], [1, 0.5]], **names).save("a.json")
    Relatedness([[0.5, 0.75], [0.125, 0]], **names).save("b.json")
    assert run("relatedness", "diff", "a.json", "b.json") == (1, TABLE, "")


def test_only_the_largest_are_shown() -> None:
    done = run("relatedness", "diff", "du2014", "aff_wild2")
    assert done.code == 1
    assert "entries differ by more than 0, of which 20 are shown; --all shows all" in done.out
    assert done.out.count("conditional") + done.out.count("weights") == 20


def test_what_is_long_is_folded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    names = {"classes": ["western gull", "crow"], "attributes": ["yellow throat and crown"]}
    Relatedness([[0.5], [1]], **names).save("c.json")
    Relatedness([[0.25], [1 / 3]], **names).save("a name_without_spaces_in_it.json")
    done = run("relatedness", "diff", "c.json", "a name_without_spaces_in_it.json")
    assert [line.rstrip() for line in done.out.splitlines()] == FOLDED.splitlines()
