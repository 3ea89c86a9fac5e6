"""How each database of the study is trained on.

Image sizes, batches, Adam's rate, label smoothing and augmentation are those that the paper prints. It does
not print the number of steps, nor the batches of faces, and takes networks of others for each database: these
are chosen here.
"""

from dataclasses import dataclass

NETWORK = "resnet50"
MIXED = "mixaugment"
CHECKPOINT_EVERY = 500
"""Steps: a database is trained on for hours."""


@dataclass(frozen=True)
class Recipe:
    """How a database is trained on.

    Attributes:
        title: what a report calls it.
        size: of its images, in pixels.
        batch: as `Schedule` has it, as `steps`.
        label_smoothing: of the classes, as `Schedule` has it.
        augmentation: likewise.
        expressions: whether the classes are in Table 1 of the paper.
        videos: whether whole groups are held out.
        seeds: how many there are by default.
    """

    title: str
    size: int
    batch: int
    steps: int
    label_smoothing: float = 0.0
    augmentation: str = "none"
    expressions: bool = False
    videos: bool = False
    seeds: int = 5


RECIPES = {
    "affectnet": Recipe("AffectNet", 112, 200, 20_000, augmentation=MIXED, expressions=True),
    "raf-db": Recipe("RAF-DB", 112, 200, 8_000, augmentation=MIXED, expressions=True),
    "lsd": Recipe("ABAW4 LSD", 112, 200, 20_000, augmentation=MIXED, expressions=True),
    "aff-wild2": Recipe("Aff-Wild2", 112, 200, 20_000, augmentation=MIXED, expressions=True, videos=True),
    "s-aff-wild2": Recipe("s-Aff-Wild2", 112, 200, 20_000, augmentation=MIXED, expressions=True, videos=True),
    "emotionet": Recipe("EmotioNet", 112, 200, 20_000),
    "celeba": Recipe("CelebA", 112, 200, 16_000),
    "cub": Recipe("CUB-200-2011", 280, 150, 4_000, label_smoothing=0.3, augmentation="affine"),
    "shoes": Recipe("Shoes", 280, 100, 4_000),
    "clothing": Recipe("Clothing Attributes", 280, 50, 2_000, seeds=12),
}
