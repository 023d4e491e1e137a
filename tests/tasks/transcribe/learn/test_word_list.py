"""A closed list of words is found where the transcripts have a few words again and again."""

from __future__ import annotations

from pathlib import Path

from recurra.tasks.transcribe.learn.word_list import FEWEST_TIMES, MOST_WORDS, closed_list

DIGITS = ["one", "two two", "three one"] * FEWEST_TIMES


def test_a_few_words_again_and_again_are_a_list() -> None:
    assert closed_list(DIGITS, None, "words") == closed_list(DIGITS, "auto", "words") == ["one", "three", "two"]
    assert closed_list(DIGITS, "none", "words") is None


def test_a_rare_word_opens_the_list() -> None:
    assert closed_list([*DIGITS, "four"], None, "words") is None
    assert closed_list(["ha ha ha ha ha ha ha"], None, "words") is None  # often, but in one transcript


def test_many_words_are_no_list() -> None:
    words = [f"w{number}" for number in range(MOST_WORDS + 1)]
    assert closed_list(words[:-1] * FEWEST_TIMES, None, "words") == sorted(words[:-1])
    assert closed_list(words * FEWEST_TIMES, None, "words") is None
    assert closed_list(["", ""], None, "words") is None


def test_a_file_of_words_is_the_list(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("Yes!\nno\n\nNew York\n")
    assert closed_list(DIGITS, str(path), "words") == ["new", "no", "yes", "york"]
