"""The sentence on the word vectors that a model started from."""

from __future__ import annotations

from recurra.data.word_vectors.coverage import vectors_in_words

FACTS = {
    "name": "glove.6B.100d",
    "format": "GloVe text",
    "sha256": "0123456789abcdef" * 4,
    "dimensions": 100,
    "vocabulary_covered": 0.912,
    "tokens_covered": 0.9876,
    "words_beyond_training": 20_000,
}


def test_it_names_file_digest_width_and_coverage() -> None:
    assert vectors_in_words(FACTS) == (
        "glove.6B.100d (GloVe text, 100 numbers a word, sha256 0123456789ab); it has 91.2% of the vocabulary and 98.8% "
        "of the training tokens, and 20,000 further words come along"
    )
    assert vectors_in_words(FACTS | {"words_beyond_training": 0}).endswith("98.8% of the training tokens")
    assert vectors_in_words(None) == ""
