"""Subtitles of timed words, as SubRip (.srt) or WebVTT (.vtt).

The rules are those of broadcasters, such as the Netflix and BBC subtitle guides: at most two lines of 42 characters, at
most 7 seconds, a new subtitle after a pause, and long enough to be read where the next one leaves room.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from recurra.tasks.transcribe.timing import Word

LINE = 42
"""The most characters of a line."""
LINES = 2
"""The most lines of a subtitle."""
LONGEST = 7.0
"""The most seconds from the first word to the end of the last one; one longer word is a subtitle of its own."""
PAUSE = 0.8
"""After so many seconds without a word a new subtitle begins."""
SHORTEST = 1.0
"""Seconds that a subtitle stays, where the next one does not begin earlier."""

Format = Literal["srt", "vtt"]


@dataclass(frozen=True)
class Subtitle:
    """Lines of text and the milliseconds from which and to which they are shown; end > start."""

    start: int
    end: int
    lines: tuple[str, ...]


def subtitles(words: Iterable[Word]) -> list[Subtitle]:
    """Return the subtitles of words in the order of their times; none overlaps the next."""
    groups = list(_groups(words))
    starts = [round(1000 * group[0].start) for group in groups]
    found: list[Subtitle] = []
    for index, group in enumerate(groups):
        start = max(starts[index], found[-1].end if found else 0)
        end = max(round(1000 * group[-1].end), start + round(1000 * SHORTEST))
        if index + 1 < len(groups):  # at least a millisecond, also of words that are said at the same time
            end = max(start + 1, min(end, starts[index + 1]))
        found.append(Subtitle(start, end, tuple(_lines(group))))
    return found


def write(words: Iterable[Word], form: Format) -> str:
    """Return the content of a file of subtitles."""
    found = subtitles(words)
    cues = []
    for number, one in enumerate(found, 1):
        mark, lines = (
            (",", one.lines) if form == "srt" else (".", tuple(html.escape(x, quote=False) for x in one.lines))
        )
        cues.append("\n".join([str(number), f"{_time(one.start, mark)} --> {_time(one.end, mark)}", *lines, ""]))
    return "\n".join(cues if form == "srt" else ["WEBVTT\n", *cues])


def _groups(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Yield the words of each subtitle."""
    group: list[Word] = []
    for word in words:
        if group and (
            word.start - group[-1].end >= PAUSE
            or word.end - group[0].start > LONGEST
            or len(_lines([*group, word])) > LINES
        ):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _lines(words: Sequence[Word]) -> list[str]:
    """Return the text in lines of similar length, as few as hold it."""
    text = " ".join(word.text for word in words)
    lines = _wrapped(text, LINE)
    for width in range(-(-len(text) // len(lines)), LINE):
        if len(balanced := _wrapped(text, width)) == len(lines):
            return balanced
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False) or [text]


def _time(milliseconds: int, mark: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{rest:03}"
