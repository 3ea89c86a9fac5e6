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
    import jax  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError('coupling.jax needs JAX: pip install "coupling[jax]"') from error

from coupling import losses
from coupling._bind import bind
from coupling._relatedness import Relatedness
from coupling.jax import _namespace, _pytree  # noqa: F401 - a pytree from here on
from coupling.jax._devices import DEVICES
from coupling.losses import CoupledTerms

__all__ = [
    "CoupledTerms",
    "Relatedness",
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
        >>> import jax.numpy as jnp
        >>> labels = jnp.array([[1.0, jnp.nan], [jnp.nan, jnp.nan]])  # one label in all
        >>> round(float(attribute_binary_cross_entropy(jnp.array([[0.0, 0.0], [0.0, 0.0]]), labels)), 4)
        0.6931
    """,
    devices=DEVICES,
)
categorical_distribution_matching = bind(
    losses.categorical_distribution_matching,
    _namespace,
    __name__,
    example="""
        >>> import jax.numpy as jnp
        >>> from coupling import Relatedness
        >>> necklines = Relatedness([[0.75, 0.25], [0.1, 0.9]])
        >>> dress, unsure = jnp.array([[50.0, 0.0]]), jnp.array([[0.0, 0.0]])
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
        >>> import jax.numpy as jnp
        >>> from coupling import Relatedness
        >>> necklines = Relatedness([[0.75, 0.25], [0.25, 0.75]])
        >>> logits, missing = jnp.array([[0.0, 0.0]]), jnp.array([-1])
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
        >>> import jax.numpy as jnp
        >>> labels = jnp.array([1, -1])  # the second is missing
        >>> round(float(class_cross_entropy(jnp.array([[0.0, 0.0], [0.0, 0.0]]), labels)), 4)
        0.6931
    """,
    devices=DEVICES,
)
coupled = bind(
    losses.coupled,
    _namespace,
    __name__,
    example="""
        >>> import jax.numpy as jnp
        >>> from coupling.knowledge import du2014
        >>> logits = jnp.full((1, 7), 0.0), jnp.full((1, 17), 0.0)
        >>> terms = coupled(*logits, jnp.array([0]), jnp.full((1, 17), jnp.nan), du2014())
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
        >>> import jax.numpy as jnp
        >>> from coupling import Classes, CouplingGraph, Edge, Relatedness
        >>> garments, necklines = Classes(["shirt", "dress"]), Classes(["round", "v"])
        >>> table = Relatedness([[0.2, 0.8], [0.7, 0.3]], classes=garments.names, attributes=necklines.names)
        >>> edges = [Edge("category", "neckline", table, dm={"divergence": "js"})]
        >>> graph = CouplingGraph({"category": garments, "neckline": necklines}, edges)
        >>> logits = {task: jnp.array([[0.0, 0.0]]) for task in graph.tasks}
        >>> labels = {"category": jnp.array([1]), "neckline": jnp.array([-1])}
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
        >>> import jax.numpy as jnp
        >>> from coupling.knowledge import du2014
        >>> logits = jnp.full((2, 7), 0.0), jnp.full((2, 17), 0.0)
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
        >>> import jax.numpy as jnp
        >>> from coupling.knowledge import du2014
        >>> nothing = jnp.full((1, 17), jnp.nan)
        >>> float(soft_co_annotation(jnp.full((1, 7), 0.0), nothing, du2014()))  # no label, no loss
        0.0
    """,
    devices=DEVICES,
)
