"""The rows that a model is most wrong about."""

from __future__ import annotations

import numpy as np

from recurra.many_to_one.corpus import Corpus
from recurra.tasks.multilabel.learn.mistakes import worst_rows


def test_wrong_rows_by_surprise_each_text_once() -> None:
    texts = ["right", "a little wrong", "very wrong", "VERY wrong", "x" * 700]
    with Corpus() as corpus:
        for text in texts:
            corpus.add(text, "[]")
        corpus.seal()
        members = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 1]], dtype=bool)
        chances = np.array([[0.9, 0.1], [0.4, 0.1], [0.99, 0.01], [0.99, 0.02], [0.2, 0.3]])
        found = worst_rows(corpus, np.arange(5), chances, members, chances >= 0.5, ["a", "b"])
    assert [row["row"] for row in found] == [3, 5, 2]  # of two copies the first
    assert found[0] == {
        "row": 3, "text": "very wrong", "truth": ["b"], "given": ["a"],
        "missing": [{"label": "b", "probability": 0.01}], "wrong": [{"label": "a", "probability": 0.99}],
    }  # fmt: skip
    assert found[1]["text"] == "x" * 600 + " …" and found[1]["given"] == []
