"""The losses for PyTorch: modules here, functions in `coupling.torch.functional`."""

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError('coupling.torch needs PyTorch: pip install "coupling[torch]"') from error

from coupling.torch import functional
from coupling.torch.functional import CoupledTerms
from coupling.torch.graph import CoupledGraphLoss
from coupling.torch.modules import CoupledLoss, DistributionMatchingLoss, SoftCoAnnotationLoss

__all__ = [
    "CoupledGraphLoss",
    "CoupledLoss",
    "CoupledTerms",
    "DistributionMatchingLoss",
    "SoftCoAnnotationLoss",
    "functional",
]
