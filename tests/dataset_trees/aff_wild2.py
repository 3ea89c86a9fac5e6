import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dataset_trees.files import picture, text

EXPRESSIONS = ("Neutral", "Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise", "Other")
UNITS = tuple(f"AU{unit}" for unit in (1, 2, 4, 6, 7, 10, 12, 15, 23, 24, 25, 26))
OLD_UNITS = ("AU1", "AU2", "AU4", "AU6", "AU12", "AU15", "AU20", "AU25")
IMAGE = "cropped_aligned/1-30-1280x720/00001.jpg"
EXPR = "annotations/EXPR_Classification_Challenge"
AU = "annotations/AU_Detection_Challenge"

Labels = Mapping[str, Sequence[Sequence[int]]]

TRAIN = {
    "1-30-1280x720": [
        [expression, *[unit % 2 for unit in range(expression, expression + 12)]] for expression in range(8)
    ],
    "10-60-1280x720_left": [[0] + [0] * 12, [-1] + [1] * 12, [3] + [-1] * 12],
    "10-60-1280x720_right": [[1] + [1, 0] * 6, [1] + [1, 0] * 6],
}
VALIDATION = {"video_9": [[7] + [0, 1] * 6, [4] + [1, -1] * 6]}


def write(root: Path, *, train: Labels = TRAIN, validation: Labels = VALIDATION) -> None:
    """Write each video's frames, and a file for each task; rows are the expression and 12 units."""
    for name, videos in (("Train_Set", train), ("Validation_Set", validation)):
        for video, rows in videos.items():
            annotate(root / EXPR / name / f"{video}.txt", EXPRESSIONS, [row[:1] for row in rows])
            annotate(root / AU / name / f"{video}.txt", UNITS, [row[1:] for row in rows])
            for frame in range(1, len(rows) + 1):
                picture(root / f"cropped_aligned/{video}/{frame:05d}.jpg", seed=frame)


def annotate(path: Path, header: Sequence[str], rows: Sequence[Sequence[int]]) -> None:
    text(path, [",".join(header), *(",".join(map(str, row)) for row in rows)])


def touch_frames(folder: Path, count: int) -> None:
    """Make empty frames, many of them fast: for who never opens them."""
    folder.mkdir(parents=True)
    for frame in range(1, count + 1):
        os.close(os.open(folder / f"{frame:05d}.jpg", os.O_CREAT | os.O_WRONLY))


def write_lists(
    root: Path, *, training: Sequence[str], validation: Sequence[str], named: bool = True
) -> None:
    """Write s-Aff-Wild2: rows are "<video>/00001.jpg,<valence>,<arousal>,<expression>,<units>"."""
    header = ",".join(["image", "valence", "arousal", "expression", *(UNITS if named else ["aus"])])
    for name, rows in (("training", training), ("validation", validation)):
        text(root / f"{name}_set_annotations.txt", [header, *rows])
        for number, row in enumerate(rows):
            picture(root / "cropped_aligned" / row.partition(",")[0], seed=number)


def single(video: str, frame: int, expression: int) -> str:
    """Return a line of s-Aff-Wild2."""
    units = ",".join(str((expression + unit) % 2) for unit in range(len(UNITS)))
    return f"{video}/{frame:05d}.jpg,0.1,-0.2,{expression},{units}"


SINGLE_TRAIN = tuple(single(f"video_{number % 2}", number + 1, number) for number in range(8))
SINGLE_VALIDATION = ("video_7/00001.jpg,-5,-5,-1,0,1,0,1,0,1,0,1,0,1,0,1",)


def write_single(root: Path) -> None:
    write_lists(root, training=SINGLE_TRAIN, validation=SINGLE_VALIDATION)
