"""Probabilities and the divergences between them, in numbers of fifty digits."""

from collections.abc import Callable, Sequence

from autodiff import Number, Real, exp, fixed, log, number, total

Distribution = Sequence[Number]


def clip(x: Real, low: float, high: float | None = None) -> Number:
    """``x`` kept in [low, high], by default [low, 1 - low]; a bound depends on nothing."""
    x, bottom = number(x), number(low)
    top = 1 - bottom if high is None else number(high)
    return fixed(bottom) if x.value < bottom.value else fixed(top) if x.value > top.value else x


def softmax(logits: Sequence[Real]) -> list[Number]:
    powers = [exp(x) for x in logits]
    whole = total(powers)
    return [power / whole for power in powers]


def sigmoid(logit: Real) -> Number:
    return 1 / (1 + exp(-number(logit)))


def outcomes(p: Number) -> tuple[Number, Number]:
    return p, 1 - p


def prediction(s: Real) -> tuple[Number, Number]:
    return sigmoid(s), sigmoid(-number(s))


def kl(p: Distribution, q: Distribution) -> Number:
    return total(p_k * log(p_k / q_k) for p_k, q_k in zip(p, q, strict=True))


def cross_entropy(p: Distribution, q: Distribution) -> Number:
    return total(-p_k * log(q_k) for p_k, q_k in zip(p, q, strict=True))


def js(p: Distribution, q: Distribution) -> Number:
    middle = [(p_k + q_k) / 2 for p_k, q_k in zip(p, q, strict=True)]
    return (kl(p, middle) + kl(q, middle)) / 2


BERNOULLI: dict[str, Callable[[Real, Number, float], Number]] = {
    "cross_entropy": lambda s, q, eps: -sigmoid(s) * log(clip(q, eps, 1.0)),
    "binary_cross_entropy": lambda s, q, eps: cross_entropy(prediction(s), outcomes(clip(q, eps))),
    "kl": lambda s, q, eps: kl(prediction(s), outcomes(clip(q, eps))),
    "js": lambda s, q, eps: js(prediction(s), outcomes(clip(q, eps))),
}
CATEGORICAL: dict[str, Callable[[list[Number], list[Number]], Number]] = {
    "cross_entropy": cross_entropy,
    "distillation": lambda pi, q: cross_entropy(q, pi),
    "js": js,
}
