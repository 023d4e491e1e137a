"""Which recordings are held out: whole speakers where they are named, and parts of one recording on one side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import LabelError
from recurra.tasks.transcribe.learn.division import divide
from recurra.tasks.transcribe.options import TranscribeOptions


def everything(count: int) -> np.ndarray:
    return np.ones(count, dtype=np.bool_)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=4, max_size=80), st.integers(0, 1000), st.floats(0.05, 0.9))
def test_no_speaker_is_on_both_sides(voices: list[int], seed: int, split: float) -> None:
    speakers = [f"s{voice}" for voice in voices]
    if len(set(voices)) < 2 or max(map(voices.count, voices)) > len(voices) - 3:
        return
    options = TranscribeOptions(split=split, seed=seed)
    try:
        parts = divide(range(len(voices)), range(len(voices)), speakers, everything(len(voices)), len(voices), options)
    except LabelError:
        assert split > 0.3  # what was left was no more than one recording
        return
    assert not np.any(parts.train & parts.test) and not np.any(parts.valid & parts.test)
    assert np.all(parts.train | parts.valid | parts.test)
    held = {speakers[row] for row in np.flatnonzero(parts.test)}
    assert held and held.isdisjoint({speakers[row] for row in np.flatnonzero(~parts.test)})
    assert "speakers held out" in parts.how


def test_without_speakers_parts_of_a_file_stay_together() -> None:
    files = [row // 3 for row in range(60)]
    parts = divide(files, range(60), [None] * 60, everything(60), 60, TranscribeOptions(split=0.3, valid=0.2))
    sides = parts.train * 1 + parts.valid * 2 + parts.test * 3
    for start in range(0, 60, 3):
        assert len(set(sides[start : start + 3].tolist())) == 1
    assert parts.test.sum() == 18
    assert "no speakers are named" in parts.how


def test_a_single_speaker_is_told_as_one() -> None:
    parts = divide(range(20), range(20), ["ann"] * 20, everything(20), 20, TranscribeOptions(split=0.3))
    assert "one speaker alone is named" in parts.how and "no speakers are named" not in parts.how


def test_where_nothing_can_be_learnt_the_reason_is_told() -> None:
    with pytest.raises(LabelError, match="None of the 20 recordings can be learnt from: each is too short"):
        divide(range(20), range(20), [None] * 20, ~everything(20), 20, TranscribeOptions(split=0.3))


def test_what_cannot_be_learnt_is_held_out_or_nothing() -> None:
    usable = np.arange(40) % 2 == 0
    parts = divide(range(40), range(40), [None] * 40, usable, 40, TranscribeOptions(split=0.5))
    assert not np.any((parts.train | parts.valid) & ~usable)
    assert np.any(parts.test & ~usable)


def test_a_file_of_its_own_is_what_is_held_out() -> None:
    speakers = ["a"] * 8 + ["a", "b"]
    parts = divide(range(10), range(10), speakers, everything(10), 8, TranscribeOptions(test="other.csv"))
    assert parts.test.tolist() == [False] * 8 + [True] * 2
    assert "1 of its speakers are in training too" in parts.how


def test_the_same_sound_is_not_on_both_sides() -> None:
    sounds = [0, 1, 2, 3, 4, 5, 6, 7, 2, 8]
    parts = divide(range(10), sounds, [None] * 10, everything(10), 8, TranscribeOptions(test="other.csv"))
    assert parts.test.tolist() == [False] * 9 + [True] and not (parts.train | parts.valid)[8]
    assert parts.counts()["left_out_of_test_as_repeats"] == 1 and "1 more left out" in parts.how
    speakers = [f"s{row // 6}" for row in range(60)]
    silence = [0 if row % 6 == 0 else row for row in range(60)]  # every speaker has the same empty recording
    parts = divide(range(60), silence, speakers, everything(60), 60, TranscribeOptions(split=0.2))
    assert parts.test.sum() == 10 and parts.leaked == 2
    assert {silence[row] for row in np.flatnonzero(parts.test)}.isdisjoint(
        {silence[row] for row in np.flatnonzero(parts.train | parts.valid)}
    )


def test_a_speaker_without_a_name_is_one_for_each_file() -> None:
    speakers = ["a"] * 6 + ["b"] * 6 + [None] * 48
    files = [row // 6 for row in range(60)]
    parts = divide(files, range(60), speakers, everything(60), 60, TranscribeOptions(split=0.3))
    for start in range(0, 60, 6):
        assert len(set(parts.test[start : start + 6].tolist())) == 1
    assert "of 10 speakers held out" in parts.how


def test_of_one_file_the_parts_are_divided_and_that_is_said() -> None:
    parts = divide([0] * 30, range(30), [None] * 30, everything(30), 30, TranscribeOptions(split=0.2))
    assert parts.test.sum() == 6 and parts.valid.sum() > 1 and parts.train.sum() > 15
    assert "and parts of one file, may be on both sides" in parts.how


def test_two_recordings_are_too_few() -> None:
    with pytest.raises(LabelError, match="no recording"):
        divide([0], [0], [None], everything(1), 1, TranscribeOptions())
