"""Methods of training, in PyTorch: each wraps a network and says how it is trained.

Those of `METHODS` are other methods of multi-task learning, without coupling. MGDA-UB and GradNorm change how
gradients are taken, AdaShare and Task Routing the way of each task through the trunk. Where a batch has no
label of a task, its loss is 0 with zero gradients, and the method goes on with the other.
"""

from benchmarks.methods.adashare import AdaShare
from benchmarks.methods.gradnorm import GradNorm
from benchmarks.methods.method import Method
from benchmarks.methods.mgda_ub import MGDAUB
from benchmarks.methods.task_routing import TaskRouting
from benchmarks.methods.warm_up import WarmUp
from benchmarks.settings import METHODS, WARM_UP

BY_NAME: dict[str, type[Method]] = {
    **dict(zip(METHODS, (MGDAUB, GradNorm, AdaShare, TaskRouting), strict=True)),
    WARM_UP: WarmUp,
}


def find(name: str | None) -> type[Method]:
    """Return the method of that name; plain training for None."""
    if name is None:
        return Method
    if name not in BY_NAME:
        raise ValueError(f"method should be one of {', '.join(BY_NAME)}, got {name!r}")
    return BY_NAME[name]
