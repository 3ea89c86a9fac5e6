"""NTS-Net in PyTorch: it looks at an image, then at those parts of it that tell most of its class."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, grid_sample, relu

from benchmarks.networks import Shapes

NAME, BACKBONE = "nts-net", "resnet50"
PROPOSALS, PARTS = 6, 4
"""How many parts are proposed while it is trained, and how many of these the heads are given."""
OVERLAP = 0.25
SIZE = 1.5
"""Of the smallest anchor, in strides of its level."""
SCALES = ((2 ** (1 / 3), 2 ** (2 / 3)), (2 ** (1 / 3), 2 ** (2 / 3)), (1, 2 ** (1 / 3), 2 ** (2 / 3)))
"""Of the anchors of each level, whose stride is twice that of the one before."""
RATIOS = (2 / 3, 1, 3 / 2)
WIDTH = 128
LEAST = 32
"""Pixels of a side of a part, below which the trunks of images have nothing left to give."""


class Seen(NamedTuple):
    """What a step leaves: class logits of whole images (B, C), those of parts (B, N, C), scores (B, N)."""

    raw: Tensor
    parts: Tensor
    scores: Tensor


class NTSNet(nn.Module):
    """A trunk with a head for each task, on features of the whole image and of its most informative parts.

    A navigator scores anchors on the maps of features of the image; of the best that do not overlap, cut out
    and scaled to half the image, the same trunk gives the features of the parts. The teacher tells the class
    of each part by itself, and the navigator learns to rank the parts by how sure the teacher is. The logits
    (the scrutinizer) are of the features of the first `PARTS` parts and of the image side by side.

    From the authors' code, which has images of 448 pixels, maps of 14 x 14 and parts of 224 pixels: 6
    proposals of which 4 are used, anchors of 48, 96 and 192 pixels times `SCALES` and `RATIOS`, an overlap of
    0.25, zeros beyond the edge, no gradient from the navigator to the trunk, half of the features left out,
    losses of weight 1, parts' on average. That code leaves features out in predictions too, which we take for
    an oversight. Ours: images of any size that the trunk takes, with anchors in proportion to its stride and
    parts of 32 pixels at least; and where too few anchors do not overlap, the best of those that do follow.

    Source: Yang et al., Learning to Navigate for Fine-grained Classification, ECCV 2018; the authors' code,
    github.com/yangze0930/NTS-Net at e6c98df (config.py, core/anchors.py, core/model.py, train.py).

    Args:
        trunk: images (B, H, W, 3) to maps of features (B, h, w, F).
        shapes: of the images and the heads.
        dropout: how many of the features are left out in training.
    """

    def __init__(self, trunk: nn.Module, shapes: Shapes, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.trunk = trunk
        image, size, width = shapes.images[:2], *_size_of_maps(trunk, shapes.images)
        self.navigator = Navigator(width)
        self.dropout = nn.Dropout(dropout)
        self.raw = nn.Linear(width, shapes.classes)
        self.teacher = nn.Linear(width, shapes.classes)
        self.classes = nn.Linear((PARTS + 1) * width, shapes.classes)
        self.attributes = nn.Linear((PARTS + 1) * width, shapes.attributes)
        self.part = tuple(max(LEAST, side // 2) for side in image)
        self.anchors: Tensor
        self.overlapping: Tensor
        boxes = anchors(image, size)
        self.register_buffer("anchors", boxes, persistent=False)
        self.register_buffer("overlapping", overlaps(boxes) >= OVERLAP, persistent=False)
        self.seen: Seen | None = None

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the features that the heads share, and the logits of both."""
        maps = self.trunk(images)
        scores = self.navigator(maps.detach())
        chosen = proposals(scores.detach(), self.overlapping, PROPOSALS if self.training else PARTS)
        parts = self.trunk(crops(images, self.anchors[chosen], self.part).flatten(0, 1))
        whole, parts = (self.dropout(own.mean((1, 2))) for own in (maps, parts))
        parts = parts.unflatten(0, chosen.shape)
        if self.training:
            self.seen = Seen(self.raw(whole), self.teacher(parts), scores.gather(1, chosen))
        features = torch.cat([parts[:, :PARTS].flatten(1), whole], 1)
        return features, self.classes(features), self.attributes(features)

    def auxiliary(self, class_labels: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return the losses of its own, of the images that it was last trained on.

        They are the cross-entropies of the raw logits and of the parts' (on average), and `ranking_loss`, on
        average over the images that have a class label, by their weights where there are any; 0 where none
        has. A label is -1 where it is missing.
        """
        if self.seen is None:
            raise ValueError("auxiliary should be asked for after a step of training, there was none")
        raw, parts, scores = self.seen
        of_parts = _losses(parts, class_labels[:, None].expand(scores.shape))
        losses = _losses(raw, class_labels) + of_parts.mean(1) + ranking_loss(scores, of_parts.detach())
        weights = (class_labels >= 0).to(losses.dtype) if weights is None else weights * (class_labels >= 0)
        total = weights.sum()
        return (weights * losses).sum() / torch.where(total > 0, total, 1)


class Navigator(nn.Module):
    """Maps of features (B, h, w, F) to the scores of all anchors (B, A), as `anchors` orders them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        widths = [width, *[WIDTH] * (len(SCALES) - 1)]
        self.down = nn.ModuleList(
            nn.Conv2d(inputs, WIDTH, 3, stride=2 if level else 1, padding=1)
            for level, inputs in enumerate(widths)
        )
        self.score = nn.ModuleList(nn.Conv2d(WIDTH, len(scales) * len(RATIOS), 1) for scales in SCALES)

    def forward(self, maps: Tensor) -> Tensor:
        """Return how informative each anchor is."""
        level, scores = maps.movedim(-1, 1), []
        for down, score in zip(self.down, self.score, strict=True):
            level = relu(down(level))
            scores.append(score(level).flatten(1))
        return torch.cat(scores, 1)


def anchors(image: Sequence[int], size: Sequence[int]) -> Tensor:
    """Return top, left, bottom and right of the anchors in pixels (A, 4): by level, kind, row and column.

    Args:
        image: its height and width.
        size: the same of the maps of features; each further level has half of it, rounded up.
    """
    boxes = []
    for level, scales in enumerate(SCALES):
        factor = 2**level
        strides = [side * factor / places for side, places in zip(image, size, strict=True)]
        steps = [
            (torch.arange(-(-places // factor)) + 0.5) * stride
            for places, stride in zip(size, strides, strict=True)
        ]
        centres = torch.stack(torch.meshgrid(*steps, indexing="ij"), -1).flatten(0, 1)
        for scale in scales:
            for ratio in RATIOS:
                sides = SIZE * scale * torch.tensor(strides) * torch.tensor([ratio**-0.5, ratio**0.5])
                boxes.append(torch.cat([centres - sides / 2, centres + sides / 2], 1))
    return torch.cat(boxes)


def overlaps(boxes: Tensor) -> Tensor:
    """Return the intersection of every two boxes (A, 4) over their union (A, A)."""
    least, most = boxes[:, :2], boxes[:, 2:]
    areas = (most - least).prod(1)
    sides = torch.minimum(most[:, None], most) - torch.maximum(least[:, None], least)
    shared = sides.clamp(min=0).prod(2)
    return shared / (areas[:, None] + areas - shared)


def proposals(scores: Tensor, overlapping: Tensor, count: int) -> Tensor:
    """Return the positions (B, count) of the anchors of highest score (B, A), without those that overlap.

    It is greedy: the best takes all those away that overlap it (A, A), then the best of the others, and so
    on. Where none is left, the best of those that were taken away follow.
    """
    chosen, gone = torch.zeros_like(scores, dtype=torch.bool), torch.zeros_like(scores, dtype=torch.bool)
    found = []
    for _ in range(count):
        left = torch.where(gone.all(1, keepdim=True), ~chosen, ~gone)
        best = scores.masked_fill(~left, -torch.inf).argmax(1)
        chosen = chosen.scatter(1, best[:, None], True)
        gone = gone | chosen | overlapping[best]
        found.append(best)
    return torch.stack(found, 1)


def crops(images: Tensor, boxes: Tensor, size: Sequence[int]) -> Tensor:
    """Cut boxes (B, N, 4) in pixels out of images (B, H, W, 3), bilinearly scaled: (B, N, *size, 3).

    What is beyond the edge is 0.
    """
    lines = [
        2 / extent * (first[..., None] + (last - first)[..., None] * _middles(places, boxes)) - 1
        for extent, places, first, last in zip(
            images.shape[1:3], size, boxes[..., :2].unbind(-1), boxes[..., 2:].unbind(-1), strict=True
        )
    ]
    shape = (*boxes.shape[:2], *size)
    rows, columns = lines[0][..., :, None].expand(shape), lines[1][..., None, :].expand(shape)
    grid = torch.stack([columns, rows], -1)  # grid_sample has x before y
    made = grid_sample(images.movedim(-1, 1), grid.flatten(1, 2), align_corners=False)
    return made.reshape(*made.shape[:2], *shape[1:]).movedim(1, -1)


def _middles(places: int, like: Tensor) -> Tensor:
    """Return the middles of parts of equal length that [0, 1] is divided into."""
    return (torch.arange(places, dtype=like.dtype, device=like.device) + 0.5) / places


def ranking_loss(scores: Tensor, losses: Tensor) -> Tensor:
    """Return Σ max(0, 1 - (s_i - s_j)) over all pairs of parts of which i has the lower loss (B,).

    Args:
        scores: s of the parts (B, N).
        losses: of the parts, by the teacher (B, N).
    """
    lower = losses[:, :, None] < losses[:, None, :]
    return (lower * relu(1 - (scores[:, :, None] - scores[:, None, :]))).sum((1, 2))


def _losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the cross-entropies of class logits (..., C) and labels (...), 0 where a label is -1."""
    return cross_entropy(logits.movedim(-1, 1), labels, ignore_index=-1, reduction="none")


def _size_of_maps(trunk: nn.Module, image: Sequence[int]) -> tuple[tuple[int, int], int]:
    """Return height and width of a trunk's maps of features, and how many features there are."""
    like = next(trunk.parameters())
    training = trunk.training
    trunk.eval()
    with torch.no_grad():
        _, height, width, features = trunk(like.new_zeros(1, *image)).shape
    trunk.train(training)
    return (height, width), features


class KerasMaps(nn.Module):
    """A trunk that Keras has built on PyTorch."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        """Return the maps of features of images."""
        maps: Tensor = self.model(images, training=self.training)
        return maps


def build(backbone: str, shapes: Shapes, *, seed: int, parity: bool = False) -> NTSNet:
    """Return NTS-Net on a trunk of `benchmarks.networks.images`, which has PyTorch's backend."""
    from benchmarks.networks import images

    trunk = KerasMaps(images.feature_maps(backbone, seed=seed, parity=parity))
    torch.manual_seed(seed)
    return NTSNet(trunk, shapes, dropout=0.0 if parity else 0.5)
