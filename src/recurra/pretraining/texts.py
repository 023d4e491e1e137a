"""The texts that a base is made from: read once, repeats left out, numbered by a vocabulary of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.tables.learnt import facts
from recurra.data.tables.rejects import report_rejected
from recurra.errors import DataError, OptionError
from recurra.many_to_one.corpus import MOST_BYTES, SAMPLED_ROWS, kind_of
from recurra.many_to_one.options import ReadOptions
from recurra.many_to_one.reading import open_data
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.many_to_one.unlabelled_facts import left_out_in_words
from recurra.options.network import TokenLevel
from recurra.pretraining.options import PretrainOptions
from recurra.terminal.progress import Reporter
from recurra.text.spans import without_spaces
from recurra.text.tokenizer import Tokenizer
from recurra.text.word_tokenizer import TokenCounter, WordTokenizer
from recurra.training.split import draw

MOST_HELD_OUT = 500
FEWEST_TEXTS = 10

_NOTHING = np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True)
class Numbered:
    """Texts as ids. tokenizer: knows the words, and never cuts a text; table: from the ids in the store to its ids."""

    tokenizer: Tokenizer
    table: NDArray[np.int32]


class PretrainingTexts:
    """After `read`: train, valid: numbers among the M texts that are used, those to learn from and those held out."""

    def __init__(self, directory: Path, options: PretrainOptions) -> None:
        """directory: where the files lie until `close`. Raises OutputError."""
        self._counter = TokenCounter(punctuation=options.punctuation)
        self.level: TokenLevel | None = options.level
        words = self._counter if options.level in (None, "word") else None
        self.texts = UnlabelledTexts(directory, words)
        self._options = options

    def read(self, data: str, reporter: Reporter, rejects: Path) -> dict[str, Any]:
        """Read the texts of `data` and hold some out. Returns "data" of metrics.json, apart from "rows".

        Raises as `open_data` does, and DataError where fewer than FEWEST_TEXTS are left.
        """
        options = self._options
        stated = options.model_dump(include=options.model_fields_set & set(ReadOptions.model_fields))
        reading = ReadOptions.model_validate(stated)
        opened = open_data(data, reading, reporter, label_needed=False, rejects=rejects, usual_text="text")
        if len(opened.texts) > 1:
            raise OptionError(
                f"--text {opened.text}: a base is made from one column of texts. Name the one that has most to read."
            )
        for (text,) in reporter.track(opened.rows(), "Reading"):
            self.texts.add(text)
        report_rejected(opened.table, reporter)
        self.texts.seal(_NOTHING, _NOTHING)
        if len(self.texts) < FEWEST_TEXTS:
            raise DataError(
                f"{data} has {len(self.texts):,} different texts; at least {FEWEST_TEXTS} are needed, and tens of "
                "thousands to gain much. Give more texts."
            )
        self._divide()
        reporter.info(f"Texts: {self._in_words()}")
        if self.level is None:
            self.level = self._fitting_level()
            if self.level == "bpe":
                reporter.info(
                    "The texts have no spaces between their words, so the base reads subwords that it learns from them "
                    "(--level bpe). If what is between two spaces is a word after all, give --level word."
                )
        return {
            "name": opened.source.name,
            "how": opened.source.how,
            "fingerprint": self.texts.fingerprint,
            "rows": len(self.train) + len(self.valid),
            "text": opened.text,
            "texts": self.texts.counts,
            **facts(opened.table),
        }

    def _in_words(self) -> str:
        """Return a sentence on how many texts are learnt from, and what became of the others."""
        counts = self.texts.counts
        undrawn = len(self.texts) - len(self.train) - len(self.valid)
        others = [
            f"{len(self.valid):,} held out",
            *([f"{undrawn:,} not drawn"] if undrawn else []),
            *([f"left out: {why}"] if (why := left_out_in_words(counts)) else []),
        ]
        return f"{len(self.train):,} of {counts['rows']:,} are learnt from; {'; '.join(others)}."

    def _divide(self) -> None:
        options = self._options
        chosen = draw(np.arange(len(self.texts)), options.rows, options.seed)
        held_out = max(1, min(MOST_HELD_OUT, round(options.valid * len(chosen))))
        self.valid = draw(chosen, held_out, options.seed + 1)
        self.train = np.setdiff1d(chosen, self.valid)

    def _fitting_level(self) -> TokenLevel:
        """Return the level of tokens that suits the texts to learn from: see `without_spaces`."""
        sample = self.train[np.unique(np.linspace(0, len(self.train) - 1, SAMPLED_ROWS).astype(np.int64))]
        return "bpe" if without_spaces(self.texts.texts.select(self.texts.rows[sample].tolist())) else "word"

    def numbered(self) -> Numbered:
        """Fit the vocabulary on the texts to learn from, and number all texts by it where tokens are no words.

        Raises DataError where no word is frequent enough.
        """
        options, texts, level = self._options, self.texts, self.level or "word"
        size, least = options.size_at(level), options.least_at(level)
        if level == "word":
            words, table = self._counter.vocabulary(self._learnt_ids(), size=size, min_count=least)
            if not words:
                raise DataError(
                    f"No word occurs {least} times in the texts to learn from. Give more texts, or a lower --min-count."
                )
            tokenizer: Tokenizer = WordTokenizer(words, max_tokens=None, punctuation=options.punctuation)
            return Numbered(tokenizer, table)
        step = max(1, -(-texts.texts.size // MOST_BYTES))
        tokenizer = kind_of(level).fit(
            _Chosen(texts, self.train[::step]),
            size=size,
            min_count=least,
            max_tokens=None,
            truncate="tail",
            fill=False,
            punctuation=options.punctuation,
        )
        texts.encode(tokenizer)
        return Numbered(tokenizer, np.arange(tokenizer.size, dtype=np.int32))

    def ids(self, text: int) -> NDArray[np.int32]:
        """Return the ids in the store of one text."""
        start = self.texts.starts[text]
        return self.texts.pool[start : start + self.texts.sizes[text]]

    def _learnt_ids(self) -> Iterator[NDArray[np.int32]]:
        return (self.ids(int(text)) for text in self.train)

    def close(self) -> None:
        """Remove the files."""
        self.texts.close()


class _Chosen:
    """Texts that are read from the disk each time that they are gone through."""

    def __init__(self, texts: UnlabelledTexts, chosen: NDArray[np.int64]) -> None:
        self._texts, self._rows = texts.texts, texts.rows[chosen].tolist()

    def __iter__(self) -> Iterator[str]:
        return self._texts.select(self._rows)
