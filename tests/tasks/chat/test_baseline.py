"""The most similar turn, beside whose reply a chat model is judged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from recurra.tasks.chat.baseline import RetrievalBaseline

TURNS = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d", "Élan", "the", ",", "?"]), max_size=6).map(" ".join), max_size=8
)


def test_the_nearest_turn_shares_the_rarest_words() -> None:
    turns = ["where is the bank ?", "the cat sat", "how is the weather today ?", "the the the"]
    nearest = RetrievalBaseline.fit(turns)
    assert nearest.find(["is the weather good ?", "a cat !", "bank"]).tolist() == [2, 1, 0]
    assert nearest.find([]).tolist() == []


def test_the_first_of_equally_near_turns_is_found() -> None:
    nearest = RetrievalBaseline.fit(["x", "b a", "a b", "A B"])
    assert nearest.find(["a b", "unknown", ""]).tolist() == [1, 0, 0]


@given(TURNS.filter(lambda turns: any(turn.strip() for turn in turns)), TURNS)
def test_cosines_are_those_of_scikit_learn(turns: list[str], others: list[str]) -> None:
    vectoriser = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True)
    known = vectoriser.fit_transform(turns)
    ours = RetrievalBaseline.fit(turns)
    if others:
        queries = vectoriser.transform(others)
        expected = (queries @ known.T).toarray()
        assert ours.similarity(others, turns) == pytest.approx(expected, abs=1e-9)
        found = ours.find(others)
        assert expected[np.arange(len(others)), found] == pytest.approx(expected.max(axis=1), abs=1e-8)
        assert all(found == np.argmax(expected >= expected.max(axis=1, keepdims=True) - 1e-9, axis=1))
    assert ours.similarity([], turns).shape == (0, len(turns))
