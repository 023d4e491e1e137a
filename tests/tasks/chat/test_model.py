"""Which turns a reply is made from, and which of several replies fits them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import recurra
from recurra.errors import OptionError
from recurra.tasks.chat.model import OTHER, SELF, source_of
from support.live_models import write_chatter

TURNS = ["Good morning to you.", "Where do you live?"]


def test_speakers_are_marked_and_the_oldest_pieces_are_dropped() -> None:
    turns = [[10, 11], [12], [], [13, 14]]
    assert source_of(turns, 3, 99) == [SELF, 10, 11, OTHER, 12, OTHER, 13, 14]
    assert source_of(turns, 2, 99) == [OTHER, 12, OTHER, 13, 14]
    assert source_of(turns, 3, 4) == [12, OTHER, 13, 14]
    assert source_of([], 3, 4) == []


def test_replies_are_ranked_each_for_itself(tmp_path: Path) -> None:
    chatter = recurra.load(write_chatter(tmp_path / "chatter", match=5), task="chat")
    replies = ["Here.", "No.", "naïve — \U0001f600 日本", "Good morning to you. " * 40]
    scores = chatter.rank(TURNS, replies)
    assert scores.shape == (4,) and np.isfinite(scores).all() and len(set(scores.round(4))) == 4
    alone = [float(chatter.rank(TURNS, [reply])[0]) for reply in replies]
    np.testing.assert_allclose(scores, alone, atol=1e-4)
    assert not np.allclose(scores, chatter.rank(TURNS[:1], replies), atol=1e-3)
    assert chatter.rank(TURNS, []).shape == (0,)


def test_what_cannot_be_ranked_is_refused(tmp_path: Path) -> None:
    chatter = recurra.load(write_chatter(tmp_path / "chatter", match=5), task="chat")
    with pytest.raises(OptionError, match="every turn is empty"):
        chatter.rank([" "], ["Here."])
    with pytest.raises(OptionError, match="replies must be a list of texts; got one text"):
        chatter.rank(TURNS, "Here.")
    with pytest.raises(OptionError, match="Item 1 of replies is"):
        chatter.rank(TURNS, ["Here.", 7])  # type: ignore[list-item]
    with pytest.raises(OptionError, match="Item 1 of replies is empty"):
        chatter.rank(TURNS, ["Here.", " \n"])
    older = recurra.load(write_chatter(tmp_path / "older"), task="chat")
    with pytest.raises(OptionError, match="Train it again"):
        older.rank(TURNS, ["Here."])
