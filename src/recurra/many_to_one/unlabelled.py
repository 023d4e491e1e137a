"""Texts without labels to learn from beside a corpus: on disk, as the corpus's rows are.

A text that is among the rows already is left out: a held-out or a validation row must not be trained on, and a training
row has its label. Of texts that repeat each other, the first stays.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.data.fingerprint import Fingerprint
from recurra.data.normalise import digest, normalise
from recurra.data.text_store import TextStore
from recurra.data.token_store import TokenStore
from recurra.text.tokenizer import Tokenizer
from recurra.text.word_tokenizer import TokenCounter

CHUNK_ROWS = 1_000

_NO_IDS = np.zeros(0, dtype=np.int32)


class UnlabelledTexts:
    """Texts are added one by one; `seal` then chooses the M that are learnt from.

    After `seal`: rows [M] int64: their numbers in `texts`. counts: how many rows were read, and how many were left out,
    by reason. starts, sizes [M] int64: the ids of text i are `pool[starts[i] : starts[i] + sizes[i]]`; provisional
    ids of words, or after `encode` those of a tokenizer. fingerprint: of every text that was read, in order.
    """

    def __init__(self, directory: Path | None = None, counter: TokenCounter | None = None) -> None:
        """directory: where the files lie until `close`; counter: numbers the words, where tokens are words.

        Raises OutputError.
        """
        self._counter = counter
        self.texts = TextStore(directory)
        try:
            self.pool = TokenStore(directory)
        except BaseException:
            self.texts.close()
            raise
        self._digests = array("Q")
        self._sizes = array("q")
        self._fingerprint = Fingerprint()
        self.rows_seen = 0
        self.empty = 0

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, text: str | None) -> None:
        """Take a text. One of nothing but white space and HTML is counted and left out.

        Raises OutputError where it cannot be written to disk.
        """
        self.rows_seen += 1
        self._fingerprint.add(text)
        plain = normalise(text) if text else ""
        if not text or not plain:
            self.empty += 1
            return
        ids = _NO_IDS if self._counter is None else self._counter.number(text)
        self._digests.append(digest(plain))
        self.texts.append(text)
        self._sizes.append(len(ids))
        self.pool.append(ids)

    def seal(self, training: NDArray[np.uint64], others: NDArray[np.uint64]) -> None:
        """End adding. training: digests of the normalised texts of the training rows; others: those of the validation
        and held-out rows."""
        found = np.frombuffer(self._digests, dtype=np.uint64) if self._digests else np.zeros(0, dtype=np.uint64)
        of_others = np.isin(found, others)
        of_training = np.isin(found, training) & ~of_others
        first = np.zeros(len(found), dtype=np.bool_)
        first[np.unique(found, return_index=True)[1]] = True
        chosen = first & ~of_others & ~of_training
        self.rows = np.flatnonzero(chosen)
        self.counts = {
            "rows": self.rows_seen,
            "used": len(self.rows),
            "empty": self.empty,
            "held_out": int(of_others.sum()),
            "labelled": int(of_training.sum()),
            "repeats": int((~first & ~of_others & ~of_training).sum()),
        }
        self.fingerprint = self._fingerprint.hexdigest()
        self._place()

    def encode(self, tokenizer: Tokenizer) -> None:
        """Put the ids of `tokenizer` into the pool."""
        self._sizes = self.pool.refill(map(tokenizer.ids, self.texts))
        self._place()

    def ids(self) -> Iterator[NDArray[np.int32]]:
        """Give the ids of the chosen texts, in pieces of some texts each."""
        for first in range(0, len(self), CHUNK_ROWS):
            part = slice(first, first + CHUNK_ROWS)
            ends = self.starts[part] + self.sizes[part]
            yield np.concatenate([self.pool[start:end] for start, end in zip(self.starts[part], ends, strict=True)])

    def __iter__(self) -> Iterator[str]:
        """Give the chosen texts."""
        return self.texts.select(self.rows.tolist())

    def _place(self) -> None:
        sizes = np.array(self._sizes, dtype=np.int64)
        self.starts = (np.cumsum(sizes) - sizes)[self.rows]
        self.sizes = sizes[self.rows]

    def close(self) -> None:
        """Remove the files."""
        self.texts.close()
        self.pool.close()
