"""What is printed of a network: its layers, its members and its n-grams."""

from __future__ import annotations

from recurra.many_to_one.shape_in_words import network_in_words

PLAIN = {"layers": 2, "cell": "gru", "hidden": 8, "direction": "both", "pooling": "max", "embedding": 5}


def test_a_network_as_earlier_models_state_it() -> None:
    assert network_in_words(PLAIN) == {"Network": "2 x GRU(8), both, max pooling, embedding 5", "N-grams": ""}


def test_members_n_grams_and_spellings() -> None:
    more = {"members": 3, "ngrams": 2, "ngram_buckets": 1009, "subwords": 977, "subword_vectors": True}
    found = network_in_words(PLAIN | more)
    assert found["Network"].startswith("the mean of 3 networks of 2 x GRU(8)")
    assert found["N-grams"] == (
        "of up to 2 words, the longer ones in 1,009 buckets; weights and vectors of unknown words from 977 buckets of "
        "character n-grams"
    )
    assert network_in_words(PLAIN | {"ngrams": 1})["N-grams"] == "single words"
