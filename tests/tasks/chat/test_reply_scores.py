"""The scores of a chat model on held-out replies, by a model whose answers are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from recurra.seq2seq.decoder import Scored
from recurra.tasks.chat.baseline import RetrievalBaseline
from recurra.tasks.chat.model import Chatter
from recurra.tasks.chat.reply_scores import HeldOut, ReplyScores


class Knowing:
    """Finds a reply twice as likely a subword after its own turns, the ids of both being equal, as after others."""

    shape = SimpleNamespace(match_weight=0.0)

    def score(self, sources: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]) -> list[Scored]:
        own = np.log(np.float32(2))
        return [
            Scored(
                np.full(len(reply) + 1, own if list(source) == list(reply) else 2 * own), np.ones(len(reply) + 1, bool)
            )
            for source, reply in zip(sources, replies, strict=True)
        ]

    def replies(self, sources: Sequence[Sequence[int]], *, seed: int) -> list[str]:
        return ["one two"] * len(sources)

    def likeliest(self, sources: Sequence[Sequence[int]]) -> list[str]:
        return ["one one"] * len(sources)


def held_out(count: int, dialogues: int) -> HeldOut:
    ids = [[10 + number] * (1 + number % 3) for number in range(count)]
    return HeldOut(
        ids,
        ids,
        [f"turn {number}" for number in range(count)],
        [f"reply {number}" for number in range(count)],
        np.arange(count) % dialogues,
    )


def scored(count: int, dialogues: int, **options: Any) -> ReplyScores:
    return ReplyScores(cast(Chatter, Knowing()), held_out(count, dialogues), seed=0, **options)


def test_a_model_that_knows_its_context_gains_from_it_and_finds_every_reply() -> None:
    scores = scored(40, 20).scores(np.ones(40, dtype=bool))
    assert scores["perplexity"] == pytest.approx(2) and scores["perplexity_of_another_context"] == pytest.approx(4)
    assert scores["context_gain"] == pytest.approx(np.log(2), rel=1e-6)
    assert (scores["right_choice"], scores["choices"], scores["rows"], scores["replies"]) == (1.0, 10, 40, 40)
    assert scores["distinct_1"] == pytest.approx(2 / 80)
    assert scores["likeliest"]["distinct_1"] == pytest.approx(1 / 80)


def test_a_part_is_scored_by_its_own_rows() -> None:
    replies = scored(40, 20)
    part = np.arange(40) < 12
    assert replies.scores(part)["rows"] == replies.scores(part)["replies"] == 12
    assert replies.people()["distinct_1"] == pytest.approx(41 / 80)  # "reply" and the numbers


def test_the_baseline_chooses_by_likeness_to_the_reply_that_it_retrieves() -> None:
    replies = scored(20, 20)
    assert replies.baseline_credits is None
    replies.look_up(
        RetrievalBaseline.fit([f"turn {number}" for number in range(20)]), [f"reply {number}" for number in range(20)]
    )
    assert replies.looked_up == [f"reply {number}" for number in replies.sample]
    scores = replies.baseline_scores(np.ones(20, dtype=bool))
    assert scores["right_choice"] == 1.0  # a turn and its reply share their number
    assert scores["distinct_1"] == pytest.approx(21 / 40)


def test_a_single_reply_is_no_choice() -> None:
    scores = scored(1, 1).scores(np.ones(1, dtype=bool))
    assert "right_choice" not in scores and "context_gain" not in scores and scores["rows"] == 1
    assert scores["perplexity_ci95"] is None and scores["accuracy_ci95"] is None and scores["bleu_ci95"] is None


def test_likeness_to_the_given_replies_is_left_out_on_request() -> None:
    whole, without = (scored(12, 12, likeness=wanted).scores(np.ones(12, dtype=bool)) for wanted in (True, False))
    assert {name for name in whole if name not in without} == {
        "bleu", "bleu_ci95", "bleu_signature", "chrf", "chrf_ci95", "chrf_signature"
    }  # fmt: skip


def test_a_repeated_reply_is_no_wrong_candidate() -> None:
    rows = held_out(40, 20)
    alike = replace(
        rows, references=["Yes." if number % 7 < 2 else text for number, text in enumerate(rows.references)]
    )
    replies = ReplyScores(cast(Chatter, Knowing()), alike, seed=0)
    assert len(replies.blocks) == 3
    for block in replies.blocks:
        assert len({alike.references[row] for row in block}) == len(block) == 10
