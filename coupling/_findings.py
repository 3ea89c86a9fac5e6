"""A diagnosis in words: one finding a line, the most important first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coupling._diagnosis import Diagnosis

NAMED = 4
LITTLE = 0.02
"""The share of the attributes' entropy below which a class says next to nothing about them."""


def findings(found: Diagnosis) -> Iterator[str]:
    """Give the findings of a diagnosis in words."""
    yield from _nothing(found)
    yield from _alike(found)
    yield from _labels(found)
    yield from _determination(found)
    yield from _flatness(found)
    yield from _fullest(found)
    yield from _gaps(found)
    yield "None of this is a promise: compare with no coupling on your own validation data."


def few(names: Sequence[str]) -> str:
    """Return the first of the names, and how many more there are."""
    more = len(names) - NAMED
    if more > 0:
        return f"{', '.join(names[:NAMED])} and {more} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _nothing(found: Diagnosis) -> Iterator[str]:
    if len(found.empty_attributes) == len(found.attributes):
        yield "No known class has any attribute: there is nothing to couple, and both losses are 0."
    elif found.determination is not None and found.determination < LITTLE:
        yield (
            f"The class says next to nothing about the attributes ({found.determination:.1%} of their "
            "entropy): there is little that one task could teach the other."
        )


def _alike(found: Diagnosis) -> Iterator[str]:
    for group in found.same_conditional:
        yield f"No attribute tells {few(group)} apart: their rows of K are equal."
    for group in found.same_weights:
        if not any(set(group) <= set(other) for other in found.same_conditional):
            yield f"Equation 4 does not tell {few(group)} apart: their rows of W are proportional."


def _labels(found: Diagnosis) -> Iterator[str]:
    counted = {
        "a class": found.class_labelled,
        "attributes": found.attribute_labelled,
        "both": found.both_labelled,
    }
    there = [f"{number} with {what}" for what, number in counted.items() if number is not None]
    if there:
        yield f"Labelled samples: {', '.join(there)}."
    if found.preset is not None:
        weights = found.preset["weights"]
        yield (
            f"Try directed({found.class_labelled}, {found.attribute_labelled}) first: "
            f"weight {weights['soft_co_annotation']:.2g} for co-annotation, which teaches the classes, "
            f"and {weights['distribution_matching']:.2g} for distribution matching, which teaches the "
            "attributes."
        )


def _determination(found: Diagnosis) -> Iterator[str]:
    if found.determination is None or found.determination < LITTLE:
        return
    share = f"{found.determination:.0%} of their entropy"
    if found.hardened:
        yield (
            f"K is only 0 or 1, also for {found.hardened} pairs with weights below 1: how far the class "
            'determines the attributes is not in it. matching="class_mean" is the careful choice, or a '
            "counted K."
        )
    elif found.matching == "sample":
        yield (
            f"The class determines its attributes ({share}): matching sample by sample fits, with "
            'divergence="js" or "kl".'
        )
    else:
        yield (
            f"The class leaves the attributes open (it determines {share}): matching "
            'sample by sample would flatten them, matching="class_mean" does not.'
        )


def _flatness(found: Diagnosis) -> Iterator[str]:
    classes = len(found.classes) - len(found.unknown_classes)
    if classes < 2 or found.largest_soft_label == 0:
        return
    flat = found.soft_label == "posterior"
    yield (
        f"Equation 5's soft labels are {'nearly flat' if flat else 'not flat'}: at temperature "
        f"{found.temperature:g} no labels give one of {classes} classes more than "
        f"{found.soft_label_bound:.3g} (found {found.largest_soft_label:.3g}, uniform {1 / classes:.3g})"
        + (f"; {sharper(found)}." if flat else ".")
    )


def sharper(found: Diagnosis) -> str:
    """Return what sharpens the soft labels."""
    limit = f"that limit is 0.9 at {found.sharp_temperature:.2g}"
    return f'soft_label="posterior" is sharper, or a lower temperature ({limit})'


def _fullest(found: Diagnosis) -> Iterator[str]:
    if not found.fullest_classes:
        return
    has = "all attributes on" if found.fullest_complete else "the largest sum of K"
    yield (
        f"Equation 3 as printed favours {few(found.fullest_classes)}, with {has}, and lowers every "
        'attribute; "js", "kl" and "class_mean" do neither.'
    )


def _gaps(found: Diagnosis) -> Iterator[str]:
    if found.empty_classes:
        yield (
            f"Classes without any attribute: {few(found.empty_classes)}. The indicator never "
            'favours such a class; empty_row="complement" lets it.'
        )
    if found.empty_attributes:
        yield f"Attributes that no class relates to: {few(found.empty_attributes)}. They take no part."
    if found.unknown_classes:
        yield f"Classes that are not known: {few(found.unknown_classes)}. They take no part."
    for what, names, counts in (
        ("Classes", found.classes, found.class_label_counts),
        ("Attributes", found.attributes, found.attribute_label_counts),
    ):
        bare = [name for name, count in zip(names, counts or (), strict=False) if count == 0]
        if bare:
            yield f"{what} without a label in any sample: {few(bare)}."
    counts = found.attribute_label_counts
    if counts and 0 < min(counts) < max(counts):
        rarest = found.attributes[counts.index(min(counts))]
        yield f"The attributes have from {min(counts)} ({rarest}) to {max(counts)} labels."
