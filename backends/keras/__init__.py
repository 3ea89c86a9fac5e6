"""The losses for Keras 3, on TensorFlow, JAX or PyTorch: functions, loss objects, a layer and a model."""

try:
    import keras  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError('coupling.keras needs Keras 3: pip install "coupling[keras]"') from error

from coupling.keras import functional
from coupling.keras.graph import CoupledGraphModel
from coupling.keras.layers import DistributionMatching
from coupling.keras.losses import DistributionMatchingLoss, SoftCoAnnotationLoss
from coupling.keras.models import CoupledModel

__all__ = [
    "CoupledGraphModel",
    "CoupledModel",
    "DistributionMatching",
    "DistributionMatchingLoss",
    "SoftCoAnnotationLoss",
    "functional",
]
