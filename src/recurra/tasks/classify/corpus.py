"""Every usable row of a data set, read once: its text on disk, its provisional token ids on disk, its label in memory.

Memory grows by some tens of bytes a row and by each new word, not by the text; the files are removed with the corpus.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recurra.data.fingerprint import Fingerprint
from recurra.data.text_store import TextStore
from recurra.data.token_store import TokenStore
from recurra.options.network import Truncate
from recurra.tasks.classify.data_quality import DataQuality
from recurra.text.words import UNKNOWN, TokenCounter, Tokenizer

CHUNK_TOKENS = 500_000


class Corpus:
    """Rows are added one by one, then the corpus is closed for reading with `seal`.

    After `seal`: pool [P] int32 (on disk), starts [N], counts [N] int64: row i's provisional ids are
    `pool[starts[i] : starts[i] + counts[i]]`; labels [N] int32: index into `label_names`, in order of appearance;
    sources [N] int64: the row's number in its file, from 1; groups [N] int64: shared by rows of equal normalised text.
    """

    def __init__(self, directory: Path | None = None, *, punctuation: bool = True) -> None:
        """directory: where the files lie until `close` (None: the temporary directory). Raises OutputError.

        punctuation: whether punctuation signs are tokens.
        """
        self.texts = TextStore(directory)
        try:
            self.pool = TokenStore(directory)
        except BaseException:
            self.texts.close()
            raise
        self.quality = DataQuality()
        self.counter = TokenCounter(punctuation=punctuation)
        self.label_names: list[str] = []
        self._label_index: dict[str, int] = {}
        self._labels = array("i")
        self._sources = array("q")
        self._counts = array("q")
        self._fingerprint = Fingerprint()
        self.training_fingerprint = ""
        self.rows_seen = 0
        self._file_start = 0
        self._kept_rows = array("q")
        self.tokenising_seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._labels)

    def add(self, text: str | None, label: str | None) -> bool:
        """Take a row. Returns False, and counts it, where the text or the label is empty: such a row is left out.

        Raises OutputError where the row cannot be written to disk.
        """
        self.rows_seen += 1
        whole = self.quality.add(text, label)
        if not whole:
            return False
        assert text is not None and label is not None  # for the type checker: `whole` implies it
        started = time.perf_counter()
        ids = self.counter.number(text)
        self.tokenising_seconds += time.perf_counter() - started
        self._kept_rows.append(self.rows_seen - 1)
        self._sources.append(self.rows_seen - self._file_start)
        self.texts.append(text)
        self._labels.append(self._label_index.setdefault(label, len(self._label_index)))
        if len(self._label_index) > len(self.label_names):
            self.label_names.append(label)
        self._counts.append(len(ids))
        self.pool.append(ids)
        self._fingerprint.add(text, label)
        return True

    def next_file(self) -> None:
        """Number the rows that follow from 1 again: they come from another file, of held-out rows."""
        self._file_start = self.rows_seen
        self.training_fingerprint = self._fingerprint.hexdigest()

    def seal(self) -> None:
        """End adding."""
        self.counts = np.array(self._counts, dtype=np.int64)
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(np.int64)[: len(self.counts)]
        self.labels = np.array(self._labels, dtype=np.int32)
        self.sources = np.array(self._sources, dtype=np.int64)
        self.groups = self.quality.groups[np.array(self._kept_rows, dtype=np.int64)]
        self.fingerprint = self._fingerprint.hexdigest()
        self.training_fingerprint = self.training_fingerprint or self.fingerprint

    def tokenizer(
        self,
        training: NDArray[np.bool_],
        *,
        size: int,
        min_count: int,
        max_tokens: int | None,
        truncate: Truncate,
        fill: bool,
        known: Collection[str] = (),
        extra: Sequence[str] = (),
    ) -> tuple[Tokenizer, NDArray[np.int32]]:
        """Return the tokeniser fitted on the `training` rows [N], and the table from provisional ids to its ids.

        known: words that need not be as often in the rows as min_count says. extra: further words, which the rows lack.
        """
        words, table = self.counter.vocabulary(
            self._ids_of(training), size=size, min_count=min_count, known=known, extra=extra
        )
        tokenizer = Tokenizer(
            words, max_tokens=max_tokens, truncate=truncate, fill=fill, punctuation=self.counter.punctuation
        )
        return tokenizer, table

    def words(self, rows: NDArray[np.bool_]) -> dict[str, int]:
        """Return how often each word occurs in the chosen rows [N], of those that do."""
        return self.counter.words(self._ids_of(rows))

    def unknown_share(self, table: NDArray[np.int32], rows: NDArray[np.bool_]) -> float:
        """Return the share of the tokens of the chosen rows [N] that are outside the vocabulary; 0 without tokens.

        table: from provisional ids to those of the vocabulary, as `tokenizer` returns it.
        """
        tokens = unknown = 0
        for ids in self._ids_of(rows):
            tokens += len(ids)
            unknown += int(np.count_nonzero(table[ids] == UNKNOWN))
        return unknown / max(1, tokens)

    def _ids_of(self, rows: NDArray[np.bool_]) -> Iterator[NDArray[np.int32]]:
        """Give the provisional ids of the chosen rows, in pieces of about CHUNK_TOKENS."""
        if not len(rows):
            return
        ends = self.starts + self.counts
        cuts = np.searchsorted(ends, np.arange(CHUNK_TOKENS, len(self.pool), CHUNK_TOKENS))
        for first, last in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            if first < last:
                piece = self.pool[self.starts[first] : ends[last - 1]]
                yield piece[np.repeat(rows[first:last], self.counts[first:last])]

    def close(self) -> None:
        """Remove the files."""
        self.texts.close()
        self.pool.close()
