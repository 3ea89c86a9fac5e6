"""The GPU checks on a CPU, and what they say where there is no GPU."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from checks import gpu, measure
from checks.forms import FORMS
from checks.measure import Errors

ROOT = Path(__file__).parent.parent.parent
SMALL = ["--device", "cpu", "--samples", "8", "--batches", "2"]


def test_no_gpu(capsys):
    assert gpu.main(["--frameworks", "torch"]) == gpu.NO_DEVICE
    assert capsys.readouterr().out.startswith("No GPU: torch found no cuda device")


@pytest.mark.parametrize("form", ["distribution_matching, divergence=js", "posterior, prior", "coupled"])
def test_within_the_bounds_on_a_cpu(form, capsys):
    assert gpu.main([*SMALL, "--frameworks", "torch", "--form", form]) == 0
    assert "within their bounds" in capsys.readouterr().out


def test_jax_on_a_cpu(capsys):
    assert gpu.main([*SMALL, "--frameworks", "jax", "--form", "binary_cross_entropy, pos_weight"]) == 0
    assert "jax on cpu" in capsys.readouterr().out


def test_what_is_above_its_bound_is_marked(monkeypatch, capsys):
    monkeypatch.setattr(gpu, "measured", lambda *_: Errors(9.0, 1.0))
    assert gpu.main([*SMALL, "--frameworks", "torch", "--form", "pos_weight"]) == 1
    assert "9.0 / 1.0 !" in capsys.readouterr().out


def test_needs_neither_tensorflow_nor_hypothesis():
    lacking = ["tensorflow", "keras", "hypothesis", "array_api_strict", "rich"]
    code = (
        f"import sys; sys.modules |= dict.fromkeys({lacking}); from checks import gpu; print(len(gpu.FORMS))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(len(FORMS))], done.stderr


def test_halves_are_rounded_to_the_nearest():
    x = np.random.default_rng(0).normal(size=1000) * 1e3
    for rounded, dtype in ((gpu.float16, torch.float16), (gpu.bfloat16, torch.bfloat16)):
        single = torch.asarray(x.astype(np.float32))
        np.testing.assert_array_equal(rounded(x), single.to(dtype).double().numpy())


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_a_gradient_may_be_rounded_once_to_half_precision(half):
    slopes = np.random.default_rng(0).normal(size=(50, 3)) * 10.0 ** np.arange(-6.0, 3.0, 3.0)
    right = measure.Outcome(np.zeros(50), {"class_logits": slopes})
    rounded = torch.asarray(slopes).to(getattr(torch, half)).double().numpy()
    value = np.zeros(50, np.float32)
    once = measure.errors(measure.Outcome(value, {"class_logits": rounded}), right, each=True, half=half)
    assert once.gradient == 0
    off = measure.Outcome(value, {"class_logits": rounded * 1.02})
    assert not measure.errors(off, right, each=True, half=half).within()
