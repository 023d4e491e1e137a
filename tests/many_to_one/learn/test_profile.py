"""The profile of a corpus counts the tokens that a model counts, at every level."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import recurra
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.profile import profile_of
from recurra.many_to_one.text_profile import NAME, TextProfile


def test_only_the_chosen_rows_count() -> None:
    with Corpus() as corpus:
        for text in ("one", "one two", "", "one two three"):
            corpus.add(text, "x")
        corpus.seal()
        found = profile_of(corpus, np.array([False, True, True]), labels={"x": 2})[NAME]
        assert profile_of(corpus, np.zeros(3, dtype=bool)) == {}
    assert (found["rows"], found["empty"], found["lengths"][0], found["lengths"][-1]) == (2, 0.25, 2, 3)


@pytest.mark.parametrize("level", ["word", "bpe", "char"])
def test_lengths_are_those_that_the_model_counts(level: Any, tmp_path: Any) -> None:
    texts = [f"Some words, {'more and ' * (n % 5)}more {n}!" for n in range(60)]
    more = {"vocabulary": 300} if level == "bpe" else {}
    made = recurra.SequenceClassifier(level=level, max_tokens=12, hidden=4, embedding=4, epochs=1, threads=1, **more)
    made.fit(texts, ["a", "b"] * 30).save(tmp_path / "m")
    model = recurra.load(tmp_path / "m", task="classify")
    stated = TextProfile.stated(model.manifest)
    tokens = sorted(encoding.tokens for encoding in model.encode(texts))
    assert stated is not None and (stated.lengths[0], stated.lengths[50], stated.lengths[-1]) == (
        tokens[0],
        tokens[round(0.5 * 59)],
        tokens[-1],
    )
    assert tokens[-1] > 12 or level == "word"
