"""The corpus: what goes in comes out, from disk, with memory and files that go when it is closed."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data import spill_file
from recurra.errors import OutputError
from recurra.many_to_one import corpus as corpus_module
from recurra.many_to_one.corpus import Corpus
from recurra.text.tokenizer import UNKNOWN

ROWS = [
    ("A good film.", "p"),
    ("", "p"),
    ("a bad film", "n"),
    ("what?", ""),
    ("A  GOOD film.<br />", "n"),
    ("…", "p"),
    (None, "n"),
    ("bad", None),
]


def filled(rows: list[tuple[str | None, str | None]], directory: Path | None = None) -> Corpus:
    corpus = Corpus(directory)
    for text, label in rows:
        corpus.add(text, label)
    corpus.seal()
    return corpus


def test_rows_without_a_text_or_a_label_are_left_out_and_counted() -> None:
    with filled(ROWS) as corpus:
        assert len(corpus) == 4
        assert corpus.sources.tolist() == [1, 3, 5, 6]
        assert list(corpus.texts) == ["A good film.", "a bad film", "A  GOOD film.<br />", "…"]
        assert [corpus.label_names[i] for i in corpus.labels] == ["p", "n", "n", "p"]
        assert corpus.groups[0] == corpus.groups[2]
        assert len(set(corpus.groups.tolist())) == 3
        report = corpus.quality.report()
        assert (report["rows"], report["empty_texts"], report["missing_labels"]) == (8, 2, 2)
        assert report["conflicting_texts"] == 1


@given(
    st.lists(st.tuples(st.text(max_size=40), st.sampled_from(["a", "b", "c\n"])), max_size=30),
    st.integers(1, 20),
    st.randoms(use_true_random=False),
)
def test_ids_are_those_that_the_tokeniser_gives(rows: list[tuple[str, str]], flush: int, random: Random) -> None:
    """However small the pieces are in which ids are written and counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill_file, "BUFFER", flush)
        patch.setattr(corpus_module, "CHUNK_TOKENS", flush)
        with filled(list(rows)) as corpus:
            training = np.array([random.random() < 0.5 for _ in range(len(corpus))], dtype=bool)
            tokenizer, table = corpus.tokenizer(
                training, size=1000, min_count=1, max_tokens=None, truncate="tail", fill=False
            )
            texts = list(corpus.texts)
            for row, text in enumerate(texts):
                start = corpus.starts[row]
                ids = table[corpus.pool[start : start + corpus.counts[row]]]
                encoding = tokenizer.encode(text)
                assert encoding.tokens == len(ids)
                if len(ids):
                    assert ids.tolist() == encoding.ids.tolist()
                    assert not training[row] or UNKNOWN not in ids
            assert int(corpus.counts.sum()) == len(corpus.pool)


def test_the_fingerprint_is_of_every_text_and_label_in_order() -> None:
    rows: list[tuple[str | None, str | None]] = [("one text", "a"), ("two", "b"), ("three", "a")]
    prints = set()
    for changed in (rows, rows[::-1], rows[:2], [("one texts", "a"), *rows[1:]], [("one text", "b"), *rows[1:]]):
        with filled(changed) as corpus:
            prints.add(corpus.fingerprint)
    assert len(prints) == 5
    with filled([*rows[:1], ("", "a"), *rows[1:]]) as corpus:
        assert corpus.fingerprint in prints


def test_no_row_at_all() -> None:
    with filled([]) as corpus:
        assert (len(corpus), len(corpus.pool), corpus.groups.tolist()) == (0, 0, [])
        tokenizer, table = corpus.tokenizer(
            np.zeros(0, dtype=bool), size=10, min_count=1, max_tokens=None, truncate="tail", fill=False
        )
        assert (tokenizer.words, table.tolist()) == ([], [])


def test_no_file_is_seen_or_left(tmp_path: Path) -> None:
    with filled(ROWS, tmp_path) as corpus:
        assert os.listdir(tmp_path) == []  # nameless: a killed process leaves nothing
        assert corpus.pool[:].dtype == np.int32
    with pytest.raises(ValueError, match="closed"):
        corpus.pool[:]


def test_a_place_that_is_not_there_or_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutputError, match=r"none: No such file or directory. Choose a place"):
        Corpus(tmp_path / "none")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(spill_file, "BUFFER", 3)
    with Corpus(tmp_path) as corpus:
        monkeypatch.setattr(os, "pwrite", full)
        with pytest.raises(OutputError, match=r"No space left on device\. Free some space there"):
            corpus.add("one two three four", "a")


def test_rows_are_numbered_within_their_file() -> None:
    with Corpus() as corpus:
        for text in ("one", "", "two"):
            corpus.add(text, "x")
        corpus.next_file()
        for text in ("", "one", "three"):
            corpus.add(text, "x")
        corpus.seal()
        assert corpus.sources.tolist() == [1, 3, 2, 3]
        assert corpus.groups[0] == corpus.groups[2]
        assert len(set(corpus.groups.tolist())) == 3
