"""The paper's own examples, seen through the losses."""

from itertools import product

import numpy as np
import pytest
from compare import assert_close

from backends import numpy, strict, torch_adapter
from coupling.knowledge import du2014

TABLE = du2014()
UNITS = TABLE.attributes
CERTAIN = 1e4  # a logit whose probability is 1
backends = pytest.mark.parametrize("backend", [numpy, strict, torch_adapter], ids=repr)


def only_unit(name):
    return np.asarray([unit == name for unit in UNITS])


def certainly(name):
    return np.where([expression == name for expression in TABLE.classes], CERTAIN, 0.0)[None]


def mixture(backend, class_logits, unit):
    """-log q of one action unit: equation 3 where that unit is certain and no other takes part."""
    call = backend.prepare("distribution_matching", {"relatedness": TABLE, "attribute_mask": only_unit(unit)})
    return call({"class_logits": class_logits, "attribute_logits": np.full((1, 17), CERTAIN)}).value


@backends
def test_mixture_of_au2(backend):
    """q(AU2) = p(surprise) + p(fear)."""
    z = np.random.default_rng(0).normal(size=(1, 7))
    pi = dict(zip(TABLE.classes, np.exp(z[0]) / np.exp(z[0]).sum(), strict=True))
    assert_close(mixture(backend, z, "AU2"), -np.log(pi["surprise"] + pi["fear"]))


@backends
def test_certain_happiness(backend):
    """q is 1 for AUs 12, 25 and 6, and 0, which is kept at eps, for the other 14."""
    for unit in UNITS:
        expected = 0.0 if unit in ("AU12", "AU25", "AU6") else -np.log(1e-7)
        assert_close(mixture(backend, certainly("happiness"), unit), expected)


@backends
def test_indicator_of_happiness(backend):
    """I(happy) = (AU12 + AU25 + 0.51 AU6) / 2.51.

    Equation 6 is -log q of a class that is certain, and log q differs between classes as I does; I of
    neutral, which has no units, is 0.
    """
    call = backend.prepare("soft_co_annotation", {"relatedness": TABLE})
    for au12, au25, au6 in product([0.0, 0.25, 1.0], repeat=3):
        values = {"AU12": au12, "AU25": au25, "AU6": au6}
        labels = np.asarray([[values.get(unit, 0.0) for unit in UNITS]])
        happy, neutral = (
            call({"class_logits": certainly(name), "attribute_labels": labels}).value
            for name in ("happiness", "neutral")
        )
        assert_close(neutral - happy, (au12 + au25 + 0.51 * au6) / 2.51)


@backends
def test_soft_label_of_happiness(backend):
    """Equation 5 where just the units of happiness are active: the other classes share units with it."""
    labels = np.asarray([[float(unit in ("AU12", "AU25", "AU6")) for unit in UNITS]])
    call = backend.prepare("soft_co_annotation", {"relatedness": TABLE})
    q = [
        np.exp(-call({"class_logits": certainly(name), "attribute_labels": labels}).value)
        for name in TABLE.classes
    ]
    active = TABLE.weights[:, [unit in ("AU12", "AU25", "AU6") for unit in UNITS]].sum(axis=1)
    indicator = np.divide(active, TABLE.weights.sum(axis=1), where=active > 0, out=np.zeros(7))
    assert_close(np.asarray(q), np.exp(indicator) / np.exp(indicator).sum())
    assert TABLE.classes[np.argmax(q)] == "happiness"
