"""Checkpoints and configurations from strangers: taken where they are the module's own, refused otherwise."""

import json
from contextlib import suppress
from typing import Any

import pytest
import torch
from graphs import GRAPH
from hypothesis import given, settings
from hypothesis import strategies as st

from coupling import CouplingGraph, Relatedness, keras
from coupling.torch import CoupledGraphLoss, CoupledLoss

TABLE = Relatedness([[0.5, 0.25], [1.0, 0.0]])
MODULES = {"coupled": CoupledLoss(TABLE), "graph": CoupledGraphLoss(GRAPH)}
DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
plain = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
tensors = st.builds(
    lambda shape, dtype, device: torch.ones(shape, dtype=dtype, device=device),
    st.lists(st.integers(0, 3), max_size=3),
    st.sampled_from(DTYPES),
    st.sampled_from(["cpu", "meta"]),
)
texts = plain.map(lambda value: torch.tensor(list(json.dumps(value).encode()), dtype=torch.uint8))


def parts(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the parts of mappings and lists stand."""
    items = content.items() if isinstance(content, dict) else enumerate(content)
    inner = (dict, list)
    return [
        found
        for key, value in items
        for found in ((*path, key), *(parts(value, (*path, key)) if isinstance(value, inner) else ()))
    ]


def replaced(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The same content with another value in one place."""
    if not path:
        return value
    copied = content.copy()
    copied[path[0]] = replaced(content[path[0]], path[1:], value)
    return copied


@pytest.mark.parametrize("name", MODULES)
@settings(max_examples=150)
@given(data=st.data())
def test_torch_states(name: str, data: st.DataObject) -> None:
    module = MODULES[name]
    before = {key: value.clone() for key, value in module.state_dict().items()}
    key = data.draw(st.sampled_from([*before, "colour", "edges.7.weights", ""]))
    state = before | {key: data.draw(tensors | texts | plain)}
    with suppress(RuntimeError):
        module.load_state_dict(state, strict=data.draw(st.booleans()))
    after = module.state_dict()
    assert all(torch.equal(after[key], value) for key, value in before.items())


OBJECTS = {
    "relatedness": (Relatedness.from_dict, TABLE.to_dict()),
    "graph": (CouplingGraph.from_dict, GRAPH.to_dict()),
    "matching": (
        keras.DistributionMatchingLoss.from_config,
        keras.DistributionMatchingLoss(TABLE).get_config(),
    ),
    "annotation": (keras.SoftCoAnnotationLoss.from_config, keras.SoftCoAnnotationLoss(TABLE).get_config()),
    "layer": (keras.DistributionMatching.from_config, keras.DistributionMatching(TABLE).get_config()),
}


@pytest.mark.parametrize("name", OBJECTS)
@settings(max_examples=150)
@given(data=st.data())
def test_contents(name: str, data: st.DataObject) -> None:
    """Wrong types are TypeErrors, wrong values ValueErrors, unknown names KeyErrors, each with a reason."""
    build, content = OBJECTS[name]
    own = [path for path in parts(content) if path[0] not in ("name", "dtype", "trainable")]  # of Keras
    wrong = replaced(content, data.draw(st.sampled_from(own)), data.draw(plain))
    try:
        made = build(wrong)
    except (KeyError, TypeError, ValueError) as error:
        said = str(error)
    else:
        said = "" if made is None else "it should be taken"
    assert any(words in said for words in (" should ", " is missing", " is no field", " is not taken")), said
