"""Schematic faces made here: expressions, action units, and what makes them hard to read."""

from benchmarks.faces.latent import EXPRESSIONS, UNITS, Face, Faces, relatedness, sample
from benchmarks.faces.paint import render
from benchmarks.faces.store import dataset, held_out

__all__ = ["EXPRESSIONS", "UNITS", "Face", "Faces", "dataset", "held_out", "relatedness", "render", "sample"]
