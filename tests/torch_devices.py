"""Processes that train one network: each prints how far its gradients are from those of the whole batch.

Run as ``python torch_devices.py``; the processes are forked, so that only one has to import PyTorch.
"""

import json
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from coupling import Attributes, Classes, CouplingGraph, Edge, Relatedness, directed
from coupling.torch import CoupledGraphLoss, CoupledLoss, DistributionMatchingLoss, SoftCoAnnotationLoss

TABLE = Relatedness([[0.9, 0.1], [0.2, 0.7], [0.5, 0.4]])
UNKNOWN = Relatedness(TABLE.conditional, known=[True, True, False])
GRAPH = CouplingGraph(
    {"classes": Classes(TABLE.classes), "attributes": Attributes(TABLE.attributes)},
    [Edge("classes", "attributes", TABLE, dm={"matching": "class_mean"})],
)
# Sizes of what each process gets; the first has no label of any kind.
PARTS = {2: (3, 9), 4: (2, 1, 5, 4)}
Batch = tuple[Tensor, Tensor, Tensor]


def batch(unlabelled: int) -> Batch:
    """Inputs, and labels of which those of the first samples are missing."""
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(12, 4, generator=draw, dtype=torch.float64)
    classes = torch.randint(-1, 3, (12,), generator=draw)
    attributes = torch.randint(-1, 2, (12, 2), generator=draw).double()
    classes[:unlabelled], attributes[:unlabelled] = -1, torch.nan
    return x, classes, attributes


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 5)).double()


def gradients(model: nn.Module) -> list[Tensor]:
    return [parameter.grad for parameter in model.parameters()]


Loss = Callable[..., Any]


def coupled(table: Relatedness = TABLE, **options: Any) -> Callable[..., Loss]:
    def build(**group: Any) -> Loss:
        loss = CoupledLoss(table, **options, **group)
        return lambda out, *labels, **own: loss(out[:, :3], out[:, 3:], *labels, **own).total

    return build


def graph(**group: Any) -> Loss:
    loss = CoupledGraphLoss(GRAPH, **group)
    return lambda out, classes, attributes: loss(
        {"classes": out[:, :3], "attributes": out[:, 3:]}, {"classes": classes, "attributes": attributes}
    )["total"]


def matched(**group: Any) -> Loss:
    loss = DistributionMatchingLoss(UNKNOWN, matching="class_mean", **group)
    return lambda out, *labels: loss(out[:, :3], out[:, 3:])


def annotated(**group: Any) -> Loss:
    loss = SoftCoAnnotationLoss(TABLE, soft_label="posterior", **group)
    return lambda out, classes, attributes: loss(out[:, :3], attributes)


def compiled(**group: Any) -> Loss:
    loss = torch.compile(CoupledLoss(UNKNOWN, **group), fullgraph=True, backend="aot_eager")
    return lambda out, *labels: loss(out[:, :3], out[:, 3:], *labels).total


CASES: dict[str, Callable[..., Loss]] = {
    "as printed": coupled(),
    "unknown class": coupled(UNKNOWN, dm={"divergence": "kl"}, sca={"divergence": "js"}),
    "class means": coupled(UNKNOWN, dm={"matching": "class_mean"}),
    "directed": coupled(**directed(20, 600)),
    "graph": graph,
    "distribution matching": matched,
    "soft co-annotation": annotated,
}


def distance(model: nn.Module, expected: nn.Module) -> float:
    pairs = zip(gradients(model), gradients(expected), strict=True)
    return max(float((own - whole).abs().max()) for own, whole in pairs)


def whole(build: Callable[..., Loss], data: Batch) -> tuple[nn.Module, Tensor]:
    """The network and the loss of one device."""
    model = network()
    loss = build()(model(data[0]), *data[1:])
    loss.backward()
    return model, loss.detach()


def compare(
    build: Callable[..., Loss], data: Batch, own: slice, alone: Callable[..., Loss] | None = None
) -> float:
    expected, total = whole(alone or build, data)
    model = DistributedDataParallel(network())
    x, *labels = (part[own] for part in data)
    loss = build(process_group=distributed.group.WORLD)(model(x), *labels)
    loss.backward()
    mean = loss.detach().clone()
    distributed.all_reduce(mean)
    return max(distance(model, expected), float((mean / distributed.get_world_size() - total).abs()))


def accumulate(data: Batch, own: slice) -> float:
    """Two micro-batches, of one sample and of the rest: each counts what both hold, on average."""
    expected, _ = whole(coupled(), data)
    x, classes, attributes = (part[own] for part in data)
    labelled = ((attributes >= 0) & (attributes <= 1)).any(dim=1)
    counts = {"classes": (classes >= 0), "attributes": labelled, "soft_co_annotation": labelled}
    counts["distribution_matching"] = torch.ones_like(labelled)
    averages = {name: float(taking_part.sum()) / 2 for name, taking_part in counts.items()}
    normalizer = {name: lambda count, average=average: average for name, average in averages.items()}
    model = DistributedDataParallel(network())
    loss = coupled()(process_group=distributed.group.WORLD)
    with model.no_sync():
        first = loss(model(x[:1]), classes[:1], attributes[:1], normalizer=normalizer)
        (first / 2).backward()
    second = loss(model(x[1:]), classes[1:], attributes[1:], normalizer=normalizer)
    (second / 2).backward()
    return distance(model, expected)


def errors(rank: int, size: int) -> Iterator[tuple[str, float]]:
    parts = PARTS[size]
    own = slice(sum(parts[:rank]), sum(parts[: rank + 1]))
    data = batch(parts[0])
    for name, build in CASES.items():
        yield name, compare(build, data, own)
    yield "no label anywhere", compare(coupled(), batch(12), own)
    if size == 2:
        yield "accumulation", accumulate(data, own)
        with warnings.catch_warnings(action="ignore"):  # PyTorch's compiler warns of itself
            yield "compiled", compare(compiled, data, own, alone=coupled(UNKNOWN))


def work(rank: int, size: int, folder: str) -> None:
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/store-{size}", rank=rank, world_size=size
    )
    Path(folder, f"{size}-{rank}.json").write_text(json.dumps(dict(errors(rank, size))))
    distributed.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for size in PARTS:
            torch.multiprocessing.start_processes(work, (size, folder), nprocs=size, start_method="fork")
        found = {path.stem: json.loads(path.read_text()) for path in Path(folder).glob("*.json")}
    json.dump(found, sys.stdout)
