"""Relatedness that is known: Table 1 of the paper, expressions by facial action units; orders of datasets."""

from __future__ import annotations

from coupling._names import Order, orders
from coupling._relatedness import Relatedness
from coupling._storage import data

__all__ = ["Order", "aff_wild2", "du2014", "orders"]


def du2014() -> Relatedness:
    """Return the seven basic expressions by 17 action units, from a psychological study (Table 1, left).

    Neutral's row is zero: no unit is active.

    Example:
        >>> du2014().classes
        ('neutral', 'happiness', 'sadness', 'fear', 'anger', 'surprise', 'disgust')

    References:
        Du, Tao and Martinez, "Compound facial expressions of emotion", PNAS 111(15), 2014.
    """
    return _table("du2014")


def aff_wild2() -> Relatedness:
    """Return the seven basic expressions by 11 action units, counted on Aff-Wild2 (Table 1, right).

    Neutral's row is zero: no unit is active.

    Example:
        >>> len(aff_wild2().attributes)
        11

    References:
        Kollias and Zafeiriou, "Expression, Affect, Action Unit Recognition: Aff-Wild2, Multi-Task Learning
        and ArcFace", 2019.
    """
    return _table("aff_wild2")


def _table(name: str) -> Relatedness:
    content = data("table1.json")
    column = content[name]
    return Relatedness.from_table(
        column["prototypical"],
        column["observational"],
        classes=content["classes"],
        attributes=column["attributes"],
        source=f"{column['source']}; {content['provenance']}",
    )
