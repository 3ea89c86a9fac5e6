from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dataset_trees.files import picture, text

HEADER = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
)
TRAINING = (0, 1, 2, 3, 4, 5, 6)
VALIDATION = (6, 0)
IMAGE = "Manually_Annotated_Images/1/training_0.jpg"
ARRAY_IMAGE = "train_set/images/0.jpg"


def write(
    root: Path,
    *,
    training: Sequence[int] = TRAINING,
    validation: Sequence[int] = VALIDATION,
    lists: str = "",
) -> None:
    """Write the tables: that for training has a header, that for validation has none."""
    landmarks = ";".join(["10.5;20.5"] * 68)
    for name, labels in (("training", training), ("validation", validation)):
        rows = [HEADER] if name == "training" else []
        for number, label in enumerate(labels):
            path = f"{number % 3 + 1}/{name}_{number}.jpg"
            picture(root / "Manually_Annotated_Images" / path, seed=number)
            rows.append(f"{path},1,0,5,4,{landmarks},{label},-2,-2")
        text(root / lists / f"{name}.csv", rows)


def write_arrays(
    root: Path, *, training: Sequence[int] = TRAINING, validation: Sequence[int] = VALIDATION
) -> None:
    """Write the release with a NumPy file for each label, which holds a string."""
    for name, labels in (("train_set", training), ("val_set", validation)):
        (root / name / "annotations").mkdir(parents=True)
        (root / name / "images").mkdir(parents=True)
        for number, label in enumerate(labels):
            picture(root / name / "images" / f"{number}.jpg", seed=number)
            for kind, value in (("exp", str(label)), ("val", "-2"), ("aro", "0.25")):
                np.save(root / name / "annotations" / f"{number}_{kind}.npy", np.array(value))
