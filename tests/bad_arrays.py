"""Arrays that the losses refuse for their shapes, and what is refused is made from."""

from typing import Any, NamedTuple

import numpy as np

from coupling import Relatedness

ARRAYS = {
    "class_logits": np.zeros((4, 3)),
    "attribute_logits": np.zeros((4, 2)),
    "class_labels": np.asarray([0, 1, 2, -1]),
    "attribute_labels": np.zeros((4, 2)),
}
TABLE = {"relatedness": Relatedness(np.full((3, 2), 0.5))}
VALID = {
    "distribution_matching": (("class_logits", "attribute_logits"), TABLE),
    "soft_co_annotation": (("class_logits", "attribute_labels"), TABLE),
    "class_cross_entropy": (("class_logits", "class_labels"), {}),
    "attribute_binary_cross_entropy": (("attribute_logits", "attribute_labels"), {}),
    "coupled": (tuple(ARRAYS), TABLE),
}
DM, SCA, CLASSES, ATTRIBUTES, COUPLED = VALID


def related(classes: int, attributes: int) -> Relatedness:
    return Relatedness(np.full((classes, attributes), 0.5))


class Wrong(NamedTuple):
    """A loss, an argument, a bad value of it, and the error."""

    kind: str
    loss: str
    name: str
    value: Any
    message: str
    error: type[Exception] = ValueError


ONE_OF = "should be one of .*, got "
WRONG_SHAPE = [
    Wrong(
        "class logits of rank 1",
        DM,
        "class_logits",
        np.zeros(4),
        r"class_logits should have shape \(B, C\) with C = 3, got \(",
    ),
    Wrong(
        "class logits of another number of classes",
        DM,
        "class_logits",
        np.zeros((4, 2)),
        r"class_logits .* C = 3, got \(\w+, 2\)",
    ),
    Wrong(
        "attribute logits of rank 3",
        DM,
        "attribute_logits",
        np.zeros((4, 2, 1)),
        r"attribute_logits .*\(B, A\) .*A = 2, got \(\w+, 2, 1\)",
    ),
    Wrong(
        "attribute logits of another number of attributes",
        DM,
        "attribute_logits",
        np.zeros((4, 3)),
        r"attribute_logits .* A = 2, got \(\w+, 3\)",
    ),
    Wrong(
        "a relatedness of more classes",
        DM,
        "relatedness",
        related(4, 2),
        r"class_logits .* C = 4, got \(\w+, 3\)",
    ),
    Wrong(
        "a relatedness of more attributes",
        DM,
        "relatedness",
        related(3, 3),
        r"attribute_logits .* A = 3, got \(\w+, 2\)",
    ),
    Wrong(
        "a `where` of rank 2",
        DM,
        "where",
        np.ones((4, 2), bool),
        r"where should have shape \(B,\).*, got \(\w+, 2\)",
    ),
    Wrong(
        "sample weights of rank 2",
        DM,
        "sample_weight",
        np.ones((4, 2)),
        r"sample_weight should have shape \(B,\).*, got \(\w+, 2\)",
    ),
    Wrong(
        "an attribute mask of another length",
        DM,
        "attribute_mask",
        np.ones(3, bool),
        r"attribute_mask should .* 2, got \(3,\)",
    ),
    Wrong(
        "class logits of rank 3",
        SCA,
        "class_logits",
        np.zeros((4, 3, 1)),
        r"class_logits .*\(B, C\) .*C = 3, got \(\w+, 3, 1\)",
    ),
    Wrong(
        "attribute labels of rank 1",
        SCA,
        "attribute_labels",
        np.zeros(4),
        r"attribute_labels .*\(B, A\) .*A = 2, got \(",
    ),
    Wrong(
        "attribute labels of another number of attributes",
        SCA,
        "attribute_labels",
        np.zeros((4, 3)),
        r"attribute_labels .* A = 2, got \(\w+, 3\)",
    ),
    Wrong(
        "a relatedness of fewer classes",
        SCA,
        "relatedness",
        related(2, 2),
        r"class_logits .* C = 2, got \(\w+, 3\)",
    ),
    Wrong(
        "class logits of rank 1, in the task loss",
        CLASSES,
        "class_logits",
        np.zeros(4),
        r"class_logits should have shape \(B, C\), got \(",
    ),
    Wrong(
        "class labels that are one-hot",
        CLASSES,
        "class_labels",
        np.zeros((4, 2), int),
        r"class_labels .*\(B,\).*, got \(\w+, 2\)",
    ),
    Wrong(
        "class weights of another length",
        CLASSES,
        "class_weight",
        np.ones(4),
        r"class_weight should .* 3, got \(4,\)",
    ),
    Wrong(
        "attribute labels of another number of attributes than the logits",
        ATTRIBUTES,
        "attribute_labels",
        np.zeros((4, 3)),
        r"attribute_labels .* A = 2, got \(\w+, 3\)",
    ),
    Wrong(
        "positive weights of another length",
        ATTRIBUTES,
        "pos_weight",
        np.ones(3),
        r"pos_weight should .* 2, got \(3,\)",
    ),
    Wrong(
        "a relatedness of more classes, in the sum",
        COUPLED,
        "relatedness",
        related(4, 2),
        r"class_logits .* C = 4, got \(\w+, 3\)",
    ),
]
WRONG_BATCH = [
    Wrong(
        "attribute logits of fewer samples",
        DM,
        "attribute_logits",
        np.zeros((3, 2)),
        r"attribute_logits .* B = 4, A = 2, got \(3, 2\)",
    ),
    Wrong("a `where` of fewer samples", DM, "where", np.ones(3, bool), r"where .* B = 4, got \(3,\)"),
    Wrong(
        "attribute labels of fewer samples",
        SCA,
        "attribute_labels",
        np.zeros((3, 2)),
        r"attribute_labels .* B = 4, A = 2, got \(3, 2\)",
    ),
    Wrong(
        "sample weights of more samples",
        SCA,
        "sample_weight",
        np.ones(5),
        r"sample_weight .* B = 4, got \(5,\)",
    ),
    Wrong(
        "class labels of fewer samples",
        CLASSES,
        "class_labels",
        np.zeros(3, int),
        r"class_labels .* B = 4, got \(3,\)",
    ),
    Wrong(
        "attribute labels of more samples",
        ATTRIBUTES,
        "attribute_labels",
        np.zeros((5, 2)),
        r"attribute_labels .* B = 4, A = 2, got \(5, 2\)",
    ),
    Wrong(
        "class labels of fewer samples, in the sum",
        COUPLED,
        "class_labels",
        np.zeros(3, int),
        r"class_labels .* B = 4, got \(3,\)",
    ),
]
