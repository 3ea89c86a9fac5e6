"""The losses for JAX: pure functions under jit, grad and vmap; `Relatedness` is a pytree.

Each is the function of the same name in `coupling.losses`, which has the formula and the options.

Example:
    >>> import jax, jax.numpy as jnp
    >>> from coupling.knowledge import du2014
    >>> loss = jax.jit(lambda z, s, table: distribution_matching(z, s, table, divergence="kl"))
    >>> gradient = jax.grad(loss)(jnp.zeros((2, 7)), jnp.zeros((2, 17)), du2014())
    >>> gradient.shape
    (2, 7)
"""

try:
    import jax
except ModuleNotFoundError as error:
    raise ImportError('coupling.jax needs JAX: pip install "coupling[jax]"') from error

from coupling import losses
from coupling._bind import bind
from coupling._relatedness import Relatedness
from coupling.jax import _namespace, _pytree
from coupling.losses import CoupledTerms

__all__ = [
    "CoupledTerms",
    "Relatedness",
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
