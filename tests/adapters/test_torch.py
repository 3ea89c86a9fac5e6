"""The PyTorch modules: everything a user of `nn.Module` does with one."""

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch_modules import MODULES, batch, call

from coupling import diagnose, losses
from coupling.knowledge import du2014
from coupling.torch import (
    CoupledLoss,
    DistributionMatchingLoss,
    SoftCoAnnotationLoss,
    functional,
)

# torch's own compiler imports torch's own deprecated decorator.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")


@pytest.fixture(params=MODULES)
def module(request: pytest.FixtureRequest) -> torch.nn.Module:
    return MODULES[request.param](du2014())


def gradients(loss: Tensor, inputs: dict[str, Tensor]) -> list[Tensor]:
    logits = [inputs["class_logits"], inputs["attribute_logits"]]
    return [
        torch.zeros_like(x) if g is None else g
        for x, g in zip(logits, torch.autograd.grad(loss, logits, allow_unused=True), strict=True)
    ]


def test_module_equals_core(module: torch.nn.Module) -> None:
    inputs = batch()
    arrays = {name: x.detach().numpy() for name, x in inputs.items()}
    options = module.options
    if isinstance(module, DistributionMatchingLoss):
        core = losses.distribution_matching(
            arrays["class_logits"], arrays["attribute_logits"], du2014(), **options
        )
    elif isinstance(module, SoftCoAnnotationLoss):
        core = losses.soft_co_annotation(
            arrays["class_logits"], arrays["attribute_labels"], du2014(), **options
        )
    else:
        core = losses.coupled(*arrays.values(), du2014(), **options).total
    np.testing.assert_allclose(call(module, inputs).detach().numpy(), core, rtol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_autocast_computes_in_float32(module: torch.nn.Module, dtype: torch.dtype) -> None:
    inputs = batch(torch.float32)
    with torch.autocast("cpu", dtype=dtype):
        loss = call(module, inputs)
    assert loss.dtype == torch.float32
    assert torch.equal(loss, call(module, inputs))
    narrow = {name: x.detach().to(dtype) if "logits" in name else x for name, x in inputs.items()}
    assert call(module, narrow).dtype == torch.float32


@pytest.mark.parametrize("move", ["half", "bfloat16", "float", "double"])
def test_matrices_stay_wide(module: torch.nn.Module, move: str) -> None:
    getattr(module, move)()
    for name, buffer in module.named_buffers():
        assert buffer.dtype == torch.float64
        np.testing.assert_array_equal(buffer.numpy(), getattr(du2014(), name))


def test_the_relatedness_is_what_was_given(module: torch.nn.Module) -> None:
    module.to("meta")  # where no matrix has values
    table = module.relatedness
    assert table == du2014()
    assert diagnose(table) == diagnose(du2014())
    assert not table.conditional.flags.writeable


def test_moves_between_devices(module: torch.nn.Module) -> None:
    module.to("meta")
    assert {buffer.device.type for buffer in module.buffers()} == {"meta"}
    meta = {name: x.to("meta") for name, x in batch().items()}
    assert call(module, meta).shape == ()
    module.to_empty(device="cpu")
    assert torch.equal(call(module, batch()), call(copy.deepcopy(module), batch()))
    np.testing.assert_array_equal(module.conditional.numpy(), du2014().conditional)


def test_repr_shows_the_options() -> None:
    text = repr(DistributionMatchingLoss(du2014(), divergence="kl", detach="classes"))
    assert "7 classes x 17 attributes" in text
    assert "divergence='kl'" in text
    assert "detach='classes'" in text


@pytest.mark.parametrize("head", ["classes", "attributes"])
def test_detach(head: str) -> None:
    inputs = batch()
    loss = DistributionMatchingLoss(du2014(), divergence="kl", detach=head)
    to_classes, to_attributes = gradients(call(loss, inputs), inputs)
    assert to_classes.any() == (head != "classes")
    assert to_attributes.any() == (head != "attributes")


def test_where_and_sample_weight_in_a_call() -> None:
    inputs = batch()
    loss = DistributionMatchingLoss(du2014(), divergence="kl", reduction="none")
    logits = inputs["class_logits"], inputs["attribute_logits"]
    keep = torch.tensor([True, False, True, True, False])
    torch.testing.assert_close(loss(*logits, where=keep), torch.where(keep, loss(*logits), 0.0))
    weight = torch.arange(5.0)
    torch.testing.assert_close(loss(*logits, sample_weight=weight), weight * loss(*logits))


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (
            lambda: DistributionMatchingLoss(du2014(), divergence="hellinger"),
            ValueError,
            "divergence should be one",
        ),
        (lambda: DistributionMatchingLoss(du2014(), eps=0.7), ValueError, r"eps should be in \(0.0, 0.5\)"),
        (
            lambda: DistributionMatchingLoss(du2014().conditional),
            TypeError,
            "relatedness should be a coupling",
        ),
        (lambda: SoftCoAnnotationLoss(du2014(), temperature=0), ValueError, "temperature should be in"),
        (lambda: CoupledLoss(du2014(), weights={"class": 1}), ValueError, "weights should have keys among"),
        (lambda: CoupledLoss(du2014(), dm={"divergance": "js"}), ValueError, "dm should have keys among"),
        (lambda: CoupledLoss(du2014(), sca={"source": "both "}), ValueError, "source should be one of"),
        (lambda: CoupledLoss(du2014(), sca="labels"), TypeError, "sca should be a mapping"),
    ],
)
def test_bad_options_are_refused_at_once(build: Callable[[], object], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        build()


@pytest.mark.parametrize("traced", [False, True])
def test_bad_shapes_also_while_tracing(traced: bool) -> None:
    torch.compiler.reset()
    loss = DistributionMatchingLoss(du2014())
    function = torch.compile(loss, fullgraph=True, backend="eager") if traced else loss
    with pytest.raises(
        Exception, match=r"attribute_logits should have shape \(B, A\) with B = 2, A = 17, got"
    ):
        function(torch.zeros(2, 7), torch.zeros(3, 17))


@pytest.mark.nan
def test_labels_beyond_the_classes() -> None:
    labels = torch.tensor([7, 0])
    with pytest.raises(ValueError, match="class_labels should be below C = 7.*got 7"):
        functional.class_cross_entropy(torch.zeros(2, 7), labels)
    torch.compiler.reset()
    compiled = torch.compile(functional.class_cross_entropy, fullgraph=True, backend="eager")
    assert compiled(torch.zeros(2, 7), labels).isnan()
    assert torch.func.vmap(functional.class_cross_entropy)(torch.zeros(1, 2, 7), labels[None]).isnan().all()


def test_made_on_the_meta_device() -> None:
    with torch.device("meta"):
        loss = CoupledLoss(du2014())
        loss.load_state_dict(CoupledLoss(du2014()).state_dict())
    assert torch.equal(loss.conditional, CoupledLoss(du2014()).conditional)


@pytest.mark.parametrize("mask", [[True] * 17, np.ones(17, bool), torch.ones(17, dtype=torch.bool)])
def test_masks_under_compile(mask: object) -> None:
    torch.compiler.reset()
    loss = CoupledLoss(du2014(), dm={"attribute_mask": mask})
    inputs = batch()
    compiled = torch.compile(loss, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(**inputs).total, loss(**inputs).total)


def test_a_weight_in_an_array_of_numpy() -> None:
    inputs, weights = batch(), {"distribution_matching": 0.3}
    held = {name: np.asarray(weight) for name, weight in weights.items()}
    expected = functional.coupled(**inputs, relatedness=du2014(), weights=weights)
    assert torch.equal(functional.coupled(**inputs, relatedness=du2014(), weights=held).total, expected.total)
    with pytest.raises(ValueError, match=r"^weights\['classes'\] should be in \[0.0, inf\), got -1.0$"):
        functional.coupled(**inputs, relatedness=du2014(), weights={"classes": np.asarray(-1.0)})


def test_weights_that_change_under_compile() -> None:
    torch.compiler.reset()
    inputs, table = batch(), du2014()

    def total(weight: float) -> Tensor:
        weights = {"distribution_matching": weight}
        return functional.coupled(**inputs, relatedness=table, weights=weights).total

    compiled = torch.compile(total, fullgraph=True, backend="eager")
    for weight in (0.1, 0.2, 0.3):
        torch.testing.assert_close(compiled(weight), total(weight))


@pytest.mark.parametrize("autocast", [True, False])
def test_matrix_products_are_of_float64(autocast):
    """No setting lowers these, as TensorFloat-32 and autocast do those of float32."""
    dtypes = []

    class Products(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            if "mm" in str(function):
                dtypes.extend(x.dtype for x in args)
            return function(*args, **(kwargs or {}))

    z, s = torch.zeros(2, 7, requires_grad=True), torch.zeros(2, 17)
    with Products(), torch.autocast("cpu", enabled=autocast):
        functional.distribution_matching(z, s, du2014(), divergence="kl").backward()
    assert dtypes
    assert set(dtypes) == {torch.float64}
