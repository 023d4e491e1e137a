"""What n-grams add to an answer, against plain Python: in whole batches and n-gram by n-gram."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.many_to_one.ngrams import NgramModel
from recurra.text.tokenizer import Encoding
from recurra.text.word_tokenizer import WordTokenizer
from support.ngram_models import KINDS, UNHEARD, WORDS, by_hand, features_by_hand, network, shape, table_of

TEXTS = st.lists(
    st.lists(st.sampled_from([*WORDS[:5], *UNHEARD]), min_size=1, max_size=9).map(" ".join), min_size=1, max_size=5
)
WITH_NGRAMS = [kind for kind in KINDS if kind["order"]]


def batch_of(encodings: list[Encoding], vocabulary: int, width: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Ids padded with a word, and the spellings of all rows' unknown words, numbered from one row to the next."""
    ids = np.full((len(encodings), width), 3, dtype=np.int64)
    novel: list[np.ndarray] = []
    for row, encoding in zip(ids, encodings, strict=True):
        own = encoding.ids.astype(np.int64)
        row[: len(own)] = np.where(own >= vocabulary, own + len(novel), own)
        novel += encoding.novel
    return ids, np.array([len(encoding) for encoding in encodings]), novel


@pytest.mark.parametrize("kind", WITH_NGRAMS, ids=str)
@given(texts=TEXTS)
def test_logits_are_the_sums_by_hand(kind: dict[str, Any], texts: list[str]) -> None:
    network_shape, (model, weights) = shape(**kind), made(**kind)
    encodings = [WordTokenizer(WORDS, max_tokens=None, subwords=network_shape.subwords).encode(text) for text in texts]
    expected = [by_hand(network_shape, weights, text) for text in texts]
    for extra in (0, 3):
        ids, lengths, novel = batch_of(encodings, network_shape.vocabulary, max(map(len, encodings)) + extra)
        np.testing.assert_allclose(model.logits(ids, lengths, novel), expected, atol=1e-5)
    for encoding, sums in zip(encodings, expected, strict=True):
        shares = model.shares(encoding)
        np.testing.assert_allclose(
            sum((share.weights for share in shares), np.zeros(model.weights.shape[1])), sums, atol=1e-5
        )


def test_each_share_has_its_places_and_counts_once() -> None:
    (model, weights), network_shape = made(order=2, subwords=97, vectors=True), shape(2, subwords=97, vectors=True)
    tokenizer = WordTokenizer(WORDS, max_tokens=None, subwords=97)
    encoding = tokenizer.encode("w1 w2 zork w1 w2 zork zork")
    found = {(share.tokens, share.begins): share.weights for share in model.shares(encoding)}
    assert sorted(found) == [(1, (0, 3)), (1, (1, 4)), (1, (2, 5, 6)), (2, (0, 3))]
    table = table_of(weights, "ngrams")
    np.testing.assert_allclose(found[1, (0, 3)], table[3], rtol=1e-5)
    (pair,) = features_by_hand([3, 4], network_shape.vocabulary, 2) - {3, 4}
    np.testing.assert_allclose(found[2, (0, 3)], table[pair], rtol=1e-5)
    alone = by_hand(network_shape, weights, "zork")
    np.testing.assert_allclose(found[1, (2, 5, 6)], alone, rtol=1e-4, atol=1e-6)


def test_fillers_and_unknown_words_of_a_closed_vocabulary_add_nothing() -> None:
    model, _ = made(order=3, outputs=3)
    for ids in ([1], [0], [0, 0, 1, 1]):
        row = np.array([ids], dtype=np.int64)
        assert not model.logits(row, np.array([len(ids)]), []).any()
        assert model.shares(Encoding(row[0].astype(np.int32), len(ids), 0)) == []


def test_a_network_alone_has_none() -> None:
    for kind in ({"order": 0}, {"order": 0, "subwords": 53, "vectors": True}):
        assert NgramModel.of(shape(**kind), network(shape(**kind)).exported()) is None


def made(**kind: Any) -> tuple[NgramModel, dict[str, Any]]:
    weights = network(shape(**kind)).exported()
    model = NgramModel.of(shape(**kind), weights)
    assert model is not None
    return model, weights
