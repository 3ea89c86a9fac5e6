from pathlib import Path

from dataset_trees.files import picture, text

FOLDERS = ("ANGRER", "DISGUST", "FEAR", "HAPPINESS", "SADNESS", "SURPRISE")
IMAGE = "training_set_synthetic_images/FEAR/1.jpg"
LIST = "validation_list.txt"


def write(root: Path, *, folders: tuple[str, ...] = FOLDERS, listed: bool = False) -> None:
    """Write two synthetic images and a real one of each class, the real ones in folders or in a list."""
    rows = ["image,expression"]
    for label, folder in enumerate(folders):
        for number in (1, 2):
            picture(root / "training_set_synthetic_images" / folder / f"{number}.jpg", seed=number)
        name = f"{label}.jpg" if listed else f"{folder}/{label}.jpg"
        picture(root / "validation_set_real_images" / name, seed=label)
        rows.append(f"{name},{label}")
    if listed:
        text(root / LIST, rows)
