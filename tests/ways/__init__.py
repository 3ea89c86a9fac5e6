"""The one declaration of the ways of running, and of what holds in each: tests and docs/ways.md follow it.

A way holds for a loss where its values and derivatives are those of the formula, as the oracle has them.
"""

from typing import NamedTuple

LOSSES = (
    "class_cross_entropy",
    "attribute_binary_cross_entropy",
    "distribution_matching",
    "distribution_matching, class_mean",
    "soft_co_annotation",
    "categorical_distribution_matching",
    "categorical_soft_co_annotation",
    "coupled",
    "coupled_graph",
)


class Way(NamedTuple):
    """What a user writes. What is `costly` to compile is run for the graph, which has all formulas.

    `nox -s ways` runs it for every loss.
    """

    code: str
    costly: bool = False


WAYS = {
    "torch": {
        "autograd": Way("`loss(…)`, `backward()`"),
        "compile": Way('`torch.compile(loss, fullgraph=True, backend="aot_eager")`'),
        "inductor": Way("`torch.compile(loss, fullgraph=True)`", costly=True),
        "export": Way("`torch.export.export(loss, …)`, for batches of any size"),
        "func_grad": Way("`torch.func.grad`"),
        "vmap": Way("`torch.func.vmap` over batches"),
        "vmap_samples": Way("`torch.func.vmap` over samples, for the gradient of each"),
        "func_jvp": Way("`torch.func.jvp`, of the loss and of its gradient"),
        "double_backward": Way("`torch.autograd.grad(…, create_graph=True)`, twice"),
        "checkpointing": Way("`torch.utils.checkpoint.checkpoint`"),
        "autocast_float16": Way("`torch.autocast` in float16"),
        "autocast_bfloat16": Way("`torch.autocast` in bfloat16"),
        "grad_scaler": Way("`torch.autocast` in float16 with `torch.amp.GradScaler`"),
    },
    "jax": {
        "grad": Way("`jax.grad`"),
        "jit": Way("`jax.jit`"),
        "vmap": Way("`jax.vmap` over batches"),
        "vmap_samples": Way("`jax.vmap` over samples, for the gradient of each"),
        "jvp": Way("`jax.jvp`"),
        "hessian": Way("`jax.hessian`", costly=True),
        "scan": Way("`jax.lax.scan` over batches", costly=True),
        "checkpoint": Way("`jax.checkpoint`", costly=True),
        "shard_map": Way("`jax.shard_map` on one device", costly=True),
    },
    "tensorflow": {
        "gradient_tape": Way("`tf.GradientTape`"),
        "function": Way("`tf.function` for batches of any size"),
        "xla": Way("`tf.function(jit_compile=True)` for batches of any size", costly=True),
        "tape_of_tape": Way("`tf.GradientTape` of `tf.GradientTape`"),
        "forward_accumulator": Way("`tf.autodiff.ForwardAccumulator`"),
    },
    "keras": {
        "run_eagerly": Way("`compile(run_eagerly=True)`, `fit`"),
        "fit": Way("`compile()`, `fit`"),
        "jit_compile": Way("`compile(jit_compile=True)`, `fit`", costly=True),
        "mixed_float16": Way("`mixed_float16`, `fit`"),
        "mixed_bfloat16": Way("`mixed_bfloat16`, `fit`"),
    },
}
TITLES = {
    "torch": "PyTorch: functions and modules",
    "jax": "JAX",
    "tensorflow": "TensorFlow: the functions of `coupling.keras`",
    "keras": "Keras: functions, objects and models, on TensorFlow, JAX and PyTorch alike",
}

# Here the values are others, and a test holds that they are.
EXPECTATION = "matches means over a batch, and a sample of its own has none"
EQUATION_1 = "average each term over the samples that take part in it, which one sample cannot know"
OTHER_VALUES = {
    (framework, "vmap_samples", loss): reason
    for framework in ("torch", "jax")
    for loss, reason in {
        "distribution_matching, class_mean": EXPECTATION,
        "coupled": EQUATION_1,
        "coupled_graph": EQUATION_1,
    }.items()
}


def holding(framework: str, way: str) -> list[str]:
    """The losses for which a way holds."""
    return [loss for loss in LOSSES if (framework, way, loss) not in OTHER_VALUES]


def page() -> str:
    """The page of the guide."""
    lines = [PREFACE]
    for framework, ways in WAYS.items():
        lines += [f"\n## {TITLES[framework]}\n", "| Way of running | Holds for |", "| --- | --- |"]
        lines += [f"| {way.code} | {_holds(framework, name)} |" for name, way in ways.items()]
    return "\n".join(lines) + "\n"


def _holds(framework: str, way: str) -> str:
    others: dict[str, list[str]] = {}
    for loss in LOSSES:
        if reason := OTHER_VALUES.get((framework, way, loss)):
            others.setdefault(reason, []).append(_shown(loss))
    exceptions = "; ".join(f"{' and '.join(names)}: {reason}" for reason, names in others.items())
    return f"all but {exceptions}" if exceptions else "every loss"


def _shown(loss: str) -> str:
    function, _, matching = loss.partition(", ")
    return f"`{function}`" + (f' with `matching="{matching}"`' if matching else "")


PREFACE = f"""# Ways of running

What a loss gives does not depend on how it is run. In each of these ways its values are those of the formula
in fifty digits, and so are its gradients, and slopes and second derivatives where a way takes them: within
1e-10 in double precision, 1e-5 in single, and the rounding of the logits' own type in half precision. The
losses are {", ".join(map(_shown, LOSSES))}.

The tests run all of this; what takes minutes to compile, for the graph only, in which all formulas are.
`nox -s ways` runs that for every loss, and writes this page. Inductor, which `torch.compile` takes by
default, writes C++: where there is no compiler for it, the tests run all but that."""
