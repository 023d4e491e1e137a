"""Counts of tokens that are unknown or cut, and the sentences about them."""

from __future__ import annotations

import numpy as np

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.findings import token_counts, token_findings, with_ngrams
from recurra.many_to_one.learn.vocabulary import fit_vocabulary
from recurra.many_to_one.options import ModelOptions
from recurra.training.split import Parts


def test_unknown_and_cut_tokens_are_counted_and_told() -> None:
    options = ModelOptions(max_tokens=3, min_count=2, level="word", subwords="none")
    with Corpus() as corpus:
        for text in ("a b a b a", "a b", "c d e", "a"):
            corpus.add(text, "x")
        corpus.seal()
        test = np.array([False, False, True, False])
        parts = Parts(~test, np.zeros(4, dtype=bool), test, "")
        vocabulary = fit_vocabulary(corpus, parts.train, options, None, None)
        counts = token_counts(corpus, parts, options, vocabulary)
        assert counts == {
            "tokens": 11,
            "vocabulary": vocabulary.tokenizer.size,
            "truncated_rows": 1,
            "lost_tokens": 2,
            "unknown_rate": 1.0,
        }
        told = " ".join(token_findings(corpus, counts, options))
    assert "100% of the held-out tokens are unknown" in told
    assert "1 of 4 texts are longer than 3 tokens" in told


def test_n_grams_in_words() -> None:
    assert with_ngrams(ModelOptions(ngrams=0)) == ""
    assert with_ngrams(ModelOptions(ngrams=1, level="char")) == "single characters, "
    assert with_ngrams(ModelOptions(ngrams=3, level="word")) == "n-grams of 1 to 3 words, "
