"""Write the page of the guide: ``python -m ways``."""

from pathlib import Path

from ways import page

(Path(__file__).parents[2] / "docs" / "ways.md").write_text(page())
