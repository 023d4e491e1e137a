"""What making a fitted network takes, whether it begins anew or goes on."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.fitted import as_read, windowed, with_mean_one
from recurra.text.word_tokenizer import WordTokenizer


def test_rows_are_read_with_the_spelling_of_unknown_words_where_the_model_reads_it() -> None:
    with Corpus() as corpus:
        for text in ("a film", "zesty film", "a a"):
            corpus.add(text, "x")
        corpus.seal()
        chosen = np.array([False, True, True])
        for subwords in (0, 11):
            tokenizer = WordTokenizer(["a", "film"], max_tokens=None, subwords=subwords)
            table = corpus.counter.table(tokenizer.words)
            rows = Examples(corpus.pool, corpus.starts, corpus.counts, table, tokenizer, np.zeros(3)).select(chosen)
            found = as_read(corpus, rows, chosen, tokenizer)
            expected = [tokenizer.encode(text) for text in ("zesty film", "a a")]
            assert [one.ids.tolist() for one in found] == [one.ids.tolist() for one in expected]
            assert [len(one.novel) for one in found] == [int(subwords > 0), 0]


def test_weights_have_a_mean_of_one_over_the_training_rows() -> None:
    weights, training = np.array([1.0, 3.0, 8.0]), np.array([True, True, False])
    assert with_mean_one(weights, training).tolist() == [0.5, 1.5, 4.0]


@pytest.mark.parametrize(("limit", "window", "read"), [(10, 4, 4), (3, 4, 3), (None, 4, 4), (10, None, 10)])
def test_a_step_reads_no_more_than_the_window(limit: int | None, window: int | None, read: int | None) -> None:
    assert windowed(WordTokenizer(["a"], max_tokens=limit), window).max_tokens == read
