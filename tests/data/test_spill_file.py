"""Bytes spilled to disk read as the bytes that were appended, wherever the buffer ends."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data import spill_file
from recurra.data.spill_file import SpillFile
from recurra.errors import OutputError


@given(st.lists(st.binary(max_size=30), max_size=12), st.integers(1, 40), st.data())
def test_any_part_reads_as_it_was_appended(pieces: list[bytes], buffer: int, data: st.DataObject) -> None:
    whole = b""
    with pytest.MonkeyPatch.context() as patch, closing(SpillFile("bytes")) as file:
        patch.setattr(spill_file, "BUFFER", buffer)
        for piece in pieces:
            file.append(memoryview(piece))
            whole += piece
            assert len(file) == len(whole)
            start = data.draw(st.integers(0, len(whole)))
            end = data.draw(st.integers(start, len(whole)))
            assert file.read(start, end) == whole[start:end]


def test_what_was_never_appended_is_no_longer_whole() -> None:
    file = SpillFile("numbers")
    file.append(b"abc")
    with pytest.raises(OutputError, match=r"The numbers that were written to .* are no longer whole"):
        file.read(0, 4)
    file.close()


def test_a_chosen_directory_is_named_in_errors_and_holds_no_name(tmp_path: Path) -> None:
    file = SpillFile("texts", tmp_path)
    file.append(b"x" * (spill_file.BUFFER + 1))
    assert list(tmp_path.iterdir()) == []
    file.close()
    with pytest.raises(OutputError, match=r"Cannot write the texts to .*gone.* Choose a place that can be written to"):
        SpillFile("texts", tmp_path / "gone")
