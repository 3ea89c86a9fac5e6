from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from benchmarks import plots
from benchmarks.figure import figure
from benchmarks.page import page
from benchmarks.samples import Size
from benchmarks.settings import PRESET, RECOMMENDED
from benchmarks.suites import SUITES
from benchmarks.summary import summarise

VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Reads a page, and refuses one whose elements are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.links: list[str] = []
        self.names: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.sources += [found[name] for name in ("src",) if name in found]
        self.links += [found["href"]] if "href" in found else []
        self.names += [found["id"]] if "id" in found else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def read(records) -> Reader:
    reader = Reader()
    reader.feed(page(records))
    return reader


def test_elements_are_closed(read):
    assert read.open == []


def test_needs_no_other_file(read):
    assert read.links == ["#digits"]
    assert read.names == ["digits"]
    for source in read.sources:
        kind, _, data = source.partition(",")
        assert kind == "data:image/png;base64"
        Image.open(BytesIO(b64decode(data, validate=True))).load()


def test_shows_every_picture_and_setting(read, records):
    assert len(read.sources) == 2 + 2 * 2  # gains and curves; confusion and attributes at two sizes
    for record in records:
        assert record.setting in read.text
    assert read.text.count("negative transfer") >= 4
    assert "Table 4: by network" in read.text


def test_settings_that_were_not_trained_are_left_out(records):
    names = {RECOMMENDED: PRESET}
    older = page([replace(own, setting=names.get(own.setting, own.setting)) for own in records])
    assert older.count("<img") == page(records).count("<img")
    assert RECOMMENDED not in older


def whole(picture):
    drawing = np.asarray(Image.open(BytesIO(picture)).convert("RGB"))
    return all((edge == 255).all() for edge in (drawing[:, :2], drawing[:, -2:], drawing[:2], drawing[-2:]))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_nothing_is_cut_off(make_record, count):
    sizes = (Size(20, 600), Size(100, 100), Size(400, 30))[:count]
    made = [
        replace(make_record(RECOMMENDED, size, 0), setting=name) for size in sizes for name in plots.COLORS
    ]
    assert whole(plots.curves(made))


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_no_title_is_cut_off(records, suite, count):
    tables = summarise(records)
    assert len(tables) == 2
    assert whole(figure(tables[:count], title=f"{suite.title} with PyTorch"))


def test_contact_sheet_is_shown_of_faces_alone(read):
    assert "The faces" not in read.text


def test_what_is_not_markup_is_escaped(make_record):
    names = ("no coupling", RECOMMENDED)
    made = [make_record(name, Size(20, 600), seed) for name in names for seed in range(2)]
    made = [replace(own, versions={"<b>": "&"}) for own in made]
    assert "&lt;b&gt; &amp;" in page(made)
