"""Training in PyTorch."""

from collections.abc import Callable
from functools import partial
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.methods import find
from benchmarks.networks.torch import build, kernels, predict
from benchmarks.suites import Schedule
from benchmarks.training import Job, Trained, flat, predicted, smoothing
from coupling.torch import CoupledLoss
from coupling.torch.functional import class_cross_entropy

packages = ("torch", "torchjd")


def device() -> str:
    """Name the GPU if there is one, else the CPU."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def train(job: Job) -> Trained:
    """Train a network; see `benchmarks.training.Framework`."""
    place = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = getattr(torch, job.batches.dtype.name)
    network = build(job.suite.network, job.shapes, seed=job.seed, dtype=dtype, parity=job.parity)
    method = find(job.setting.method)(
        network, seed=job.seed, steps=len(job.batches), factor=job.setting.factor
    ).to(place)
    coupled = CoupledLoss(job.relatedness, **job.setting.options).to(place)
    added = _added(network, job)
    optimizer = _optimizer(network, job.suite.schedule, job.parity)
    call = partial(predict, method, place)

    rows, curve = [], {}
    heads = [flat(kernels(network))]
    for step, batch in enumerate(job.batches, 1):
        images, class_labels, attribute_labels = (torch.as_tensor(part, device=place) for part in batch)
        features, class_logits, attribute_logits = method(images)
        terms = coupled(class_logits, attribute_logits, class_labels, attribute_labels)
        for add in added:
            more = add(class_logits, class_labels)
            terms = terms._replace(total=terms.total + more, classes=terms.classes + more)
        optimizer.zero_grad()
        method.backward(features, terms)
        optimizer.step()
        if job.parity:
            rows.append([float(term.detach()) for term in terms])
            heads.append(flat(kernels(network)))
        if step in job.at:
            curve[step] = predicted(call, job.watched, job)
    return Trained(predicted(call, job.images, job), curve, np.array(rows), np.array(heads))


def _added(network: nn.Module, job: Job) -> list[Callable[[Tensor, Tensor], Tensor]]:
    """Return what joins the class loss, of logits and labels: smoothing, what the network has of its own."""
    smooth = smoothing(job.suite.schedule, job.setting, class_cross_entropy)
    added = [smooth] if smooth else []
    weight = job.setting.options["weights"].get("classes", 1.0)
    if weight and hasattr(network, "auxiliary"):
        auxiliary = cast(Callable[[Tensor], Tensor], network.auxiliary)
        added.append(lambda logits, labels: weight * auxiliary(labels))
    return added


def _optimizer(network: nn.Module, schedule: Schedule, parity: bool) -> torch.optim.Optimizer:
    if parity:
        return torch.optim.SGD(network.parameters(), lr=schedule.sgd_rate, momentum=schedule.momentum)
    return torch.optim.Adam(network.parameters(), lr=schedule.learning_rate, fused=True)
