from collections.abc import Mapping
from pathlib import Path

from dataset_trees.files import picture, text

TYPES = (
    *("athletic_shoes", "boots", "clogs", "flats", "high_heels", "pumps"),
    *("rain_boots", "sneakers", "stiletto", "wedding_shoes"),
)
IMAGE = "womens_boots/0/img_womens_boots_2.jpg"
TABLE = "attributes.csv"


def image(kind: str, number: int) -> str:
    return f"img_womens_{kind}_{number}.jpg"


def write(root: Path, *, table: Mapping[str, str] | None = None, each: int = 3) -> None:
    """Write images of each type in two folders with their descriptions, and a table if one is given."""
    for kind in TYPES:
        for number in range(1, each + 1):
            folder = root / f"womens_{kind}" / str(number % 2)
            picture(folder / image(kind, number), seed=number)
            text(folder / f"descr_womens_{kind}_{number}.txt", ["a shoe"])
    if table is not None:
        text(root / TABLE, ["image,open,shiny", *(f"{name},{labels}" for name, labels in table.items())])
