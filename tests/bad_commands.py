"""What the command line refuses, each kind in words: run by its tests, and shown by ``docs/errors.md``."""

from typing import NamedTuple

OPTIONS = ["--class", "c", "--attributes", "a*"]


class Case(NamedTuple):
    """What labels.csv holds, what is typed beside, and what the one line should say."""

    content: str | bytes
    message: str
    options: tuple[str, ...] = ()
    foreign: str = ""


CASES = {
    "no class column": Case("x,a\n1,1\n", "labels.csv: should have the column 'c', has not (known: x, a)"),
    "close class column": Case("cc,a\n1,1\n", "(close matches: 'cc')"),
    "no attribute column": Case("c,b\n1,1\n", "should have columns 'a*', has none (known: c, b)"),
    "no group column": Case("c,a\n1,1\n", "should have the column 'g'", ("--groups", "g")),
    "class as group": Case(
        "c,a\n1,1\n",
        "column 'c' should be the class, the group or the weight, not several",
        ("--groups", "c"),
    ),
    "other delimiter": Case("c;a\n1;1\n", "should have the column 'c', has not (close matches: 'c;a')"),
    "column twice": Case("c,a,a\n1,1,1\n", "should have the column 'a' once, has it 2 times"),
    "class as attribute": Case("c,a\n1,1\n", "column 'c' should be an attribute or", ("--attributes", "c")),
    "class fraction": Case("c,a\n1,1\n0.5,1\n", "column 'c' should hold integers or names, got 0.5"),
    "mixed classes": Case(
        "c,a\n1,1\nhappy,0\n", "column 'c' should hold integers or names, got 1 and 'happy'"
    ),
    "no class": Case("c,a\n,1\n", "column 'c' should hold classes, all are missing"),
    "huge class": Case("c,a\n5000000,1\n", "should hold names, or integers from 0 to C - 1, got 5000000"),
    "unknown class": Case(
        "c,a\nhapy,1\n",
        "column 'c' should hold names of the classes, got 'hapy' (close matches: 'happy')",
        ("--classes", "happy,sad"),
    ),
    "class beyond": Case("c,a\n2,1\n", "column 'c' should be below 2", ("--classes", "happy,sad")),
    "class not a numeral": Case("c,a\n2,1\n", "names of the classes, got '2'", ("--classes", "3,4")),
    "empty class": Case(
        "c,a\n1,1\n",
        "'--classes': should be names with commas between them, has an empty one: 'x,'",
        ("--classes", "x,"),
    ),
    "equal classes": Case("c,a\n1,1\n", "classes should be unique", ("--classes", "x,x")),
    "word as label": Case("c,a\n1,1\n1,yes\n", "column 'a' should hold labels from 0 to 1, got 'yes'"),
    "number as label": Case(
        "c,a\n1,1\n1,2\n", "labels.csv: column 'a' should hold labels from 0 to 1, got 2"
    ),
    "logit as label": Case("c,a\n1,-0.5\n", "should hold labels from 0 to 1, got -0.5"),
    "infinite label": Case("c,a\n1,inf\n", "should hold labels from 0 to 1, got inf"),
    "minus infinity": Case("c,a\n1,-inf\n", "should hold labels from 0 to 1, got -inf"),
    "CelebA": Case(
        "c,a,ab\n1,0,1\n0,-1,-1\n1,1,\n", "column 'ab' holds -1 and 1 and never 0, like CelebA's, where -1"
    ),
    "negative and missing": Case(
        "c,a\n1,1\n", "--negative and --missing should differ", ("--missing", "-1", "--negative", "-1")
    ),
    "no file content": Case("", "labels.csv: cannot be read: Empty CSV file"),
    "a column with an endless name": Case(
        "c,a" + "a" * 2**18, "cannot be read: field larger than field limit"
    ),
    "no rows": Case("c,a\n", "labels.csv: should have a row for each sample, has none"),
    "short row": Case(
        "c,a\n1,1\n1\n", "labels.csv: cannot be read: CSV parse error: ", foreign="(?P<foreign>.*)"
    ),
    "latin text": Case("c,a\nétonné,1\n".encode("latin-1"), "labels.csv: should be UTF-8 text"),
    "latin header": Case("c,a,é\n1,1,1\n".encode("latin-1"), "labels.csv: should be UTF-8 text"),
    "UTF-16": Case("c,a\n1,1\n".encode("utf-16"), "labels.csv: should be UTF-8 text, is UTF-16"),
    "noise": Case(bytes(range(256)) * 20, "labels.csv: "),
    "negative weight": Case("c,a,w\n1,1,-1\n", "column 'w' should hold numbers of at", ("--weight", "w")),
    "no weight": Case("c,a,w\n1,1,\n", "column 'w' should hold numbers of at least 0", ("--weight", "w")),
    "word as weight": Case(
        "c,a,w\n1,1,x\n",
        "labels.csv: column 'w' should hold numbers of at least 0, got 'x'",
        ("--weight", "w"),
    ),
    "no group": Case("c,a,g\n1,1,\n", "column 'g' should name a group in every row", ("--groups", "g")),
    "negative smoothing": Case("c,a\n1,1\n", "smoothing should be in", ("--smoothing", "-1")),
    "word as smoothing": Case("c,a\n1,1\n", "'--smoothing'", ("--smoothing", "x")),
    "negative support": Case("c,a\n1,1\n", "min_support should be in", ("--min-support", "-1")),
    "long delimiter": Case("c,a\n1,1\n", "should be one character", ("--delimiter", "ab")),
    "unknown option": Case("c,a\n1,1\n", "No such option", ("--clases", "x")),
}

USAGE = {
    "an unknown command": (["relatednes"], "No such command 'relatednes'"),
    "an unknown command of a group": (["relatedness", "shwo"], "No such command 'shwo'"),
    "no file to show": (["relatedness", "show"], "Missing argument 'FILE'"),
    "an unknown matrix": (["relatedness", "show", "du2014", "--values", "k"], "'k' is not one of"),
    "the support of a table that was not counted": (
        ["relatedness", "show", "du2014", "--values", "support"],
        "support should be there, is not",
    ),
    "no file to write a picture to": (["relatedness", "plot", "du2014"], "Missing option '-o'"),
    "a picture of another kind": (
        ["relatedness", "plot", "du2014", "-o", "x.pdf"],
        "x.pdf: should end in .png or .svg",
    ),
    "only one file to compare": (["relatedness", "diff", "du2014"], "Missing argument 'SECOND'"),
    "a negative tolerance": (
        ["relatedness", "diff", "du2014", "du2014", "--tolerance", "-1"],
        "'--tolerance'",
    ),
    "a tolerance that is no number": (
        ["relatedness", "diff", "du2014", "du2014", "--tolerance", "nan"],
        "tolerance should be in [0.0, inf), got nan",
    ),
    "labels without their class column": (
        ["relatedness", "diagnose", "du2014", "labels.csv"],
        "Missing option '--class'",
    ),
    "an unknown shell": (["completion", "tcsh"], "'tcsh' is not one of"),
}
