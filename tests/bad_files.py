"""Relatedness files that are refused, each kind in words: run by the tests, shown by ``docs/errors.md``."""

import json

from coupling import Relatedness


def content(**changes: object) -> str:
    full = {"format": "coupling.relatedness", "version": 1, **Relatedness([[0.5]]).to_dict(), **changes}
    return json.dumps({key: value for key, value in full.items() if value != "absent"})


LONG = ["x" * 10**5, *[""] * 10**5]
FILES: dict[str, tuple[str | bytes, str]] = {
    "an empty file": ("", "no valid JSON (?P<foreign>.*)"),
    "half a file": ("{", "no valid JSON (?P<foreign>.*)"),
    "lists in lists without an end": ("[" * 100_000, "no valid JSON (?P<foreign>.*)"),
    "bytes that are no text": (b"\xff\xfe\x00", "no valid JSON (?P<foreign>.*)"),
    "a number of thousands of digits": (
        content(version=0).replace(": 0", ": " + "9" * 5000),
        "JSON (?P<foreign>.*)",
    ),
    "another kind of JSON": ("[]", "'format' should be"),
    "a mapping of other things": ('{"a": 1}', "'format' should be"),
    "another version": (content(version=2), "'version' should be 1.*got 2"),
    "a boolean for the version": (content(version=True), "'version' should be 1.*got True"),
    "a field that is missing": (content(conditional="absent"), "'conditional' is missing"),
    "a field that is none": (content(colour="red"), "'colour' is no field"),
    "a field that stands there twice": (
        content().replace('"source"', '"classes"'),
        "'classes' stands there twice",
    ),
    "a probability above 1": (content(conditional=[[2.0]]), r"conditional should be in \[0, 1\], got 2.0"),
    "a probability that is NaN": (
        content(conditional=[[float("nan")]]),
        r"conditional should be in \[0, 1\], got nan",
    ),
    "rows of different lengths": (
        content(conditional=[[0.5], [0.5, 1]]),
        "conditional should be a matrix: (?P<foreign>.*)",
    ),
    "a mapping for a matrix": (content(conditional={"a": 1}), "'conditional' should be a list, got dict"),
    "a text for a number": (content(conditional=[["0.5"]]), "conditional should hold real numbers, got str"),
    "a matrix of rank 3": (content(conditional=[[[0.5]]]), "conditional should hold real numbers, got list"),
    "one long text among numbers": (
        content(conditional=[LONG]),
        "conditional should hold real numbers, got str",
    ),
    "a negative weight": (content(weights=[[-1.0]]), "weights should be finite and at least 0"),
    "a negative support": (content(support=[[-1.0]]), "support should be finite and at least 0"),
    "a boolean for the support": (content(support=True), "'support' should be a list, got bool"),
    "more names than classes": (content(classes=["a", "b"]), "classes should have 1 names"),
    "a number for a name": (content(classes=[1]), "classes should be strings"),
    "a name that no file can hold": (
        content(classes=["\ud800"]),
        "classes should be text that a file can hold",
    ),
    "a source that no file can hold": (
        content(source="\ud800"),
        "source should be text that a file can hold",
    ),
    "numbers for flags": (content(known=[1]), "known should be boolean, got int"),
    "one long text among flags": (content(known=LONG), "known should be boolean, got str"),
    "a number for the source": (content(source=1), "source should be a string"),
}
