"""The losses, written once against the Array API standard; every adapter calls these same functions."""

from coupling.losses._categorical_distribution_matching import categorical_distribution_matching
from coupling.losses._categorical_soft_co_annotation import categorical_soft_co_annotation
from coupling.losses._coupled import CoupledTerms, coupled
from coupling.losses._coupled_graph import coupled_graph
from coupling.losses._distribution_matching import distribution_matching
from coupling.losses._soft_co_annotation import soft_co_annotation
from coupling.losses._task import attribute_binary_cross_entropy, class_cross_entropy

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
