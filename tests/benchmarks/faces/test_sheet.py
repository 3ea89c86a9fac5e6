from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from benchmarks.faces.__main__ import main
from benchmarks.faces.latent import EXPRESSIONS, UNITS
from benchmarks.faces.sheet import sections

GUIDE = Path(__file__).parents[3] / "docs" / "faces.png"


def test_sheet_shows_every_expression_and_every_unit():
    captions = [caption.split("\n")[0] for _, _, cells in sections() for caption, _ in cells]
    assert set(EXPRESSIONS) | set(UNITS) <= set(captions)


def test_sheet_is_a_png(tmp_path):
    path = tmp_path / "sheet.png"
    assert main(["sheet", str(path)]) == 0
    assert path.stat().st_size < 400_000
    with Image.open(path) as page:
        assert page.format == "PNG"
        assert page.width > 1000
        with Image.open(GUIDE) as shown:  # as it comes out now, but for rounding on other processors
            assert shown.size == page.size
            assert max(ImageStat.Stat(ImageChops.difference(shown, page)).mean) < 0.1


def test_folder_that_is_not_there_is_one_line(tmp_path, capsys):
    assert main(["sheet", str(tmp_path / "none" / "sheet.png")]) == 1
    assert capsys.readouterr().err.startswith("benchmarks.faces: [Errno 2]")
