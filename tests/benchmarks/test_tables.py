from benchmarks.tables import markdown


def test_first_column_stands_to_the_left():
    assert markdown(("a", "b"), [("c", "1"), ("d", "2")]) == [
        "| a | b |",
        "| --- | --: |",
        "| c | 1 |",
        "| d | 2 |",
    ]
