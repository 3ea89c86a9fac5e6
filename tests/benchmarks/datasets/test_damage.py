"""Whatever is wrong with an annotation file: an error that says so, or an account of what was left out."""

import os
from pathlib import Path

import pytest
from dataset_trees.every import LAYOUTS
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.datasets import load
from benchmarks.datasets.left_out import counts

EXAMPLES = int(os.environ.get("DAMAGES", "20"))
pieces = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"\n", b"\n\n", b",", b" ", b"\t", b'"', b"'", b"-1", b"999", b"1e400", b"nan", b"\0", b"\xff"]
    ),
    st.integers(-(10**30), 10**30).map(lambda value: str(value).encode()),
    st.sampled_from(["²", "٣", "\u2028", "\ufeff", "../../", "\x1b[2J"]).map(str.encode),
)


# The classes of LSD are folders. SciPy itself dies of some damaged MAT files, those of Clothing.
DAMAGED = {name: layout for name, layout in LAYOUTS.items() if name not in ("lsd", "clothing")}


@pytest.fixture(scope="module", params=DAMAGED.values(), ids=list(DAMAGED))
def written(request, tmp_path_factory):
    """A layout, its directory, and its files that are no images with what they hold."""
    root = tmp_path_factory.mktemp("tree")
    request.param.write(root)
    files = {
        path: path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".jpg"
    }
    return request.param, root, files


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_nothing_is_lost_in_silence(written, data):
    layout, root, files = written
    path = data.draw(st.sampled_from(list(files)), label="file")
    content = files[path]
    start = data.draw(st.integers(0, len(content)), label="from")
    end = data.draw(st.integers(start, min(len(content), start + 40)), label="to")
    refused_or_accounted_for(
        layout, root, path, content[:start] + data.draw(pieces, label="new") + content[end:]
    )


@pytest.mark.parametrize("kept", [0, 1])
def test_an_empty_file(written, kept):
    """Or one of which the first line alone is left."""
    layout, root, files = written
    for path, content in files.items():
        refused_or_accounted_for(layout, root, path, b"".join(content.splitlines(keepends=True)[:kept]))


def refused_or_accounted_for(layout, root, path, damaged):
    content = path.read_bytes()
    path.write_bytes(damaged)
    try:
        annotations = load(layout.name, root, **layout.options)
        assert len(annotations) <= layout.images
        assert len(annotations) + sum(counts(annotations.left_out).values()) >= layout.images
        assert all(line.isprintable() for line in annotations.summary().split("\n"))
    except ValueError as error:
        refusal = str(error)
    else:
        refusal = ""
    finally:
        path.write_bytes(content)
    assert not refusal or "should" in refusal


def test_fixture_is_whole(written):
    layout, root, files = written
    assert {path: path.read_bytes() for path in files} == files
    assert len(load(layout.name, Path(root), **layout.options)) == layout.images
