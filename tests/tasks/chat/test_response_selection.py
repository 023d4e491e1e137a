"""Which of ten replies was given: against a plain loop, and where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.evaluation.intervals import wilson
from recurra.tasks.chat.response_selection import (
    CHOICES,
    candidate_blocks,
    rows_of_other_dialogues,
    selection_credits,
    selection_scores,
)


def test_every_row_is_in_one_block_and_the_rest_is_left_out() -> None:
    dialogue = np.arange(200) // 3
    texts = [f"reply {number}" for number in range(37)]
    made = candidate_blocks(np.arange(100, 137), dialogue, texts, 3)
    assert made.shape == (3, CHOICES) and len(set(made.ravel().tolist())) == 30
    assert set(made.ravel().tolist()) <= set(range(100, 137))
    assert np.array_equal(made, candidate_blocks(range(100, 137), dialogue, texts, 3))
    assert not np.array_equal(made, candidate_blocks(range(100, 137), dialogue, texts, 4))
    assert candidate_blocks([5, 6, 7], dialogue, texts[:3], 0).shape == (1, 3)
    assert candidate_blocks([], dialogue, [], 0).shape == (0, 1)


@given(st.lists(st.integers(0, 12), max_size=80), st.integers(0, 9))
def test_the_replies_of_a_block_are_different_texts(numbers: list[int], seed: int) -> None:
    rows = np.random.default_rng(seed).permutation(1000)[: len(numbers)]
    yes = ("Yes.", "YES.", "<b>yes.</b>")
    texts = [yes[place % 3] if number < 4 else f"No {number}" for place, number in enumerate(numbers)]
    text_of = {int(row): "yes." if number < 4 else number for row, number in zip(rows, numbers, strict=True)}
    made = candidate_blocks(rows, np.arange(1000) // 4, texts, seed)
    different = len(set(text_of.values()))
    assert made.shape[1] == max(1, min(CHOICES, different)) and len(set(made.ravel().tolist())) == made.size
    assert (len(made) > 0) == (len(numbers) > 0)
    for block in made:
        assert len({text_of[int(row)] for row in block}) == made.shape[1]


def test_no_more_is_left_out_than_repeats_and_a_rest_of_blocks() -> None:
    texts = ["Yes."] * 12 + [f"reply {number}" for number in range(93)]
    made = candidate_blocks(np.arange(105), np.arange(105), texts, 0)
    assert made.shape == (10, CHOICES) and (made < 12).sum(axis=1).max() == 1


def test_it_finds_as_a_plain_loop_does() -> None:
    similarity = np.random.default_rng(0).normal(size=(6, 4, 4)) + 0.6 * np.eye(4)
    expected = []
    for block in similarity:
        for context in range(4):
            centred = [block[context, reply] - sum(block[other, reply] for other in range(4)) / 4 for reply in range(4)]
            expected.append(float(max(range(4), key=centred.__getitem__) == context))
    assert selection_credits(similarity).ravel().tolist() == expected
    assert 0 < np.mean(expected) < 1


def test_a_reply_that_fits_every_context_is_chosen_for_none() -> None:
    lift = 0.1 * np.eye(3)[None]
    bland = lift + np.array([50.0, 0.0, 0.0])
    assert selection_credits(bland).tolist() == [[1, 1, 1]]
    assert selection_credits(np.zeros((2, 4, 4))).tolist() == [[0.25] * 4] * 2
    same = np.array([[[2.0, 2.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 2.0]]])  # the first two replies are one text
    assert selection_credits(same)[0].tolist() == [0.5, 0.5, 1.0]


def test_chance_is_one_in_ten_and_lies_in_the_interval() -> None:
    credits = selection_credits(np.random.default_rng(1).normal(size=(50, CHOICES, CHOICES))).ravel()
    scores = selection_scores(credits, CHOICES)
    assert scores["right_choice"] == pytest.approx(0.1, abs=0.05) and scores["choices"] == CHOICES
    low, high = scores["right_choice_ci95"]
    assert low < scores["right_choice"] < high and low < 0.1 < high
    assert selection_scores(np.ones(1), 2) == {"right_choice": 1.0, "right_choice_ci95": None, "choices": 2}
    assert selection_scores(np.ones(5), 5)["right_choice_ci95"] == list(wilson(5, 5)), "five of five are no certainty"


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(0, 9))
def test_another_context_is_of_another_dialogue_and_none_is_taken_twice(numbers: list[int], seed: int) -> None:
    dialogue = np.array(numbers)
    rows = np.flatnonzero(np.arange(len(numbers)) % 5 != 4)
    taken = rows_of_other_dialogues(rows, dialogue, np.random.default_rng(seed))
    most = np.bincount(dialogue[rows]).max()
    if 2 * most > len(rows):
        assert len(taken) == 0
        return
    assert sorted(taken) == sorted(rows)
    assert (dialogue[taken] != dialogue[rows]).all()


def test_replies_of_one_dialogue_are_dealt_to_different_blocks() -> None:
    dialogue = np.repeat(np.arange(20), 5)
    for block in candidate_blocks(np.arange(100), dialogue, [str(number) for number in range(100)], 1):
        assert len(set(dialogue[block])) == 10
