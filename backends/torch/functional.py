"""The losses as functions of PyTorch tensors.

Each is the function of the same name in `coupling.losses`, which has the formula and the options and
computes in at least float32, also under autocast.

Example:
    >>> import torch
    >>> from coupling.knowledge import du2014
    >>> class_logits = torch.zeros(2, 7, requires_grad=True)
    >>> loss = distribution_matching(class_logits, torch.zeros(2, 17), du2014(), divergence="kl")
    >>> loss.backward()
    >>> class_logits.grad.shape
    torch.Size([2, 7])
"""

from coupling import losses
from coupling._bind import bind
from coupling.losses import CoupledTerms
from coupling.torch import _namespace
from coupling.torch._devices import DEVICES

__all__ = [
    "CoupledTerms",
    "attribute_binary_cross_entropy",
    "categorical_distribution_matching",
    "categorical_soft_co_annotation",
    "class_cross_entropy",
    "coupled",
    "coupled_graph",
    "distribution_matching",
    "soft_co_annotation",
]

attribute_binary_cross_entropy = bind(
    losses.attribute_binary_cross_entropy,
    _namespace,
    __name__,
    example="""
        >>> import torch
        >>> labels = torch.tensor([[1.0, torch.nan], [torch.nan, torch.nan]])  # one label in all
        >>> round(float(attribute_binary_cross_entropy(torch.tensor([[0.0, 0.0], [0.0, 0.0]]), labels)), 4)
        0.6931
    """,
    devices=DEVICES,
)
categorical_distribution_matching = bind(
    losses.categorical_distribution_matching,
    _namespace,
    __name__,
    example="""
        >>> import torch
        >>> from coupling import Relatedness
        >>> necklines = Relatedness([[0.75, 0.25], [0.1, 0.9]])
        >>> dress, unsure = torch.tensor([[50.0, 0.0]]), torch.tensor([[0.0, 0.0]])
        >>> loss = categorical_distribution_matching(dress, unsure, necklines, divergence="kl")
        >>> round(float(loss), 4)
        0.1438
    """,
    devices=DEVICES,
)
categorical_soft_co_annotation = bind(
    losses.categorical_soft_co_annotation,
    _namespace,
    __name__,
    example="""
        >>> import torch
        >>> from coupling import Relatedness
        >>> necklines = Relatedness([[0.75, 0.25], [0.25, 0.75]])
        >>> logits, missing = torch.tensor([[0.0, 0.0]]), torch.tensor([-1])
        >>> float(categorical_soft_co_annotation(logits, missing, necklines))  # no label, no loss
        0.0
    """,
    devices=DEVICES,
)
class_cross_entropy = bind(
    losses.class_cross_entropy,
    _namespace,
    __name__,
    example="""
        >>> import torch
        >>> labels = torch.tensor([1, -1])  # the second is missing
        >>> round(float(class_cross_entropy(torch.tensor([[0.0, 0.0], [0.0, 0.0]]), labels)), 4)
        0.6931
    """,
    devices=DEVICES,
)
coupled = bind(
    losses.coupled,
    _namespace,
    __name__,
    example="""
        >>> import torch
        >>> from coupling.knowledge import du2014
        >>> logits = torch.full((1, 7), 0.0), torch.full((1, 17), 0.0)
        >>> terms = coupled(*logits, torch.tensor([0]), torch.full((1, 17), torch.nan), du2014())
        >>> round(float(terms.classes), 4), round(float(terms.attributes), 4)  # log 7; no label
        (1.9459, 0.0)
    """,
    devices=DEVICES,
)
coupled_graph = bind(
    losses.coupled_graph,
    _namespace,
    __name__,
    example="""
        >>> import torch
        >>> from coupling import Classes, CouplingGraph, Edge, Relatedness
        >>> garments, necklines = Classes(["shirt", "dress"]), Classes(["round", "v"])
        >>> table = Relatedness([[0.2, 0.8], [0.7, 0.3]], classes=garments.names, attributes=necklines.names)
        >>> edges = [Edge("category", "neckline", table, dm={"divergence": "js"})]
        >>> graph = CouplingGraph({"category": garments, "neckline": necklines}, edges)
        >>> logits = {task: torch.tensor([[0.0, 0.0]]) for task in graph.tasks}
        >>> labels = {"category": torch.tensor([1]), "neckline": torch.tensor([-1])}
        >>> terms = coupled_graph(logits, labels, graph)
        >>> round(float(terms["category"]), 4), round(float(terms["neckline"]), 4)  # log 2; no label
        (0.6931, 0.0)
    """,
    devices=DEVICES,
)
distribution_matching = bind(
    losses.distribution_matching,
    _namespace,
    __name__,
    example="""
        >>> import torch
        >>> from coupling.knowledge import du2014
        >>> logits = torch.full((2, 7), 0.0), torch.full((2, 17), 0.0)
        >>> distribution_matching(*logits, du2014(), divergence="js").shape == ()
        True
    """,
    devices=DEVICES,
)
soft_co_annotation = bind(
    losses.soft_co_annotation,
    _namespace,
    __name__,
    example="""
        >>> import torch
        >>> from coupling.knowledge import du2014
        >>> nothing = torch.full((1, 17), torch.nan)
        >>> float(soft_co_annotation(torch.full((1, 7), 0.0), nothing, du2014()))  # no label, no loss
        0.0
    """,
    devices=DEVICES,
)
