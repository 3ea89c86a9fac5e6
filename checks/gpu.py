"""The losses of PyTorch and JAX on a CUDA device against the oracle: ``python -m checks.gpu``.

In float64, float32 with TensorFloat-32 off and on, float16 and bfloat16. Half-precision logits are computed
in float32, so the values are held to the bounds of float32 on the logits as rounded; a gradient is rounded
once more, to the logits' own precision. Ends with 0 where all is within the bounds, with 1 where something
is not, and with 3 where a framework that is asked for has no such device.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

import numpy as np

from checks import cases, draws, measure
from checks.backends import Backend, Jax, Torch
from checks.backends import CompiledJax as Jit
from checks.forms import FORMS, Form
from checks.measure import Errors

NO_DEVICE = 3
SAMPLES, BATCHES = 100, 10


class Mode(NamedTuple):
    """A precision of the logits, and how products of float32 are to be computed."""

    name: str
    dtype: str
    rounded: draws.Round
    tf32: bool = False


def float16(x: np.ndarray) -> np.ndarray:
    """Round to float16."""
    return x.astype(np.float16).astype(np.float64)


def bfloat16(x: np.ndarray) -> np.ndarray:
    """Round to bfloat16: the first sixteen bits of float32, to the nearest even."""
    bits = x.astype(np.float32).view(np.uint32)
    bits = bits + 0x7FFF + ((bits >> 16) & 1)
    nearest = (bits & np.uint32(0xFFFF0000)).astype(np.uint32).view(np.float32).astype(np.float64)
    return np.where(np.isfinite(x), nearest, x)


MODES = (
    Mode("float64", "float64", draws.single),
    Mode("float32", "float32", draws.single),
    Mode("float32, TF32", "float32", draws.single, tf32=True),
    Mode("float16", "float16", float16),
    Mode("bfloat16", "bfloat16", bfloat16),
)
FRAMEWORKS: dict[str, tuple[type[Backend], ...]] = {"torch": (Torch,), "jax": (Jax, Jit)}


def has_device(framework: str, device: str) -> bool:
    """Tell whether a framework can compute on a device."""
    if framework == "torch":
        import torch

        return device == "cpu" or torch.cuda.is_available()
    import jax

    try:
        return bool(jax.devices(device))
    except RuntimeError:
        return False


def products(framework: str, tf32: bool) -> AbstractContextManager[None]:
    """Return the context in which products of float32 may, or may not, be of TensorFloat-32."""
    if framework == "jax":
        import jax

        return jax.default_matmul_precision("tensorfloat32" if tf32 else "highest")  # type: ignore[no-any-return]
    return _torch_products("tf32" if tf32 else "ieee")


@contextmanager
def _torch_products(precision: str) -> Iterator[None]:
    import torch

    matmul = torch.backends.cuda.matmul
    before = matmul.fp32_precision
    matmul.fp32_precision = precision
    try:
        yield
    finally:
        matmul.fp32_precision = before


def measured(form: Form, framework: str, device: str, mode: Mode, samples: int, batches: int) -> Errors:
    """Return the largest errors of a form, by the bounds that its dtype has."""
    found = []
    runs = list(cases.runs(form, samples=samples, batches=batches, rounded=mode.rounded))
    with products(framework, mode.tf32), np.errstate(all="ignore"):
        for backend in FRAMEWORKS[framework]:
            own = backend(mode.dtype, device)
            for run in runs:
                call = own.prepare(run.loss, run.options)
                for case in run.cases:
                    actual = call(case.arrays)
                    half = mode.dtype if mode.dtype in measure.HALF else None
                    found.append(measure.errors(actual, case.expected, each=case.each, half=half))
    return measure.worst(found)


def check(
    framework: str,
    device: str,
    forms: list[Form],
    samples: int,
    batches: int,
    show: Callable[[str], None] = print,
) -> bool:
    """Show the largest errors of each form in each mode, and tell whether all are within the bounds."""
    right = True
    show(f"{framework} on {device}: value / gradient, in ulp of the term's scale")
    show("  ".join([f"{'':64}", *(f"{mode.name:>16}" for mode in MODES)]))
    for form in forms:
        row = [measured(form, framework, device, mode, samples, batches) for mode in MODES]
        cells = [f"{own.value:.1f} / {own.gradient:.1f}{'' if own.within() else ' !'}" for own in row]
        show("  ".join([f"{str(form)[:64]:64}", *(f"{cell:>16}" for cell in cells)]))
        right = right and all(own.within() for own in row)
    return right


def main(arguments: list[str] | None = None) -> int:
    """Check what is asked for, and return how it went."""
    parser = argparse.ArgumentParser(prog="python -m checks.gpu", description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu tries the checks out")
    parser.add_argument("--frameworks", nargs="+", choices=tuple(FRAMEWORKS), default=tuple(FRAMEWORKS))
    parser.add_argument("--form", default="", help="only forms whose name holds this")
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--batches", type=int, default=BATCHES)
    chosen = parser.parse_args(arguments)
    lacking = [name for name in chosen.frameworks if not has_device(name, chosen.device)]
    if lacking:
        print(f"No GPU: {' and '.join(lacking)} found no {chosen.device} device, so nothing was checked.")
        return NO_DEVICE
    forms = [form for form in FORMS if chosen.form in str(form)]
    right = [check(name, chosen.device, forms, chosen.samples, chosen.batches) for name in chosen.frameworks]
    print("All errors are within their bounds." if all(right) else "Errors marked ! are above their bound.")
    return int(not all(right))


if __name__ == "__main__":
    sys.exit(main())
