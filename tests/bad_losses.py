"""What the losses refuse, each kind in words: run on every backend, and shown by ``docs/errors.md``."""

from typing import Any

import numpy as np
from bad_arrays import (
    ARRAYS,
    ATTRIBUTES,
    CLASSES,
    COUPLED,
    DM,
    ONE_OF,
    SCA,
    VALID,
    WRONG_BATCH,
    WRONG_SHAPE,
    Wrong,
)

WRONG_VALUE = [
    Wrong(
        "an unknown divergence of distribution matching",
        DM,
        "divergence",
        "hellinger",
        f"divergence {ONE_OF}'hellinger'",
    ),
    Wrong("an unknown matching", DM, "matching", "batch", f"matching {ONE_OF}'batch'"),
    Wrong("an unknown head to hold fixed", DM, "detach", "both", f"detach {ONE_OF}'both'"),
    Wrong("an unknown reduction", DM, "reduction", "average", f"reduction {ONE_OF}'average'"),
    Wrong("eps of 0", DM, "eps", 0.0, r"eps should be in \(0.0, 0.5\), got 0.0"),
    Wrong("eps of 0.5", DM, "eps", 0.5, r"eps should be in \(0.0, 0.5\), got 0.5"),
    Wrong("eps that is NaN", DM, "eps", float("nan"), r"eps should be in \(0.0, 0.5\), got nan"),
    Wrong("a divergence that the other loss has", SCA, "divergence", "kl", f"divergence {ONE_OF}'kl'"),
    Wrong("an unknown soft label", SCA, "soft_label", "bayes", f"soft_label {ONE_OF}'bayes'"),
    Wrong("an unknown treatment of empty rows", SCA, "empty_row", "one", f"empty_row {ONE_OF}'one'"),
    Wrong("a boolean for the head to hold fixed", SCA, "detach", True, f"detach {ONE_OF}True"),
    Wrong("a temperature of 0", SCA, "temperature", 0.0, r"temperature should be in \[1e-08, inf\), got 0.0"),
    Wrong(
        "a negative temperature",
        SCA,
        "temperature",
        -1.0,
        r"temperature should be in \[1e-08, inf\), got -1.0",
    ),
    Wrong(
        "negative label smoothing",
        CLASSES,
        "label_smoothing",
        -0.1,
        r"label_smoothing should be in \[0.0, 1.0\], got -0.1",
    ),
    Wrong(
        "label smoothing above 1",
        CLASSES,
        "label_smoothing",
        1.5,
        r"label_smoothing should be in \[0.0, 1.0\], got 1.5",
    ),
    Wrong("None for the reduction", CLASSES, "reduction", None, f"reduction {ONE_OF}None"),
    Wrong(
        "another framework's name of a reduction",
        ATTRIBUTES,
        "reduction",
        "batchmean",
        f"reduction {ONE_OF}'batchmean'",
    ),
    Wrong(
        "a negative sample weight",
        SCA,
        "sample_weight",
        np.asarray([1.0, -0.5, 2.0, 0.0]),
        "sample_weight should be at least 0, got -0.5",
    ),
    Wrong(
        "an unknown part among the weights",
        COUPLED,
        "weights",
        {"dm": 1.0},
        "weights should have keys among .*'classes'.*, got 'dm'",
    ),
    Wrong(
        "a negative weight of a part",
        COUPLED,
        "weights",
        {"classes": -1.0},
        r"weights\['classes'\] should be in \[0.0, inf\), got -1.0",
    ),
    Wrong(
        "an unknown option of distribution matching",
        COUPLED,
        "dm",
        {"weight": 0.1},
        "dm should have keys among .*'divergence'.*, got 'weight'",
    ),
    Wrong("an unknown matching, in the sum", COUPLED, "dm", {"matching": "none"}, f"matching {ONE_OF}'none'"),
    Wrong(
        "an unknown source of soft labels", COUPLED, "sca", {"source": "teacher"}, f"source {ONE_OF}'teacher'"
    ),
    Wrong(
        "a temperature of 0, in the sum",
        COUPLED,
        "sca",
        {"temperature": 0},
        r"temperature should be in \[1e-08, inf\), got 0",
    ),
]
WRONG_TYPE = [
    Wrong(
        "integer class logits",
        DM,
        "class_logits",
        np.zeros((4, 3), int),
        "class_logits .*real floating, got .*int",
        TypeError,
    ),
    Wrong(
        "integer attribute logits",
        DM,
        "attribute_logits",
        np.zeros((4, 2), int),
        "attribute_logits .*real floating, got .*int",
        TypeError,
    ),
    Wrong(
        "a name in place of a relatedness",
        DM,
        "relatedness",
        "du2014",
        r"relatedness should be a coupling\.Relatedness, got str",
        TypeError,
    ),
    Wrong("a word for a number", DM, "eps", "small", "eps should be a real number, got str", TypeError),
    Wrong(
        "numbers for the samples that take part",
        DM,
        "where",
        np.ones(4),
        "where .*bool, got .*float64",
        TypeError,
    ),
    Wrong(
        "numbers for the attributes that take part",
        DM,
        "attribute_mask",
        np.ones(2),
        "attribute_mask should be bool.*, got .*float64",
        TypeError,
    ),
    Wrong(
        "integer class logits, in soft co-annotation",
        SCA,
        "class_logits",
        np.zeros((4, 3), int),
        "class_logits .*real floating, got .*int",
        TypeError,
    ),
    Wrong(
        "integer class logits, in the task loss",
        CLASSES,
        "class_logits",
        np.zeros((4, 3), int),
        "class_logits .*real floating, got .*int",
        TypeError,
    ),
    Wrong(
        "class labels that are not integers",
        CLASSES,
        "class_labels",
        np.zeros(4),
        "class_labels .*integral, got .*float",
        TypeError,
    ),
    Wrong(
        "integer attribute logits, in the task loss",
        ATTRIBUTES,
        "attribute_logits",
        np.zeros((4, 2), int),
        "attribute_logits .*real floating, got .*int",
        TypeError,
    ),
    Wrong(
        "class labels that are not integers, in the sum",
        COUPLED,
        "class_labels",
        np.zeros(4),
        "class_labels .*integral, got .*float",
        TypeError,
    ),
    Wrong(
        "a list of weights",
        COUPLED,
        "weights",
        [1, 1, 1, 1],
        "weights should be a mapping or None, got list",
        TypeError,
    ),
]
LOSSES = [*WRONG_SHAPE, *WRONG_BATCH, *WRONG_VALUE, *WRONG_TYPE]
# One of each check; a batch size may be unknown while tracing, and is left out.
WHILE_TRACING = [
    *WRONG_SHAPE[:2],
    *WRONG_SHAPE[4:7],
    WRONG_VALUE[0],
    WRONG_VALUE[4],
    WRONG_TYPE[0],
    WRONG_TYPE[8],
]


def call(backend: Any, loss: str, **changes: Any) -> np.ndarray:
    """Call a loss on a backend of ``backends.py`` with something else than a valid batch."""
    names, options = VALID[loss]
    batch = {name: ARRAYS[name] for name in names}
    moved = {"where", "sample_weight"} | batch.keys()
    options = options | {name: x for name, x in changes.items() if name not in moved}
    value: np.ndarray = backend.value(
        loss, options, batch | {name: x for name, x in changes.items() if name in moved}
    )
    return value
