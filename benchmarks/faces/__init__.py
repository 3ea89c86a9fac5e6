"""Schematic faces made here: expressions, action units, and what makes them hard to read."""

from benchmarks.faces.latent import EXPRESSIONS, SEEDS, UNITS, Face, Faces, labels, relatedness, sample
from benchmarks.faces.paint import render
from benchmarks.faces.store import dataset, held_out

__all__ = [
    "EXPRESSIONS",
    "SEEDS",
    "UNITS",
    "Face",
    "Faces",
    "dataset",
    "held_out",
    "labels",
    "relatedness",
    "render",
    "sample",
]
