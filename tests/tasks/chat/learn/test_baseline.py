"""The most similar turn, beside whose reply a chat model is judged."""

from __future__ import annotations

from recurra.tasks.chat.learn.baseline import RetrievalBaseline


def test_the_nearest_turn_shares_the_rarest_words() -> None:
    turns = ["where is the bank ?", "the cat sat", "how is the weather today ?", "the the the"]
    nearest = RetrievalBaseline.fit(turns)
    assert nearest.find(["is the weather good ?", "a cat !", "bank"]).tolist() == [2, 1, 0]
    assert nearest.find([]).tolist() == []
