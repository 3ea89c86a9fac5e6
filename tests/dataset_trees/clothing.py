from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.io import savemat

from dataset_trees.files import picture

FOLDER = "ClothingAttributeDataset"
IMAGE = f"{FOLDER}/images/000001.jpg"
NAMES = (
    *("black", "blue", "brown", "category", "collar", "cyan", "gender", "gray", "green", "many_colors"),
    *("neckline", "necktie", "pattern_floral", "pattern_graphics", "pattern_plaid", "pattern_solid"),
    *("pattern_spot", "pattern_stripe", "placket", "purple", "red", "scarf", "skin_exposure", "sleevelength"),
    *("white", "yellow"),
)
VALUES = {"category": 7, "neckline": 3, "sleevelength": 3}


def sample(size: int = 10) -> dict[str, list[float]]:
    """Return labels from 1, some of them missing."""
    rng = np.random.default_rng(0)
    labels = {}
    for name in NAMES:
        values = rng.integers(1, VALUES.get(name, 2) + 1, size).astype(float)
        values[rng.random(size) < 0.2] = np.nan
        labels[name] = values.tolist()
    return labels


def write(root: Path, *, labels: Mapping[str, Sequence[float]] | None = None) -> None:
    """Write a MAT file for each name, and an image for each row."""
    labels = sample() if labels is None else labels
    folder = root / FOLDER
    (folder / "labels").mkdir(parents=True, exist_ok=True)
    for name, values in labels.items():
        savemat(folder / "labels" / f"{name}_GT.mat", {"GT": np.array(values, float)[:, None]})
    for number in range(1, len(labels["category"]) + 1):
        picture(folder / "images" / f"{number:06d}.jpg", seed=number)
