"""Error rates against figures worked out by hand, and against another implementation of the edit distance."""

from __future__ import annotations

import difflib
import json

import numpy as np
import pytest

from recurra.errors import DataError
from recurra.tasks.transcribe.metrics import compare_transcripts, score_transcripts

REFERENCES = ["one two three", "four", "five six", "", "seven eight"]
HEARD = ["one too three", "four", "five five six", "nine", "seven"]
SPEAKERS = ["ann", "ann", "bob", "bob", "eve"]


def test_figures_are_those_worked_out_by_hand() -> None:
    result = score_transcripts(REFERENCES, HEARD, SPEAKERS)
    assert (result["rows"], result["words"], result["speakers"], result["ci95_over"]) == (5, 8, 3, "speakers")
    assert (result["insertions"], result["deletions"], result["substitutions"]) == (2, 1, 1)
    assert result["wer"] == 4 / 8
    assert result["word_accuracy"] == 1 - 4 / 8
    assert result["exact_match"] == 1 / 5
    assert result["characters"] == sum(len(text) for text in REFERENCES)
    assert (result["character_insertions"], result["character_deletions"], result["character_substitutions"]) == (
        9,
        6,
        1,
    )
    assert result["cer"] == 16 / result["characters"]
    assert result["confusions"] == [{"truth": "two", "heard": "too", "count": 1}]
    assert result["deleted"] == [{"word": "eight", "count": 1}]
    assert result["inserted"] == [{"word": "five", "count": 1}, {"word": "nine", "count": 1}]
    assert (result["empty_references"], result["empty_answers"]) == (1, 0)
    assert [(row["speaker"], row["rows"], row["words"], row["wer"]) for row in result["per_speaker"]] == [
        ("bob", 2, 2, 1.0),
        ("eve", 1, 2, 0.5),
        ("ann", 2, 4, 0.25),
    ]
    for name in ("wer", "cer", "exact_match", "word_accuracy"):
        low, high = result[f"{name}_ci95"]
        assert low <= result[name] <= high
        assert low < high
    json.dumps(result, allow_nan=False)


def test_a_rate_may_exceed_one_and_spaces_do_not_count() -> None:
    result = score_transcripts([" one  ", "two"], ["one\n", "a b c"])
    assert result["wer"] == 3 / 2
    assert result["word_accuracy"] == -1 / 2
    assert result["wer_ci95"][1] > 1
    assert result["per_speaker"] == []
    assert result["ci95_over"] == "utterances"
    assert result["exact_match"] == 0.5


def test_nothing_wrong_is_no_certainty() -> None:
    result = score_transcripts(["one two"] * 10, ["one two"] * 10, ["ann", "bob"] * 5)
    assert result["wer"] == result["cer"] == 0.0
    assert result["wer_ci95"][0] == 0.0
    assert result["wer_ci95"][1] == pytest.approx(0.161, abs=0.001)  # of 20 words
    assert result["exact_match_ci95"][1] == 1.0
    assert result["exact_match_ci95"][0] < 0.9


def test_one_speaker_is_drawn_by_utterance_and_many_speakers_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    speakers = [f"speaker {row % 12}" for row in range(360)]
    heard = ["one" if rng.random() < (0.5 if row % 12 < 3 else 0.02) else "two" for row in range(360)]
    grouped = score_transcripts(["two"] * 360, heard, speakers)
    alone = score_transcripts(["two"] * 360, heard, ["the same"] * 360)
    assert (grouped["ci95_over"], alone["ci95_over"], alone["speakers"]) == ("speakers", "utterances", 1)
    assert grouped["wer"] == alone["wer"] == pytest.approx(1 - grouped["exact_match"])
    widths = [result["wer_ci95"][1] - result["wer_ci95"][0] for result in (grouped, alone)]
    assert widths[0] > 1.5 * widths[1]


def test_nothing_to_compare_is_one_sentence() -> None:
    with pytest.raises(DataError, match="No transcript has a word"):
        score_transcripts(["", " "], ["a", ""])
    with pytest.raises(DataError, match="2 utterances and answers for 1"):
        score_transcripts(["a", "b"], ["a"])


def test_two_transcribers_are_compared_over_speakers() -> None:
    result = compare_transcripts(REFERENCES, HEARD, ["one two", "for", "five six", "", "seven eight"], SPEAKERS)
    assert result["difference"] == pytest.approx((4 - 2) / 8)
    assert (result["only_model"], result["only_baseline"]) == (1, 3)
    assert result["difference_ci95"][0] < result["difference"] < result["difference_ci95"][1]
    assert 0 < result["p_value"] <= 1
    same = compare_transcripts(REFERENCES, HEARD, HEARD, SPEAKERS)
    assert (same["difference"], same["p_value"]) == (0.0, 1.0)


def test_equal_words_count_is_at_least_what_difflib_finds() -> None:
    """difflib's matches are a common subsequence, so the words that are right are at least nearly as many."""
    rng = np.random.default_rng(4)
    words = np.array(["a", "b", "c", "d", "e"])
    for _ in range(20):
        one, other = (" ".join(rng.choice(words, size=rng.integers(1, 30))) for _ in range(2))
        result = score_transcripts([one], [other])
        opcodes = difflib.SequenceMatcher(None, one.split(), other.split(), autojunk=False).get_opcodes()
        theirs = sum(max(b - a, d - c) for kind, a, b, c, d in opcodes if kind != "equal")
        assert result["insertions"] + result["deletions"] + result["substitutions"] <= theirs
