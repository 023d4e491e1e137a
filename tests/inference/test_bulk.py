"""Answers to a stream of rows: in order, in bounded memory, the same whatever the threads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import OutputError
from recurra.inference.bulk import AHEAD, Answering, answered, check_output

ROWS = list(range(100))


def how(threads: int = 2) -> Answering:
    def answer(piece: list[int]) -> dict[str, Any]:
        return {"square": np.array(piece) ** 2, "name": [str(row) for row in piece]}

    return Answering(answer, piece_rows=8, part_rows=16, threads=threads, prepare=lambda row: row + 1)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_answers_come_in_order_whatever_the_threads(threads: int) -> None:
    pieces = list(answered(ROWS, how(threads)))
    assert [len(piece["name"]) for piece in pieces] == [8] * 12 + [4]
    assert np.concatenate([piece["square"] for piece in pieces]).tolist() == [(row + 1) ** 2 for row in ROWS]
    assert [name for piece in pieces for name in piece["name"]] == [str(row + 1) for row in ROWS]
    assert list(answered([], how(threads))) == []


def test_it_reads_only_a_few_pieces_ahead() -> None:
    read = 0

    def endless() -> Iterator[int]:
        nonlocal read
        while True:
            read += 1
            yield read

    before = sys.getswitchinterval()
    answers = answered(endless(), how(2))
    for number in range(1, 6):
        next(answers)
        assert read <= 8 * (number + 2 + AHEAD)
    answers.close()  # type: ignore[attr-defined]
    assert sys.getswitchinterval() == before


def test_an_error_in_the_input_ends_it() -> None:
    def breaking() -> Iterator[int]:
        yield from ROWS[:50]
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        list(answered(breaking(), how()))


def test_where_an_output_leads(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "there.bin")
    assert (
        check_output(tmp_path / "link.csv", [".csv"], overwrite=False, escape_formulas=False) == tmp_path / "there.bin"
    )
    (tmp_path / "round.csv").symlink_to(tmp_path / "round.csv")
    with pytest.raises(OutputError, match="a link that leads round in a circle"):
        check_output(tmp_path / "round.csv", [".csv"], overwrite=False, escape_formulas=False)
