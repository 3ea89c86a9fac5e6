"""What is compared: each setting is a name and the options that the coupled losses take."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.samples import Size
from coupling import directed, task_weights

TASKS = ("classes", "attributes")
COUPLING = ("distribution_matching", "soft_co_annotation")
SINGLE_TASK = {"classes": "single task: classes", "attributes": "single task: attributes"}
BASELINE = "no coupling"
DM, SCA, BOTH = "DM as printed", "SCA as printed", "both as printed"
PSEUDO_LABELS = "student-teacher pseudo-labels"
CLASS_MEAN_DM = "DM class mean, weight 0.3"
PRESET = "directed preset"
WEIGHTED_AS_PRINTED = "both as printed, DM weight 0.1"
OVERLAPPING = (BASELINE, WEIGHTED_AS_PRINTED, "DM JS", "SCA posterior from labels", PRESET)
"""What is compared over growing overlap of the label sets."""
BY_TABLE = ", by the table"
METHODS = ("MGDA-UB", "GradNorm", "AdaShare", "Task Routing")
"""Other methods of multi-task learning, without coupling."""
WARM_UP = "warm-up"
"""A method of training: coupling that sets in slowly."""
FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)
"""What tuning tries for every setting: as many for each."""
TIMES = ", times "
IN_ONE_THING = " but "
BY_LABELS = f"{IN_ONE_THING}task losses by labels"
"""What follows the name of a setting whose task losses are weighted by how many images have their labels."""
RECOMMENDED = PRESET + BY_LABELS
"""The preset itself where there are as many labels of either kind."""

KL: Mapping[str, Any] = {"divergence": "kl"}
JS: Mapping[str, Any] = {"divergence": "js"}
CLASS_MEAN: Mapping[str, Any] = {"matching": "class_mean"}
POSTERIOR: Mapping[str, Any] = {"soft_label": "posterior", "divergence": "distillation"}


@dataclass(frozen=True)
class Setting:
    """One way to train the network.

    Attributes:
        name: of the row in a report.
        options: `weights`, `dm` and `sca` of the coupled loss.
        pseudo_labels: fill in missing labels by networks of a single task.
        relatedness: which of the suite's is taken, the first by default.
        method: one of `METHODS`, or `WARM_UP`, in PyTorch alone.
        factor: of what the method itself has to choose.
    """

    name: str
    options: Mapping[str, Any] = field(hash=False)
    pseudo_labels: bool = False
    relatedness: str | None = None
    method: str | None = None
    factor: float = 1.0

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that are trained."""
        return tuple(task for task in TASKS if self.options["weights"].get(task, 1.0))

    def without_method(self) -> "Setting":
        """Return this setting; a ValueError where it has a method, for the frameworks that have none."""
        if self.method is not None:
            raise ValueError(f"setting should have no method but in PyTorch, got {self.method!r}")
        return self


def _setting(
    name: str,
    *,
    classes: float = 1.0,
    attributes: float = 1.0,
    matching: float = 0.0,
    annotation: float = 0.0,
    dm: Mapping[str, Any] | None = None,
    sca: Mapping[str, Any] | None = None,
    pseudo_labels: bool = False,
    method: str | None = None,
) -> Setting:
    weights = {
        "classes": classes,
        "attributes": attributes,
        "distribution_matching": matching,
        "soft_co_annotation": annotation,
    }
    return Setting(name, {"weights": weights, "dm": dm, "sca": sca}, pseudo_labels, method=method)


def variants(size: Size) -> dict[str, Setting]:
    """Return the preset and what differs from it in one thing, among which a better one is searched for."""
    preset = directed(size.class_labelled, size.attribute_labelled)
    half = sum(preset["weights"].values()) / 2

    def variant(name: str, method: str | None = None, **changes: Mapping[str, Any]) -> Setting:
        options = {part: {**own, **changes.get(part, {})} for part, own in preset.items()}
        return Setting(f"{PRESET}{IN_ONE_THING}{name}", options, method=method)

    every = (
        Setting(PRESET, preset),
        variant("even weights", weights=dict.fromkeys(COUPLING, half)),
        variant("DM alone", weights={"soft_co_annotation": 0.0}),
        variant("SCA alone", weights={"distribution_matching": 0.0}),
        variant("DM to both heads", dm={"detach": None}),
        variant("DM JS by sample", dm={**JS, "matching": "sample"}),
        variant("SCA from labels", sca={"source": "labels"}),
        variant("SCA from predictions", sca={"source": "predictions"}),
        variant("SCA JS", sca=JS),
        variant("SCA indicator at temperature 1/8", sca={"soft_label": "indicator", "temperature": 0.125}),
        variant("warm-up", WARM_UP),
        *_by_labels(size),
    )
    return {setting.name: setting for setting in every}


def _by_labels(size: Size) -> tuple[Setting, ...]:
    """Return the preset and no coupling at all, with task losses weighted by their labels."""
    weights, preset = task_weights(*size[:2]), directed(*size[:2])
    preset["weights"] |= weights
    return Setting(RECOMMENDED, preset), _setting(BASELINE + BY_LABELS, **weights)


def settings(size: Size) -> dict[str, Setting]:
    """Return every setting by name: by a suite's own relatedness, and by a table's."""
    every = (
        _setting(SINGLE_TASK["classes"], attributes=0.0),
        _setting(SINGLE_TASK["attributes"], classes=0.0),
        _setting(BASELINE),
        _setting(PSEUDO_LABELS, pseudo_labels=True),
        _setting(DM, matching=1.0),
        _setting(SCA, annotation=1.0),
        _setting(BOTH, matching=1.0, annotation=1.0),
        _setting(WEIGHTED_AS_PRINTED, matching=0.1, annotation=1.0),
        _setting("DM KL", matching=1.0, dm=KL),
        _setting("DM JS", matching=1.0, dm=JS),
        _setting(CLASS_MEAN_DM, matching=0.3, dm=CLASS_MEAN),
        _setting("SCA posterior from labels", annotation=1.0, sca=POSTERIOR),
        _setting(
            "SCA posterior from predictions, weight 0.3",
            annotation=0.3,
            sca={**POSTERIOR, "source": "predictions"},
        ),
        _setting("DM JS + SCA posterior", matching=1.0, annotation=1.0, dm=JS, sca=POSTERIOR),
        Setting(PRESET, directed(size.class_labelled, size.attribute_labelled)),
        *_by_labels(size),
        *(_setting(name, method=name) for name in METHODS),
    )
    by_table = (replace(own, name=own.name + BY_TABLE, relatedness="table") for own in every)
    return {setting.name: setting for setting in (*every, *by_table)}


def find(name: str, size: Size) -> Setting:
    """Return a setting by its name, which may end in a factor, as `times` writes it."""
    name, _, factor = name.partition(TIMES)
    setting = (settings(size) | variants(size))[name]
    return times(setting, float(factor)) if factor else setting


def times(setting: Setting, factor: float) -> Setting:
    """Scale what a setting leaves to choose.

    That is what a method has of its own, else the weights of the coupling, else that of the attributes, which
    is nothing to Adam where they are alone.
    """
    name = f"{setting.name}{TIMES}{factor:g}"
    if setting.method in METHODS:
        return replace(setting, name=name, factor=factor)
    weights = dict(setting.options["weights"])
    for part in [part for part in COUPLING if weights.get(part, 1.0)] or ["attributes"]:
        weights[part] = factor * weights.get(part, 1.0)
    return replace(setting, name=name, options={**setting.options, "weights": weights})
