import math

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.networks import Shapes, nts

LEVELS = ((48, 32, 14, (1, 2)), (96, 64, 7, (1, 2)), (192, 128, 4, (0, 1, 2)))
SHAPES = Shapes((64, 64, 3), 3, 4)
LABELS = torch.tensor([0, -1, 2, 1])


class Trunk(nn.Module):
    """Maps of features with a stride of 16, of every image by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 6, 4, stride=4), nn.Conv2d(6, 8, 4, stride=4)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(images.movedim(-1, 1)).relu()).relu().movedim(1, -1)


def network(shapes: Shapes = SHAPES, *, dropout: float = 0.0) -> nts.NTSNet:
    torch.manual_seed(0)
    return nts.NTSNet(Trunk(), shapes, dropout=dropout).double()


def drawn(count: int = 4, shapes: Shapes = SHAPES) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(count).normal(size=(count, *shapes.images)))


def random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    first = rng.integers(0, 20, size=(count, 2))
    return np.concatenate([first, first + rng.integers(1, 12, size=(count, 2))], 1)


def shared_part(one: np.ndarray, other: np.ndarray) -> float:
    """Count the pixels of two boxes."""
    images = [np.zeros((40, 40), bool), np.zeros((40, 40), bool)]
    for image, (top, left, bottom, right) in zip(images, (one, other), strict=True):
        image[top:bottom, left:right] = True
    return np.logical_and(*images).sum() / np.logical_or(*images).sum()


def test_anchors_of_the_published_network():
    made = nts.anchors((448, 448), (14, 14))
    expected = [
        [
            y - size * scale / math.sqrt(ratio) / 2,
            x - size * scale * math.sqrt(ratio) / 2,
            y + size * scale / math.sqrt(ratio) / 2,
            x + size * scale * math.sqrt(ratio) / 2,
        ]
        for size, stride, places, powers in (
            (48, 32, 14, (1, 2)),
            (96, 64, 7, (1, 2)),
            (192, 128, 4, (0, 1, 2)),
        )
        for scale in (2 ** (power / 3) for power in powers)
        for ratio in (2 / 3, 1, 3 / 2)
        for y in (stride * (row + 0.5) for row in range(places))
        for x in (stride * (column + 0.5) for column in range(places))
    ]
    torch.testing.assert_close(made, torch.tensor(expected))


@pytest.mark.parametrize("image", [(32, 32), (64, 96), (160, 32)])
def test_images_of_any_size(image):
    shapes = SHAPES._replace(images=(*image, 3))
    own = network(shapes)
    images = drawn(2, shapes)
    for features, class_logits, attribute_logits in (own(images), own.eval()(images)):
        assert (features.shape, class_logits.shape, attribute_logits.shape) == ((2, 40), (2, 3), (2, 4))
    assert own.seen.scores.shape == (2, nts.PROPOSALS)
    assert own.navigator(own.trunk(images)).shape == (2, len(own.anchors))


def test_overlaps_count_pixels():
    boxes = random_boxes(np.random.default_rng(0), 30)
    expected = [[shared_part(one, other) for other in boxes] for one in boxes]
    np.testing.assert_allclose(nts.overlaps(torch.as_tensor(boxes).double()), expected)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [1, 6, 20])
def test_proposals_are_the_best_that_do_not_overlap(seed, count):
    rng = np.random.default_rng(seed)
    boxes, scores = random_boxes(rng, 40), rng.normal(size=(3, 40))
    overlapping = nts.overlaps(torch.as_tensor(boxes).double()) >= nts.OVERLAP
    made = nts.proposals(torch.as_tensor(scores), overlapping, count).numpy()
    for own, positions in zip(scores, made, strict=True):
        kept: list[int] = []
        for place in np.argsort(-own):
            if all(shared_part(boxes[place], boxes[other]) < nts.OVERLAP for other in kept):
                kept.append(int(place))
        rest = [place for place in np.argsort(-own) if place not in kept]
        assert list(positions) == [*kept, *rest][:count]


def test_whole_image_is_cut_out_as_it_is():
    images = drawn(2)
    made = nts.crops(images, torch.tensor([[[0.0, 0.0, 64.0, 64.0]]] * 2).double(), (64, 64))
    torch.testing.assert_close(made[:, 0], images)


def test_boxes_are_cut_out_where_they_are():
    images = drawn(2, SHAPES._replace(images=(64, 96, 3)))
    boxes = torch.tensor([[[8, 30, 18, 50], [-4, 90, 6, 110]], [[0, 0, 10, 20], [60, -20, 70, 0]]]).double()
    made = nts.crops(images, boxes, (10, 20))
    padded = nn.functional.pad(images, (0, 0, 30, 30, 30, 30))
    for number, own in enumerate(boxes.int().tolist()):
        for part, (top, left, bottom, right) in enumerate(own):
            expected = padded[number, top + 30 : bottom + 30, left + 30 : right + 30]
            torch.testing.assert_close(made[number, part], expected)


def test_smaller_parts_are_averages():
    images = drawn(1)
    made = nts.crops(images, torch.tensor([[[0.0, 0.0, 64.0, 64.0]]]).double(), (32, 32))
    expected = images.reshape(1, 32, 2, 32, 2, 3).mean((2, 4))
    torch.testing.assert_close(made[:, 0], expected)


def test_ranking_loss_is_that_of_the_pairs():
    rng = np.random.default_rng(0)
    scores, losses = rng.normal(size=(5, 6)), rng.normal(size=(5, 6)).round(1)
    expected = [
        sum(max(0.0, 1 - (score[i] - score[j])) for i in range(6) for j in range(6) if loss[i] < loss[j])
        for score, loss in zip(scores, losses, strict=True)
    ]
    made = nts.ranking_loss(torch.as_tensor(scores), torch.as_tensor(losses))
    np.testing.assert_allclose(made, expected)


def gradients(own: nts.NTSNet, images: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
    own(images)
    own.zero_grad()
    own.auxiliary(labels).backward()
    return {name: parameter.grad for name, parameter in own.named_parameters() if parameter.grad is not None}


def test_images_without_a_class_label_take_no_part():
    own, images = network(), drawn()
    made, expected = (gradients(own, images[kept], LABELS[kept]) for kept in (range(4), [0, 2, 3]))
    assert made.keys() == expected.keys()
    for name, gradient in made.items():
        torch.testing.assert_close(gradient, expected[name])
    for part in ("navigator", "trunk", "raw", "teacher"):
        assert any(gradient.any() for name, gradient in made.items() if name.startswith(part))


def test_batch_without_class_labels_moves_nothing():
    own = network()
    made = gradients(own, drawn(), torch.full((4,), -1))
    assert any(name.startswith("navigator") for name in made)
    assert not any(gradient.any() for gradient in made.values())
    assert own.auxiliary(torch.full((4,), -1)) == 0


def test_losses_are_those_of_the_image_its_parts_and_their_order():
    own = network()
    own(drawn())
    raw, parts, scores = (part.detach() for part in own.seen)
    expected = []
    for number, label in enumerate(LABELS.tolist()):
        if label >= 0:
            of_parts = -parts[number].log_softmax(-1)[:, label]
            ranked = nts.ranking_loss(scores[number][None], of_parts[None])
            expected.append(-raw[number].log_softmax(-1)[label] + of_parts.mean() + ranked[0])
    expected = torch.stack(expected)
    torch.testing.assert_close(own.auxiliary(LABELS), expected.mean())
    weights = torch.arange(1.0, len(LABELS) + 1)
    of_labelled = weights[LABELS >= 0]
    torch.testing.assert_close(
        own.auxiliary(LABELS, weights), (of_labelled * expected).sum() / of_labelled.sum()
    )


def test_ranking_moves_the_navigator_alone():
    own = network()
    own(drawn())
    nts.ranking_loss(own.seen.scores, own.seen.parts.logsumexp(-1)).sum().backward()
    moved = {name.split(".")[0] for name, weight in own.named_parameters() if weight.grad is not None}
    assert moved == {"navigator"}


def test_losses_are_asked_for_after_a_step():
    with pytest.raises(ValueError, match="auxiliary should be asked for after a step of training, there was"):
        network().auxiliary(LABELS)


def test_predictions_are_of_each_image_by_itself():
    own, images = network(dropout=0.5).eval(), drawn()
    together = own(images)
    for number in range(4):
        alone = own(images[number : number + 1])
        for made, expected in zip(alone, together, strict=True):
            torch.testing.assert_close(made[0], expected[number])
    assert own.seen is None


def trained() -> tuple[np.ndarray, list[torch.Tensor]]:
    """Train on bright patches whose colour is the class, wherever they are: losses of classes, and of all."""
    shapes, labels = SHAPES._replace(images=(32, 32, 3)), torch.arange(6) % 3
    own, images = network(shapes, dropout=0.5), 0.1 * drawn(6, shapes)
    for number, (row, column) in enumerate(np.random.default_rng(0).integers(0, 20, size=(6, 2))):
        images[number, row : row + 12, column : column + 12, labels[number]] += 2
    optimizer = torch.optim.Adam(own.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        _, class_logits, _ = own(images)
        of_classes = nn.functional.cross_entropy(class_logits, labels)
        total = of_classes + own.auxiliary(labels)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        losses.append([float(of_classes.detach()), float(total.detach())])
    return np.array(losses), list(own.eval()(images))


def test_it_learns_and_again_the_same():
    losses, outputs = trained()
    first, last = losses[:10].mean(0), losses[-10:].mean(0)
    assert last[0] < 0.1 * first[0]
    assert last[1] < 0.8 * first[1]
    assert (outputs[1].argmax(-1) == torch.arange(6) % 3).all()
    again, outputs_again = trained()
    np.testing.assert_array_equal(again, losses)
    assert all(map(torch.equal, outputs, outputs_again))
