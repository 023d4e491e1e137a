"""Rows as the network sees them: the same ids that the tokeniser gives for the text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.examples import Examples, Targets
from recurra.text.word_tokenizer import TokenCounter, WordTokenizer
from support.ngram_models import examples_of

TEXTS = st.lists(st.text("abcd ", max_size=20), min_size=1, max_size=6)


@given(TEXTS, st.integers(1, 6), st.sampled_from(["head", "tail", "both"]), st.booleans())
def test_an_example_is_its_text_encoded(texts: list[str], limit: int, truncate: str, fill: bool) -> None:
    counter = TokenCounter()
    ids = [counter.number(text) for text in texts]
    words, table = counter.vocabulary(ids[:1], size=3, min_count=1)
    counts = np.array([len(i) for i in ids], dtype=np.int64)
    tokenizer = WordTokenizer(words, max_tokens=limit, truncate=truncate, fill=fill)  # type: ignore[arg-type]
    examples = Examples(
        np.concatenate(ids), np.cumsum(counts) - counts, counts, table, tokenizer, np.arange(len(texts), dtype=np.int64)
    )
    expected = [tokenizer.encode(text) for text in texts]
    assert [examples.encoding(row).ids.tolist() for row in range(len(texts))] == [e.ids.tolist() for e in expected]
    assert examples.lengths.tolist() == [len(e.ids) for e in expected]
    assert examples.truncated.tolist() == [e.truncated for e in expected]
    rows = np.arange(len(texts))[::-1].copy()
    batch, targets = examples.select(rows).batch(np.arange(len(texts)))
    assert targets.labels.tolist() == rows.tolist() and targets.offsets is None
    assert batch.lengths.tolist() == [len(expected[row].ids) for row in rows]


@pytest.mark.parametrize("classes", [2, 3])
def test_logits_that_stand_beside_come_with_their_rows(classes: int) -> None:
    objective, rng = Classification(classes, False), np.random.default_rng(0)
    outputs = objective.outputs
    offsets = rng.normal(size=(5, outputs)).astype(np.float32)
    examples = replace(examples_of([[2], [3, 4], [5], [6], [7]], [1, 0, 1, 0, 1]), offsets=offsets)
    _, targets = examples.select(np.array([4, 0, 2])).batch(np.array([2, 0]))
    assert targets.offsets is not None and len(targets) == 2
    np.testing.assert_array_equal(targets.offsets.numpy(), offsets[[2, 4]])
    logits = torch.from_numpy(rng.normal(size=(2, outputs)).astype(np.float32))
    whole = logits + torch.from_numpy(offsets[[2, 4]])
    plain = Targets(targets.labels)
    torch.testing.assert_close(objective.loss(logits, targets), objective.loss(whole, plain))
    assert objective.metrics(logits, targets) == objective.metrics(whole, plain)


def test_words_are_counted_as_they_are_read() -> None:
    examples = examples_of([[2, 2, 3], [0, 1, 5, 2]], [0, 1], ["a", "b", "c", "d"])
    assert examples.word_counts().tolist() == [3, 1, 0, 1]
    cut = replace(examples, tokenizer=WordTokenizer(["a", "b", "c", "d"], max_tokens=2, truncate="head"))
    assert cut.word_counts().tolist() == [2, 0, 0, 0]
