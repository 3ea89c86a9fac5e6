"""A diagnosis in words, whole: every finding that there is, in order."""

import numpy as np
import pytest

from coupling import Relatedness, diagnose, knowledge
from coupling._findings import few

NAN = float("nan")
LETTERS = Relatedness(np.eye(3), classes=["a", "b", "c"], attributes=["x", "y", "z"])
GARMENTS = Relatedness(
    [[0.5, 0.25, 0], [0.25, 0.5, 0], [0, 0, 0], [1, 1, 1]],
    [[1, 2, 0], [2, 4, 0], [0, 0, 0], [1, 1, 1]],
    classes=["shirt", "dress", "suit", "other"],
    attributes=["striped", "plain", "floral"],
    known=[True, True, True, False],
)
FOUND = {
    "nothing": lambda: diagnose(Relatedness(np.zeros((2, 2)))),
    "next to nothing": lambda: diagnose(Relatedness(np.full((2, 2), 0.5))),
    "one class": lambda: diagnose(Relatedness([[1.0, 0.0]]), [0]),
    "attributes only": lambda: diagnose(LETTERS, None, [[1, 0, 1]], temperature=0.25),
    "determined": lambda: diagnose(
        LETTERS, [0, 0, 1], [[1, NAN, -1], [0, 1, -1], [0, 1, 0]], temperature=0.1
    ),
    "open": lambda: diagnose(GARMENTS, [0, 1, 0, -1], [[1, NAN, NAN]] * 4),
    "units": lambda: diagnose(knowledge.du2014()),
    "units that look alike": lambda: diagnose(
        knowledge.aff_wild2(), [0] * 20, [[1] + 10 * [NAN]] * 3 + [[NAN] * 11] * 17
    ),
}
WORDS = {
    "nothing": """
- No known class has any attribute: there is nothing to couple, and both losses are 0.
- No attribute tells class_0 and class_1 apart: their rows of K are equal.
- Equation 5's soft labels are not flat: at temperature 1 no labels give one of 2 classes more than
  0.731 (found 0.5, uniform 0.5).
- Classes without any attribute: class_0 and class_1. The indicator never favours such a class;
  empty_row="complement" lets it.
- Attributes that no class relates to: attribute_0 and attribute_1. They take no part.
- None of this is a promise: compare with no coupling on your own validation data.
""",
    "next to nothing": """
- The class says next to nothing about the attributes (0.0% of their entropy): there is little that
  one task could teach the other.
- No attribute tells class_0 and class_1 apart: their rows of K are equal.
- Equation 5's soft labels are not flat: at temperature 1 no labels give one of 2 classes more than
  0.731 (found 0.5, uniform 0.5).
- Equation 3 as printed favours class_0 and class_1, with the largest sum of K, and lowers every
  attribute; "js", "kl" and "class_mean" do neither.
- None of this is a promise: compare with no coupling on your own validation data.
""",
    "one class": """
- Labelled samples: 1 with a class.
- Equation 3 as printed favours class_0, with all attributes on, and lowers every attribute; "js",
  "kl" and "class_mean" do neither.
- Attributes that no class relates to: attribute_1. They take no part.
- None of this is a promise: compare with no coupling on your own validation data.
""",
    "attributes only": """
- Labelled samples: 1 with attributes.
- The class determines its attributes (100% of their entropy): matching sample by sample fits, with
  divergence="js" or "kl".
- Equation 5's soft labels are not flat: at temperature 0.25 no labels give one of 3 classes more
  than 0.965 (found 0.965, uniform 0.333).
- Equation 3 as printed favours a, b and c, with the largest sum of K, and lowers every attribute;
  "js", "kl" and "class_mean" do neither.
- None of this is a promise: compare with no coupling on your own validation data.
""",
    "determined": """
- Labelled samples: 3 with a class, 3 with attributes, 3 with both.
- Try directed(3, 3) first: weight 0.15 for co-annotation, which teaches the classes, and 0.15 for
  distribution matching, which teaches the attributes.
- The class determines its attributes (100% of their entropy): matching sample by sample fits, with
  divergence="js" or "kl".
- Equation 5's soft labels are not flat: at temperature 0.1 no labels give one of 3 classes more
  than 1 (found 1, uniform 0.333).
- Equation 3 as printed favours a, b and c, with the largest sum of K, and lowers every attribute;
  "js", "kl" and "class_mean" do neither.
- Classes without a label in any sample: c.
- The attributes have from 1 (z) to 3 labels.
- None of this is a promise: compare with no coupling on your own validation data.
""",
    "open": """
- Equation 4 does not tell shirt and dress apart: their rows of W are proportional.
- Labelled samples: 3 with a class, 4 with attributes, 3 with both.
- Try directed(3, 4) first: weight 0.17 for co-annotation, which teaches the classes, and 0.13 for
  distribution matching, which teaches the attributes.
- The class leaves the attributes open (it determines 5% of their entropy): matching sample by
  sample would flatten them, matching="class_mean" does not.
- Equation 5's soft labels are nearly flat: at temperature 1 no labels give one of 3 classes more
  than 0.576 (found 0.422, uniform 0.333); soft_label="posterior" is sharper, or a lower temperature
  (that limit is 0.9 at 0.35).
- Equation 3 as printed favours shirt and dress, with the largest sum of K, and lowers every
  attribute; "js", "kl" and "class_mean" do neither.
- Classes without any attribute: suit. The indicator never favours such a class;
  empty_row="complement" lets it.
- Attributes that no class relates to: floral. They take no part.
- Classes that are not known: other. They take no part.
- Classes without a label in any sample: suit and other.
- Attributes without a label in any sample: plain and floral.
- None of this is a promise: compare with no coupling on your own validation data.
""",
    "units": """
- K is only 0 or 1, also for 14 pairs with weights below 1: how far the class determines the
  attributes is not in it. matching="class_mean" is the careful choice, or a counted K.
- Equation 5's soft labels are nearly flat: at temperature 1 no labels give one of 7 classes more
  than 0.312 (found 0.312, uniform 0.143); soft_label="posterior" is sharper, or a lower temperature
  (that limit is 0.9 at 0.25).
- Equation 3 as printed favours fear, with the largest sum of K, and lowers every attribute; "js",
  "kl" and "class_mean" do neither.
- Classes without any attribute: neutral. The indicator never favours such a class;
  empty_row="complement" lets it.
- None of this is a promise: compare with no coupling on your own validation data.
""",
    "units that look alike": """
- No attribute tells anger and disgust apart: their rows of K are equal.
- Labelled samples: 20 with a class, 3 with attributes, 3 with both.
- Try directed(20, 3) first: weight 0.039 for co-annotation, which teaches the classes, and 0.26 for
  distribution matching, which teaches the attributes.
- Equation 5's soft labels are nearly flat: at temperature 1 no labels give one of 7 classes more
  than 0.312 (found 0.312, uniform 0.143); soft_label="posterior" is sharper, or a lower temperature
  (that limit is 0.9 at 0.25).
- Equation 3 as printed favours surprise, with the largest sum of K, and lowers every attribute;
  "js", "kl" and "class_mean" do neither.
- Classes without any attribute: neutral. The indicator never favours such a class;
  empty_row="complement" lets it.
- Classes without a label in any sample: happiness, sadness, fear, anger and 2 more.
- Attributes without a label in any sample: AU2, AU4, AU5, AU6 and 6 more.
- None of this is a promise: compare with no coupling on your own validation data.
""",
}


@pytest.mark.parametrize("case", FOUND)
def test_words(case: str) -> None:
    expected = [" ".join(finding.split()) for finding in WORDS[case].split("\n- ")[1:]]
    assert str(FOUND[case]()).splitlines() == expected


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "a"), (2, "a and b"), (3, "a, b and c"), (4, "a, b, c and d"), (5, "a, b, c, d and 1 more")],
)
def test_only_the_first_names_are_said(count: int, words: str) -> None:
    assert few(tuple("abcde"[:count])) == words
