"""Two names are ways to start; everything else names a file."""

from __future__ import annotations

from recurra.options.word_vectors import WordVectorOptions, names_a_file


def test_which_values_name_a_file() -> None:
    assert not names_a_file(WordVectorOptions().word_vectors)
    assert not names_a_file("random")
    assert names_a_file("glove.6B.100d") and names_a_file("./counted")
