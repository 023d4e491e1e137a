"""Rows as the network sees them: the same ids that the tokeniser gives for the text."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recurra.tasks.classify.learn.examples import Examples
from recurra.text.word_tokenizer import TokenCounter, WordTokenizer

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
    assert targets.tolist() == rows.tolist()
    assert batch.lengths.tolist() == [len(expected[row].ids) for row in rows]
