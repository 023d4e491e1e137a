"""ARPA files of n-gram language models: `\\data\\`, then the n-grams of each length with logarithms to base 10."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from recurra.errors import ReadError, brief
from recurra.tasks.transcribe.language_model import BEGIN, END, MOST_NGRAMS, UNKNOWN, Ids, LanguageModel
from recurra.tasks.transcribe.words import lines_of

LONGEST = 10
_LN10 = math.log(10)
_NEVER = -99.0
"""What ARPA files write for a logarithm of 0."""
_SECTION = re.compile(r"\\(\d{1,2})-grams:")
_COUNT = re.compile(r"ngram\s+(\d{1,2})\s*=\s*(\d{1,12})")


def read_arpa(path: Path, encoding: str = "utf-8") -> LanguageModel:
    """Return the model in an ARPA file, gzipped or not.

    Without an entry for unknown words, one is as likely as the least likely word. Raises ReadError with the line for
    what is no such file, has more than `MOST_NGRAMS` n-grams, or others than so many of a length as it states.
    """
    words: dict[str, int] = {}
    entries: dict[Ids, tuple[float, float]] = {}
    stated: dict[int, int] = {}
    there: Counter[int] = Counter()
    order, ended = 0, False
    for number, line in _content(path, encoding):
        if section := _SECTION.fullmatch(line):
            order += 1
            if int(section[1]) != order or order > LONGEST:
                raise _broken(path, number, f"expected the {order}-grams, of at most {LONGEST}, not {brief(line)}")
        elif line == "\\end\\":
            ended = True
            break
        elif order:
            there[order] += 1
            ngram, values = _entry(path, number, line, order, words)
            entries[ngram] = values
            if len(entries) > MOST_NGRAMS:
                raise ReadError(f"{path} has more than {MOST_NGRAMS:,} n-grams. Give a pruned or shorter model.")
        elif stating := _COUNT.fullmatch(line):
            stated[int(stating[1])] = int(stating[2])
    if not ended or not order:
        raise ReadError(f"{path} is not a whole ARPA file: it has no \\end\\. Make or fetch it again.")
    for length, count in stated.items():
        if there[length] != count:
            raise ReadError(
                f"{path} states {count:,} {length}-grams, and {there[length]:,} are there. Make or fetch it again."
            )
    if (words.get(END, -1),) not in entries or BEGIN not in words:
        raise ReadError(f"{path} has no entry for {BEGIN} or {END}, which a model of sentences needs. Make it again.")
    if UNKNOWN not in words:
        never = _NEVER * _LN10
        likely = (value for ngram, (value, _) in entries.items() if len(ngram) == 1 and value > never)
        least = min(likely, default=never)
        words[UNKNOWN] = len(words)
        entries[(words[UNKNOWN],)] = (least, 0.0)
    return LanguageModel(words, entries, order)


def write_arpa(model: LanguageModel, path: Path) -> None:
    """Write a model as an ARPA file."""
    spelling = {number: word for word, number in model.words.items()}
    by_length = [sorted(ngram for ngram in model.entries if len(ngram) == n) for n in range(1, model.order + 1)]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\\data\\\n")
        file.writelines(f"ngram {n}={len(ngrams)}\n" for n, ngrams in enumerate(by_length, 1))
        for n, ngrams in enumerate(by_length, 1):
            file.write(f"\n\\{n}-grams:\n")
            for ngram in ngrams:
                value, backoff = (number / _LN10 for number in model.entries[ngram])
                end = f"\t{backoff:.7f}" if backoff and n < model.order else ""
                file.write(f"{value:.7f}\t{' '.join(spelling[word] for word in ngram)}{end}\n")
        file.write("\n\\end\\\n")


def _content(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines after `\\data\\` that are not empty."""
    begun = False
    for number, line in enumerate(lines_of(path, encoding), 1):
        if begun and line:
            yield number, line
        begun = begun or line == "\\data\\"
    if not begun:
        raise ReadError(
            f"{path} is not an ARPA file: no line is \\data\\. Give one, or a text of one sentence a line as .txt."
        )


def _entry(path: Path, number: int, line: str, order: int, words: dict[str, int]) -> tuple[Ids, tuple[float, float]]:
    """Return an n-gram and its natural logarithms; `words` gets the words of single ones."""
    fields = line.split()
    try:
        value = float(fields[0])
        backoff = float(fields[order + 1]) if len(fields) == order + 2 else 0.0
    except ValueError:
        raise _broken(path, number, f"no number where there should be one: {brief(line)}") from None
    if len(fields) not in (order + 1, order + 2) or not backoff <= -_NEVER or not value <= 0:
        raise _broken(path, number, f"expected a logarithm, {order} words and perhaps a second one: {brief(line)}")
    spelt = [UNKNOWN if word == "<UNK>" else word for word in fields[1 : order + 1]]
    if order == 1:
        words.setdefault(spelt[0], len(words))
    unknown = [word for word in spelt if word not in words]
    if unknown:
        raise _broken(path, number, f"the word {brief(unknown[0])} has no 1-gram")
    return tuple(words[word] for word in spelt), (max(value, _NEVER) * _LN10, max(backoff, _NEVER) * _LN10)


def _broken(path: Path, number: int, what: str) -> ReadError:
    return ReadError(f"{path}, line {number}: {what}. Make or fetch the ARPA file again.")
