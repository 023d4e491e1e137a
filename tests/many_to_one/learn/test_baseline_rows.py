"""The rows that the baseline reads are those of the corpus."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn import baseline_rows
from recurra.many_to_one.learn.baseline_rows import Characters, RowSource, Words, code_points
from recurra.options.network import TokenLevel

TEXT = st.text(st.sampled_from("ab .é好\n"), min_size=1, max_size=12).filter(str.strip)


def filled(texts: list[str], level: TokenLevel = "word") -> Corpus:
    corpus = Corpus(level=level)
    for text in texts:
        assert corpus.add(text, "a")
    corpus.seal()
    return corpus


def split_rows(source: RowSource, rows: list[int]) -> list[list[int]]:
    read = source.read(np.array(rows, dtype=np.int64))
    assert np.diff(read.offsets).tolist() == source.lengths(np.array(rows, dtype=np.int64)).tolist()
    return [part.tolist() for part in np.split(read.ids, read.offsets[1:-1])] if rows else []


@settings(deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=8), data=st.data())
def test_words_and_characters_of_chosen_rows(texts: list[str], data: st.DataObject) -> None:
    chosen = sorted(data.draw(st.sets(st.integers(0, len(texts) - 1))))
    with pytest.MonkeyPatch.context() as patch, filled(texts) as corpus:
        patch.setattr(baseline_rows, "_CHUNK_TOKENS", 3)
        words = Words(corpus)
        spelled = words.spellings()
        found = ["".join(spelled[i] for i in row) for row in split_rows(words, chosen)]
        assert found == ["".join(texts[row].split()) for row in chosen]
        again = ["".join(map(chr, row)) for row in split_rows(Characters(corpus), chosen)]
        assert again == [" ".join(texts[row].split()) for row in chosen]


def test_words_are_counted_where_tokens_are_characters() -> None:
    with filled(["good film", "bad", "good"], level="char") as corpus, closing(Words(corpus)) as words:
        assert words.spellings() == ["good", "film", "bad"]
        assert split_rows(words, [0, 2]) == [[0, 1], [0]]
        assert split_rows(words, []) == []


def test_code_points_beyond_sixteen_bits() -> None:
    rows = code_points(["a𝄞", "", "\ud800"])
    assert (rows.ids.tolist(), rows.offsets.tolist()) == ([97, 0x1D11E, 0xD800], [0, 2, 2, 3])
