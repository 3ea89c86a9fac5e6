"""How hard the faces are: what a small network learns of one task alone, from few labels and from many."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from sklearn.metrics import f1_score
from torch import nn
from torch.nn import functional

from benchmarks.digits import Array, Samples
from benchmarks.faces.latent import DEFAULT, EXPRESSIONS, UNITS, Faces, relatedness
from benchmarks.faces.store import dataset, held_out

BATCH = 32


def measure(
    console: Console,
    sizes: Sequence[int] = (300, 3000),
    *,
    faces: Faces = DEFAULT,
    steps: int = 900,
    test: int = 1000,
    seed: int = 0,
    cache: Path | None = None,
) -> dict[str, list[float]]:
    """Train a network for each task and size, and print accuracy and macro F1 on the test set.

    Returns:
        By task, a score for each size: accuracy of the expressions, macro F1 of the units.
    """
    tested = held_out("test", test, faces=faces, workers=2, cache=cache)
    trained_on = dataset(
        max(sizes), max(sizes), seed=seed, overlap=max(sizes), faces=faces, workers=2, cache=cache
    )
    known = ceiling(tested, faces)
    console.print(f"expressions, from true units and frequencies: accuracy {known:.3f}")
    scores: dict[str, list[float]] = {"expressions": [], "units": []}
    for task in scores:
        for size in sizes:
            predicted = _train(task, trained_on.take(slice(size)), tested.images, steps, seed, console)
            scores[task].append(_score(task, tested, predicted))
            measured = "accuracy" if task == "expressions" else "macro F1"
            console.print(f"{task}, {size} labelled images: {measured} {scores[task][-1]:.3f}")
    return scores


def ceiling(samples: Samples, faces: Faces = DEFAULT) -> float:
    """Return the accuracy of Bayes' rule from the true units and frequencies."""
    conditional = np.clip(relatedness(faces).conditional, 1e-9, 1 - 1e-9)
    units, prior = samples.attribute_labels, np.log(np.maximum(faces.prior, 1e-9))
    likelihood = units @ np.log(conditional).T + (1 - units) @ np.log(1 - conditional).T
    return float(((likelihood + prior).argmax(1) == samples.class_labels).mean())


def _score(task: str, tested: Samples, predicted: Array) -> float:
    if task == "expressions":
        return float((predicted.argmax(1) == tested.class_labels).mean())
    return float(f1_score(tested.attribute_labels, predicted > 0, average="macro", zero_division=0))


def _train(task: str, samples: Samples, test_images: Array, steps: int, seed: int, console: Console) -> Array:
    """Train for one task, and return the logits of the test images."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = _network(len(EXPRESSIONS) if task == "expressions" else len(UNITS))
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    inputs = _reduced(samples.images)
    classes, units = torch.tensor(samples.class_labels), torch.tensor(samples.attribute_labels).float()
    network.train()
    for _ in track(range(steps), f"{task}, {len(inputs)} images", console=console, transient=True):
        rows = torch.tensor(rng.integers(len(inputs), size=BATCH))
        logits = network(_shifted(inputs[rows], rng))
        if task == "expressions":
            loss = functional.cross_entropy(logits, classes[rows])
        else:
            loss = functional.binary_cross_entropy_with_logits(logits, units[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(part) for part in _reduced(test_images).split(250)]).numpy()


def _network(outputs: int) -> nn.Module:
    layers: list[nn.Module] = []
    channels = 3
    for wider in (16, 32, 64, 64):
        layers += [nn.Conv2d(channels, wider, 3, padding=1, bias=False), nn.BatchNorm2d(wider), nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
        channels = wider
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.3), nn.Linear(channels * 9, outputs))


def _reduced(images: Array) -> torch.Tensor:
    """Halve the images, and centre their values."""
    whole = torch.tensor(np.asarray(images)).permute(0, 3, 1, 2)
    return torch.cat([functional.avg_pool2d(part.float() / 128 - 1, 2) for part in whole.split(250)])


def _shifted(images: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Mirror half of the batches, and shift all by up to 3 pixels: few images go further."""
    if rng.random() < 0.5:
        images = images.flip(3)
    down, right = rng.integers(-3, 4, size=2).tolist()
    return images.roll((down, right), (2, 3))
