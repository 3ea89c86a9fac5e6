"""The ways of running PyTorch code, each over the losses that it is given.

All losses are run as one function, so that what compiles compiles once: the gradients of their sum are those
of each, as no two share logits.
"""

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ml_dtypes
import numpy as np
import torch
from torch import Tensor, func, nn
from torch.utils.checkpoint import checkpoint

import coupling.torch
from coupling.torch import functional
from ways.cases import CASES, Found, Kind, case_of, choose

Batches = dict[str, dict[str, Tensor]]
Values = dict[str, Tensor]
Loss = Callable[[Batches, Batches], Values]

MODULES = {
    "distribution_matching": coupling.torch.DistributionMatchingLoss,
    "soft_co_annotation": coupling.torch.SoftCoAnnotationLoss,
    "coupled": coupling.torch.CoupledLoss,
    "coupled_graph": coupling.torch.CoupledGraphLoss,
}
MODULE = " as a module"
# inductor writes C++: without a compiler for it, everything but that is run.
INDUCTOR = "inductor" if shutil.which("g++") or shutil.which("clang++") else "aot_eager"


class Losses(nn.Module):
    """The losses as modules where there is one, and as functions: from logits and labels to their values.

    With `twice`, those that are modules as functions as well, which takes as long again to compile.
    """

    def __init__(self, names: Sequence[str], *, twice: bool = True, **options: Any) -> None:
        super().__init__()
        self.options = options
        modules = [name for name in names if CASES[name].loss in MODULES]
        functions = [name for name in names if twice or name not in modules]
        self.keys = [*functions, *(name + MODULE for name in modules)]
        self.parts = nn.ModuleList(
            MODULES[CASES[name].loss](**CASES[name].options, **options) for name in modules
        )

    def forward(self, logits: Batches, labels: Batches) -> Values:
        values, modules = {}, iter(self.parts)
        for key in self.keys:
            case, arrays = case_of(key), {**logits[key], **labels[key]}
            if key.endswith(MODULE):
                values[key] = case.total(next(modules)(**case.arguments(arrays)))
            else:
                values[key] = case.call(functional, arrays, **self.options)
        return values

    def tensors(self, kind: Kind, dtype: torch.dtype = torch.float64) -> Batches:
        """Tensors for every key: each has its own, also where two are the same numbers."""
        return {
            key: {
                name: torch.tensor(x, dtype=dtype if x.dtype.kind == "f" else None)
                for name, x in choose(case_of(key).arrays, kind).items()
            }
            for key in self.keys
        }


def each(function: Callable[..., Tensor], *batches: Batches) -> Batches:
    """The function of every tensor."""
    return {
        key: {name: function(*(batch[key][name] for batch in batches)) for name in group}
        for key, group in batches[0].items()
    }


def flat(batches: Batches) -> list[Tensor]:
    return [x for group in batches.values() for x in group.values()]


def total(values: Values) -> Tensor:
    return sum(values.values(), start=torch.zeros(()))


def slopes(output: Tensor, logits: Batches, **options: Any) -> Batches:
    found = iter(torch.autograd.grad(output, flat(logits), **options))
    return each(lambda _: next(found), logits)


def quantities(values: Values, dtype: Any = None, of: str = "value", **by: Batches) -> Found:
    """Everything found as arrays: scalars by key, and tensors by key and logits ("gradient", "curvature")."""
    found = {key: {of: value.detach().numpy()} for key, value in values.items()}
    for kind, batches in by.items():
        for key, group in batches.items():
            for name, x in group.items():
                rounded = np.asarray(x.detach().numpy(), dtype)
                found.setdefault(key, {})[f"{kind.replace('_', ' ')} by {name}"] = rounded
    return found


def differentiated(loss: Loss, losses: Losses, logits: Batches | None = None) -> Found:
    leaves = each(Tensor.requires_grad_, losses.tensors("logits") if logits is None else logits)
    values = loss(leaves, losses.tensors("labels"))
    return quantities(values, gradient=slopes(total(values), leaves))


def autograd(names: Sequence[str]) -> Found:
    losses = Losses(names)
    return differentiated(losses, losses)


def compile(names: Sequence[str]) -> Found:
    losses = Losses(names, twice=False)
    torch.compiler.reset()
    return differentiated(torch.compile(losses, fullgraph=True, backend="aot_eager"), losses)


def inductor(names: Sequence[str]) -> Found:
    losses = Losses(names, twice=False)
    torch.compiler.reset()
    return differentiated(torch.compile(losses, fullgraph=True, backend=INDUCTOR), losses)


def export(names: Sequence[str]) -> Found:
    """For batches of any size: exported with eight samples, run with four."""
    losses = Losses(names, twice=False)
    sizes = torch.export.Dim("samples", min=2)
    inputs = [losses.tensors("logits"), losses.tensors("labels")]
    exported = torch.export.export(
        losses,
        tuple(each(lambda x: torch.cat([x, x]), batches) for batches in inputs),
        dynamic_shapes=tuple(each(lambda x: {0: sizes}, batches) for batches in inputs),
    )
    return differentiated(exported.module(), losses)


def func_grad(names: Sequence[str]) -> Found:
    losses = Losses(names)
    logits, labels = losses.tensors("logits"), losses.tensors("labels")

    def loss(logits: Batches) -> tuple[Tensor, Values]:
        values = losses(logits, labels)
        return total(values), values

    gradient, (_, values) = func.grad_and_value(loss, has_aux=True)(logits)
    return quantities(values, gradient=gradient)


def vmap(names: Sequence[str]) -> Found:
    """Over two batches, of which the first is compared: the second has other logits and labels."""
    losses = Losses(names)
    logits = each(lambda x: torch.stack([x, x / 2]), losses.tensors("logits"))
    labels = each(lambda x: torch.stack([x, x.flip(0)]), losses.tensors("labels"))
    gradient, values = func.vmap(
        func.grad_and_value(lambda *batch: (total(values := losses(*batch)), values), has_aux=True)
    )(logits, labels)
    return quantities({key: x[0] for key, x in values[1].items()}, gradient=each(lambda x: x[0], gradient))


def vmap_samples(names: Sequence[str]) -> Found:
    """Each sample a batch of its own, as for gradients of each sample; added up, they are the batch's sum."""
    coupled = [name for name in names if CASES[name].loss.startswith("coupled")]
    losses = Losses(names, **({} if coupled else {"reduction": "sum"}))

    def one(logits: Batches, labels: Batches) -> tuple[Tensor, Values]:
        values = losses(*(each(lambda x: x[None], batch) for batch in (logits, labels)))
        return total(values), values

    gradient, (_, values) = func.vmap(func.grad_and_value(one, has_aux=True))(
        losses.tensors("logits"), losses.tensors("labels")
    )
    summed = {key: x.sum() for key, x in values.items()}
    return quantities(summed, of="sum", gradient_of_the_sum=gradient)


def func_jvp(names: Sequence[str]) -> Found:
    """The slope along a direction; and the curvature, that of the gradient."""
    losses = Losses(names)
    loss = partial(losses, labels=losses.tensors("labels"))
    point, along = (losses.tensors("logits"),), (losses.tensors("direction"),)
    _, slope = func.jvp(loss, point, along)
    _, curvature = func.jvp(func.grad(lambda logits: total(loss(logits))), point, along)
    return quantities(slope, of="slope", curvature=curvature)


def double_backward(names: Sequence[str]) -> Found:
    losses = Losses(names)
    leaves = each(Tensor.requires_grad_, losses.tensors("logits"))
    values = losses(leaves, losses.tensors("labels"))
    gradient = slopes(total(values), leaves, create_graph=True)
    slope = sum(x.sum() for x in flat(each(torch.mul, gradient, losses.tensors("direction"))))
    return quantities(values, gradient=gradient, curvature=slopes(slope, leaves))


def checkpointing(names: Sequence[str]) -> Found:
    losses = Losses(names)
    return differentiated(partial(checkpoint, losses, use_reentrant=False), losses)


def _half(names: Sequence[str], half: torch.dtype, step: Callable[[Tensor, list[Tensor]], None]) -> Found:
    """Logits that a product makes in half precision, of weights in single: one step with them."""
    losses = Losses(names)
    weights = each(Tensor.requires_grad_, losses.tensors("logits", torch.float32))
    before = each(lambda x: x.detach().clone(), weights)
    with torch.autocast("cpu", dtype=half):
        logits = each(lambda x: torch.eye(len(x)) @ x, weights)
        assert {x.dtype for x in flat(logits)} == {half}
        values = losses(logits, losses.tensors("labels", torch.float32))
    step(total(values), flat(weights))
    numpy_half = {torch.float16: np.float16, torch.bfloat16: ml_dtypes.bfloat16}[half]
    return quantities(values, numpy_half, gradient=each(torch.sub, before, weights))


def _descend(loss: Tensor, weights: list[Tensor]) -> None:
    loss.backward()
    torch.optim.SGD(weights, lr=1.0).step()


def autocast_float16(names: Sequence[str]) -> Found:
    return _half(names, torch.float16, _descend)


def autocast_bfloat16(names: Sequence[str]) -> Found:
    return _half(names, torch.bfloat16, _descend)


def grad_scaler(names: Sequence[str]) -> Found:
    def step(loss: Tensor, weights: list[Tensor]) -> None:
        scaler, optimiser = torch.amp.GradScaler("cpu", init_scale=2.0**12), torch.optim.SGD(weights, lr=1.0)
        scaler.scale(loss).backward()
        scaler.step(optimiser)
        scaler.update()
        assert scaler.get_scale() == 2.0**12  # no gradient was infinite

    return _half(names, torch.float16, step)
