"""The shape of an encoder-decoder counts the weights that its network has."""

from __future__ import annotations

import itertools

import pytest

from recurra.nn.cells import CELLS
from recurra.seq2seq.learn.network import Seq2Seq
from recurra.seq2seq.shape import Seq2SeqShape


@pytest.mark.parametrize(("cell", "layers"), list(itertools.product(CELLS, (1, 2, 3))))
def test_parameters_are_those_of_the_network(cell: str, layers: int) -> None:
    shape = Seq2SeqShape(
        vocabulary=17, embedding=5, cell=cell, hidden=3, layers=layers, max_tokens=9, beam=2, length_penalty=1.0
    )  # type: ignore[arg-type]
    assert shape.parameters == sum(weight.numel() for weight in Seq2Seq(shape).parameters())
    assert len(shape.states) == len(set(shape.states)) == (layers + 1) * CELLS[cell].states
