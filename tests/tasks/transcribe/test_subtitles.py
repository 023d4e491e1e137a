"""Subtitles: the rules on any words, and the two formats read back."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from recurra.tasks.transcribe.subtitles import LINE, LINES, LONGEST, PAUSE, Subtitle, subtitles, write
from recurra.tasks.transcribe.timing import Word


@st.composite
def timed_words(draw: st.DrawFn) -> list[Word]:
    words, time = [], draw(st.floats(0, 4000))
    spelling = st.text(alphabet="abé&<>-", min_size=1, max_size=60)
    for text in draw(st.lists(spelling, max_size=25)):
        time += draw(st.sampled_from([0.0, 0.03, 0.2, PAUSE - 0.01, PAUSE + 0.01, 5.0]))
        end = time + draw(st.sampled_from([0.001, 0.03, 0.4, 2.0, 8.0]))
        words.append(Word(text, time, end, 0.5))
        time = end
    return words


@given(timed_words())
def test_rules_hold(words: list[Word]) -> None:
    found = subtitles(words)
    assert "".join("".join(one.lines) for one in found).replace(" ", "") == "".join(word.text for word in words)
    for one, following in zip(found, [*found, None][1:], strict=True):
        assert one.start < one.end
        assert all(0 < len(line) <= LINE for line in one.lines)
        assert len(one.lines) <= LINES
        if following is not None:
            assert one.end <= following.start
        if " " in " ".join(one.lines):
            assert one.end - one.start <= 1000 * LONGEST + 1


def test_a_pause_parts_and_a_short_word_stays_to_be_read() -> None:
    words = [Word("one", 1.0, 1.2, 0.9), Word("two", 1.3, 1.5, 0.9), Word("three", 2.31, 2.4, 0.9)]
    assert subtitles(words) == [Subtitle(1000, 2000, ("one two",)), Subtitle(2310, 3310, ("three",))]


def test_lines_are_of_similar_length() -> None:
    text = "the quick brown fox jumps over the lazy dog and"
    words = [Word(word, 0.3 * place, 0.3 * place + 0.2, 0.9) for place, word in enumerate(text.split())]
    assert subtitles(words)[0].lines == ("the quick brown fox jumps", "over the lazy dog and")


def test_formats_are_as_players_read_them() -> None:
    words = [Word("R&B", 0.0, 0.5, 0.9), Word("<b>", 3723.5, 3724.75, 0.9)]
    assert write(words, "srt") == ("1\n00:00:00,000 --> 00:00:01,000\nR&B\n\n2\n01:02:03,500 --> 01:02:04,750\n<b>\n")
    assert write(words, "vtt") == (
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.000\nR&amp;B\n\n2\n01:02:03.500 --> 01:02:04.750\n&lt;b&gt;\n"
    )
    assert write([], "srt") == ""
    assert write([], "vtt") == "WEBVTT\n"


@given(timed_words())
def test_what_is_written_is_what_was_said(words: list[Word]) -> None:
    found = subtitles(words)
    time = re.compile(r"(\d\d+):(\d\d):(\d\d)[,.](\d{3})")
    for form in ("srt", "vtt"):
        blocks = write(words, form).removeprefix("WEBVTT\n").strip("\n").split("\n\n") if words else []
        read = []
        for number, block in enumerate(blocks, 1):
            head, times, *lines = block.split("\n")
            assert head == str(number)
            start, end = (
                ((int(h) * 60 + int(m)) * 60 + int(s)) * 1000 + int(ms) for h, m, s, ms in time.findall(times)
            )
            read.append(Subtitle(start, end, tuple(html.unescape(line) if form == "vtt" else line for line in lines)))
        assert read == found
