"""How likely a word is after the words before it, and how that joins what was heard (shallow fusion).

A model is a table of n-grams with backoff, as ARPA files hold it: `arpa.py` reads and writes them, `witten_bell.py`
makes one of a text.
Source of fusion: Gulcehre et al., 2015, On using monolingual corpora in neural machine translation.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence

from recurra.data.tables.table import listed
from recurra.errors import OptionError
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.options import WEIGHT, WORD_BONUS

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"
MOST_NGRAMS = 5_000_000
"""Most n-grams of a model, about 1 GB of memory."""

Ids = tuple[int, ...]
Entries = Mapping[Ids, tuple[float, float]]


class LanguageModel:
    """Natural logarithms of the probabilities of words after others.

    words: spelling -> number, `BEGIN`, `END` and `UNKNOWN` among them. entries: n-gram -> (log-probability of its last
    word after the others, what is added where a longer n-gram that begins with it is not there). order: words of the
    longest. Every word but BEGIN has an entry of its own.
    """

    def __init__(self, words: Mapping[str, int], entries: Entries, order: int) -> None:
        self.words, self.entries, self.order = words, entries, order
        self._unknown = words[UNKNOWN]

    def number(self, word: str) -> int:
        """Return the number of a word, that of UNKNOWN where it has none."""
        return self.words.get(word, self._unknown)

    def after(self, history: Ids, word: int) -> Ids:
        """Return the part of a history with one more word that matters for the next word."""
        return (*history, word)[1 - self.order :] if self.order > 1 else ()

    def log_probability(self, history: Ids, word: int) -> float:
        """Return the log-probability of a word after the numbers of those before it, the latest last."""
        history, added = history[1 - self.order :] if self.order > 1 else (), 0.0
        while (entry := self.entries.get((*history, word))) is None:
            shorter = self.entries.get(history)
            added += 0.0 if shorter is None else shorter[1]
            history = history[1:]
        return added + entry[0]

    def of_text(self, words: Sequence[str]) -> float:
        """Return the log-probability of a whole text: of its words and its end."""
        total, history = 0.0, self.after((), self.words[BEGIN])
        for word in [*words, END]:
            number = self.number(word)
            total += self.log_probability(history, number)
            history = self.after(history, number)
        return total

    def perplexity(self, texts: Iterable[Sequence[str]]) -> float:
        """Return exp of the mean negative log-probability of words and ends, over at least one text."""
        total, count = 0.0, 0
        for words in texts:
            total, count = total + self.of_text(words), count + len(words) + 1
        return math.exp(-total / count)


class FusedLanguageModel:
    """A language model as the beam search asks it, over symbols.

    A word counts once it is whole: `weight` times its log-probability plus `word_bonus`, which makes up for every word
    making a text less likely. A state is (the words before, the characters of the word that has begun).
    """

    def __init__(
        self, model: LanguageModel, alphabet: Alphabet, weight: float = WEIGHT, word_bonus: float = WORD_BONUS
    ) -> None:
        """weight: 0 or more. Raises OptionError where no word of the language model can be spelt with the alphabet."""
        words = [word for word in model.words if word not in (BEGIN, END, UNKNOWN)]
        if not any(alphabet.symbols(word) is not None for word in words):
            raise OptionError(
                f"None of the {len(words):,} words of the language model can be written with the characters of the "
                f"transcriber: {listed(words, 4)}. Spell them as its training transcripts do, often in lower case."
            )
        self.start: Hashable = (model.after((), model.words[BEGIN]), "")
        self.most = max(0.0, word_bonus)
        self._model, self._alphabet, self._weight, self._bonus = model, alphabet, weight, word_bonus
        self._end = model.words[END]

    def step(self, state: Hashable, symbol: int, /) -> tuple[Hashable, float]:
        """Return the state after one more symbol, and what the symbol adds: something where it ends a word."""
        history, begun = _parts(state)
        if symbol != self._alphabet.space:
            return (history, begun + self._alphabet.text([symbol])), 0.0
        if not begun:
            return state, 0.0
        word = self._model.number(begun)
        return (self._model.after(history, word), ""), self._added(history, word) + self._bonus

    def final(self, state: Hashable, /) -> float:
        """Return what is added where a text ends here: of its last word and of the end."""
        history, begun = _parts(state)
        if not begun:
            return self._added(history, self._end)
        word = self._model.number(begun)
        return self._added(history, word) + self._bonus + self._added(self._model.after(history, word), self._end)

    def _added(self, history: Ids, word: int) -> float:
        return self._weight * self._model.log_probability(history, word)


def _parts(state: Hashable) -> tuple[Ids, str]:
    assert isinstance(state, tuple)
    history, begun = state
    return history, begun
