"""The forms of every loss that are checked: a row of the tables each."""

from typing import Any, NamedTuple

from graphs import GRAPH

from coupling import directed

DRAWN = "drawn"
"""Stands for a vector that is drawn with the table."""


class Form(NamedTuple):
    """A loss with the options that choose its formula."""

    loss: str
    options: dict[str, Any]

    def __str__(self) -> str:
        return ", ".join([self.loss, *(_option(name, value) for name, value in self.options.items())])


def _option(name: str, value: Any) -> str:
    if isinstance(value, dict):
        value = " ".join(f"{key}={entry}" for key, entry in value.items())
    return name if value == DRAWN or name == "graph" else f"{name}={value}"


MATCHED = {"distribution_matching": ("cross_entropy", "binary_cross_entropy", "kl", "js")}
MATCHED["categorical_distribution_matching"] = ("cross_entropy", "kl", "js")
SOFT_LABELS: tuple[dict[str, Any], ...] = (
    {},
    {"temperature": 0.125},
    {"empty_row": "complement"},
    {"soft_label": "posterior"},
    {"soft_label": "posterior", "prior": DRAWN},
)
PRESET = directed(20, 600)

FORMS = [
    *(Form(loss, {"divergence": d}) for loss, divergences in MATCHED.items() for d in divergences),
    *(Form(loss, {"matching": "class_mean"}) for loss in MATCHED),
    *(
        Form(loss, {"divergence": divergence, **soft_label})
        for loss in ("soft_co_annotation", "categorical_soft_co_annotation")
        for soft_label in SOFT_LABELS
        for divergence in ("cross_entropy", "distillation", "js")
        if loss == "soft_co_annotation" or "empty_row" not in soft_label
    ),
    Form("class_cross_entropy", {}),
    Form("class_cross_entropy", {"label_smoothing": 0.1}),
    Form("class_cross_entropy", {"class_weight": DRAWN}),
    Form("attribute_binary_cross_entropy", {}),
    Form("attribute_binary_cross_entropy", {"pos_weight": DRAWN}),
    Form("coupled", {}),
    Form("coupled", {"dm": {"divergence": "js"}, "sca": {"divergence": "js", "source": "both"}}),
    Form("coupled", {"dm": PRESET["dm"], "sca": PRESET["sca"]}),
    Form("coupled_graph", {"graph": GRAPH}),
]
