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

import torch

from coupling import losses
from coupling._bind import bind
from coupling.losses import CoupledTerms
from coupling.torch import _namespace

__all__ = [
    "CoupledTerms",
    "attribute_binary_cross_entropy",
    "class_cross_entropy",
    "coupled",
    "distribution_matching",
    "soft_co_annotation",
]

attribute_binary_cross_entropy = bind(losses.attribute_binary_cross_entropy, _namespace, __name__)
class_cross_entropy = bind(losses.class_cross_entropy, _namespace, __name__)
coupled = bind(losses.coupled, _namespace, __name__)
distribution_matching = bind(losses.distribution_matching, _namespace, __name__)
soft_co_annotation = bind(losses.soft_co_annotation, _namespace, __name__)
