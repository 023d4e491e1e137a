"""The shape of a network for series: what it counts is what its weights hold, and what cannot be is refused."""

from __future__ import annotations

import math
from itertools import product

import pytest
from pydantic import ValidationError

from recurra.tasks.series.shape import SeriesShape
from support.series import shape, weights_of


@pytest.mark.parametrize(
    ("cell", "direction", "dilations"), [*product(("rnn", "lstm"), ("both", "forward"), ((), (1, 4)))]
)
def test_counts_its_weights(cell: str, direction: str, dilations: tuple[int, ...]) -> None:
    network = shape(cell=cell, direction=direction, dilations=dilations, biases=len(dilations))
    weights = weights_of(network)
    assert {name: array.shape for name, array in weights.items()} == network.weight_shapes()
    assert network.parameters == sum(math.prod(size) for size in network.weight_shapes().values())
    assert SeriesShape.model_validate_json(network.model_dump_json()) == network
    assert network.labels == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "regress"},
        {"outputs": 1},
        {"dilations": ()},
        {"biases": 0},
        {"dilations": (0,)},
        {"channels": 0},
        {"pool": 0},
        {"front": ()},
        {"front": ((4, 6, 1),)},
        {"front": ((33, 6, 1),)},
        {"front": ((3, 6, 65),)},
        {"kind": "other"},
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        shape(**changes)


def test_a_number_has_no_labels() -> None:
    assert shape(kind="regress", outputs=1).labels == 0
