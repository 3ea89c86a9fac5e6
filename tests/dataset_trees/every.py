"""Every layout there is, for what holds of all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dataset_trees import aff_wild2, affectnet, celeba, clothing, cub, emotionet, lsd, raf_db, shoes

SHOE_TABLE = {
    shoes.image(kind, number): f"{number % 2},{len(kind) % 2}" for kind in shoes.TYPES for number in (1, 2, 3)
}


@dataclass(frozen=True)
class Layout:
    """A layout: the database, what writes it, one of its images, its size and options."""

    name: str
    write: Callable[[Path], None]
    image: str
    images: int
    options: Mapping[str, Any] = field(default_factory=dict)


LAYOUTS = {
    "affectnet": Layout("affectnet", affectnet.write, affectnet.IMAGE, 9),
    "affectnet-arrays": Layout("affectnet", affectnet.write_arrays, affectnet.ARRAY_IMAGE, 9),
    "raf-db": Layout("raf-db", raf_db.write, raf_db.IMAGE, 9),
    "lsd": Layout("lsd", lsd.write, lsd.IMAGE, 18),
    "lsd-list": Layout(
        "lsd", lambda root: lsd.write(root, listed=True), lsd.IMAGE, 18, {"validation": lsd.LIST}
    ),
    "aff-wild2": Layout("aff-wild2", aff_wild2.write, aff_wild2.IMAGE, 15),
    "s-aff-wild2": Layout("s-aff-wild2", aff_wild2.write_single, "cropped_aligned/video_0/00001.jpg", 9),
    "emotionet": Layout("emotionet", emotionet.write, emotionet.IMAGE, 9),
    "emotionet-table": Layout(
        "emotionet",
        lambda root: emotionet.write_table(root, units=emotionet.ALL, labels=emotionet.sample()),
        "images/N_0000000002_00001.jpg",
        9,
        {"table": "manual.csv"},
    ),
    "celeba": Layout("celeba", celeba.write, celeba.IMAGE, 9),
    "cub": Layout("cub", cub.write, cub.IMAGE, 9),
    "shoes": Layout(
        "shoes", lambda root: shoes.write(root, table=SHOE_TABLE), shoes.IMAGE, 30, {"table": shoes.TABLE}
    ),
    "clothing": Layout("clothing", clothing.write, clothing.IMAGE, 10),
}
