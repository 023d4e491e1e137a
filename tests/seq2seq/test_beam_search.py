"""The bounds of a search; what it finds is compared with torch in `learn/test_graphs.py`."""

from __future__ import annotations

import math

import pytest

from recurra.errors import OptionError
from recurra.options.decoding import MAX_BEAM, MAX_LENGTH_PENALTY
from recurra.seq2seq.beam_search import Search


def test_the_bounds_are_accepted() -> None:
    assert Search(1, 0).beam == 1
    assert Search(MAX_BEAM, MAX_LENGTH_PENALTY) == Search(64, 4)


@pytest.mark.parametrize("beam", [0, -1, 65])
def test_a_beam_out_of_range_is_refused(beam: int) -> None:
    with pytest.raises(OptionError, match=rf"^The beam width must be from 1 \(greedy search\) to 64; got {beam}\.$"):
        Search(beam, 1.0)


@pytest.mark.parametrize("penalty", [-0.1, 4.5, math.nan, math.inf])
def test_a_length_penalty_out_of_range_is_refused(penalty: float) -> None:
    with pytest.raises(OptionError, match=r"^The length penalty must be from 0 to 4; got "):
        Search(5, penalty)
