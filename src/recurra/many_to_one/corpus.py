"""Every usable row of a data set, read once: its text on disk, its provisional token ids on disk, its label in memory.

Words are numbered as rows come, before it is known which rows train. Pieces of words and characters are those of a
tokenizer that is fitted on the training rows first, so that their ids are made from the stored texts then.

Memory grows by some tens of bytes a row and by each new word, not by the text; the files are removed with the corpus.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from recurra.data.cell_column import CellColumn
from recurra.data.feature_encoder import FeatureEncoder
from recurra.data.feature_table import FeatureTable
from recurra.data.fingerprint import Fingerprint
from recurra.data.text_store import TextStore
from recurra.data.token_store import TokenStore
from recurra.errors import OptionError
from recurra.many_to_one.data_quality import DataQuality
from recurra.many_to_one.given import Item, RowRead
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.options.network import TokenLevel, Truncate
from recurra.text.character_tokenizer import CharacterTokenizer
from recurra.text.spans import without_spaces
from recurra.text.tokenizer import UNKNOWN, Tokenizer
from recurra.text.word_tokenizer import TokenCounter, WordTokenizer

if TYPE_CHECKING:
    from recurra.text.piece_tokenizer import PieceTokenizer

CHUNK_TOKENS = 500_000

MOST_BYTES = 200_000_000
"""Of more text than this, every second row (or third, ...) is read to fit a tokenizer of pieces or characters."""

SAMPLED_ROWS = 500
"""Training rows by which the level of tokens is chosen."""

_NO_IDS = np.zeros(0, dtype=np.int32)


class Corpus:
    """Rows are added one by one, then the corpus is closed for reading with `seal`.

    After `seal`, or at another level than that of words after `tokenizer`: pool [P] int32 (on disk), starts [N], counts
    [N] int64: row i's provisional ids are `pool[starts[i] : starts[i] + counts[i]]`. After `seal`: labels [N] int32:
    index into `label_names`, in order of appearance; weights [N] float64, by which rows count, None where none has
    one; sources [N] int64: the row's number in its file, from 1; groups
    [N] int64: shared by rows of equal normalised text; digests [N] uint64: of the normalised texts.
    """

    def __init__(
        self, directory: Path | None = None, *, punctuation: bool = True, level: TokenLevel | None = None
    ) -> None:
        """directory: where the files lie until `close` (None: the temporary directory). Raises OutputError.

        punctuation: whether punctuation signs are tokens. level: what a token is (None: words, as long as nothing else
        is chosen).
        """
        self.level = level
        self.columns: tuple[str, ...] = ()
        self.features: FeatureTable | None = None
        self._encoded: tuple[bytes, FeatureEncoder, NDArray[np.float64]] | None = None
        self.told_of_features: list[str] = []
        self.directory = directory
        self._fitted: tuple[tuple[object, ...], Tokenizer] | None = None
        self._unlabelled: list[UnlabelledTexts] = []
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
        self._weights = array("d")
        self.tokenising_seconds = 0.0
        self.beside: dict[str, CellColumn] = {}
        """The cells of each usable row in other columns, by name."""

    def __enter__(self) -> Self:
        return self

    def read_columns(self, columns: Sequence[str], features: FeatureTable | None = None) -> None:
        """Take rows whose texts are those of these columns, joined; before the first row. One column alone has no name.

        features: takes what stands beside the texts, where anything does.
        """
        self.features = features
        if len(columns) > 1 or features is not None:
            self.columns = tuple(columns)
        if len(columns) > 1:
            self.counter = TokenCounter(punctuation=self.counter.punctuation, marked=True)

    def encoder(self, training: NDArray[np.bool_]) -> FeatureEncoder | None:
        """Return what makes vectors of what stands beside the texts, by the `training` rows [N]; None without.

        Raises DataError for a column that tells nothing there.
        """
        if self.features is None:
            return None
        key = training.tobytes()
        if self._encoded is None or self._encoded[0] != key:
            encoder, self.told_of_features = self.features.fit(training)
            self._encoded = (key, encoder, self.features.codes(encoder))
        return self._encoded[1]

    @property
    def feature_codes(self) -> NDArray[np.float64] | None:
        """The codes [N, C] of what stands beside the texts, by the last `encoder`; None without."""
        return None if self._encoded is None else self._encoded[2]

    def feature_vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors [n, F] of what stands beside some rows; there must be something."""
        assert self._encoded is not None  # for the type checker
        _, encoder, codes = self._encoded
        return encoder.dense(codes[rows])

    def feature_bytes(self) -> bytes:
        """Return what differs where anything beside the texts does; nothing without."""
        return b"" if self._encoded is None else self._encoded[2].tobytes()

    def rows(self, chosen: Iterable[int]) -> Iterator[Item]:
        """Yield some rows as a model reads them, their texts read from the disk as they are gone through."""
        if self._encoded is None:
            yield from (self.texts[int(row)] for row in chosen)
            return
        _, encoder, codes = self._encoded
        for row in chosen:
            yield RowRead(self.texts[int(row)], encoder.vector(codes[int(row)].tolist()))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._labels)

    def add(
        self,
        text: str | None,
        label: str | None,
        weight: float | None = None,
        beside: Sequence[object] = (),
    ) -> bool:
        """Take a row. Returns False, and counts it, where the text or the label is empty: such a row is left out.

        weight: by which the row counts; either all rows have one or none. beside: the cells of the features. Raises
        DataError for a cell that cannot be one, OutputError where the row cannot be
        written to disk.
        """
        self.rows_seen += 1
        whole = self.quality.add(text, label)
        if not whole:
            return False
        assert text is not None and label is not None  # for the type checker: `whole` implies it
        started = time.perf_counter()
        ids = self.counter.number(text) if self.level in (None, "word") else _NO_IDS
        self.tokenising_seconds += time.perf_counter() - started
        self._kept_rows.append(self.rows_seen - 1)
        self._sources.append(self.rows_seen - self._file_start)
        self.texts.append(text)
        self._labels.append(self._label_index.setdefault(label, len(self._label_index)))
        if len(self._label_index) > len(self.label_names):
            self.label_names.append(label)
        self._counts.append(len(ids))
        self.pool.append(ids)
        if weight is not None:
            self._weights.append(weight)
        if self.features is not None:
            self.features.add(beside, self._sources[-1])
        self._fingerprint.add(text, label)
        return True

    def next_file(self) -> None:
        """Number the rows that follow from 1 again: they come from another file, of held-out rows."""
        self._file_start = self.rows_seen
        self.training_fingerprint = self._fingerprint.hexdigest()

    def seal(self) -> None:
        """End adding."""
        self._place_rows()
        self.labels = np.array(self._labels, dtype=np.int32)
        self.sources = np.array(self._sources, dtype=np.int64)
        kept = np.array(self._kept_rows, dtype=np.int64)
        self.groups, self.digests = self.quality.groups[kept], self.quality.digests[kept]
        self.weights = np.array(self._weights) if self._weights else None
        self.fingerprint = self._fingerprint.hexdigest()
        self.training_fingerprint = self.training_fingerprint or self.fingerprint

    def unlabelled(self) -> UnlabelledTexts:
        """Return an empty store of texts without labels whose words are numbered as those of the rows are.

        Its files are removed with the corpus.
        """
        texts = UnlabelledTexts(self.directory, self.counter if self.level in (None, "word") else None)
        self._unlabelled.append(texts)
        return texts

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
        beside: UnlabelledTexts | None = None,
        fitted: Tokenizer | None = None,
    ) -> tuple[Tokenizer, NDArray[np.int32]]:
        """Return (the tokenizer fitted on the `training` rows [N] and the texts `beside` them, the table from
        provisional ids to its ids).

        At the level of pieces or characters the pool becomes the tokenizer's own ids. known: words that need not be as
        often in the rows as min_count says. extra: further words, which the rows lack. Both are of the level of words.
        fitted: a tokenizer of pieces or characters that was fitted elsewhere, to be used as it is.
        """
        tokenizer, table = self._tokenizer(
            training, size, min_count, max_tokens, truncate, fill, known, extra, beside, fitted
        )
        tokenizer.features = self.encoder(training)
        return tokenizer, table

    def _tokenizer(
        self,
        training: NDArray[np.bool_],
        size: int,
        min_count: int,
        max_tokens: int | None,
        truncate: Truncate,
        fill: bool,
        known: Collection[str],
        extra: Sequence[str],
        beside: UnlabelledTexts | None,
        fitted: Tokenizer | None,
    ) -> tuple[Tokenizer, NDArray[np.int32]]:
        if self.level not in (None, "word"):
            own = self._fitted_on(training, size, min_count, max_tokens, truncate, fill, beside, fitted)
            return own, np.arange(own.size, dtype=np.int32)
        words, table = self.counter.vocabulary(
            self._training_ids(training, beside), size=size, min_count=min_count, known=known, extra=extra
        )
        tokenizer = WordTokenizer(
            words,
            max_tokens=max_tokens,
            truncate=truncate,
            fill=fill,
            punctuation=self.counter.punctuation,
            columns=self.columns,
        )
        return tokenizer, table

    def words(self, rows: NDArray[np.bool_], beside: UnlabelledTexts | None = None) -> dict[str, int]:
        """Return how often each word occurs in the chosen rows [N] and the texts `beside` them, of those that do."""
        return self.counter.words(self._training_ids(rows, beside))

    def _training_ids(self, rows: NDArray[np.bool_], beside: UnlabelledTexts | None) -> Iterator[NDArray[np.int32]]:
        return chain(self._ids_of(rows), () if beside is None else beside.ids())

    def fitting_level(self, training: NDArray[np.bool_]) -> TokenLevel:
        """Return the level of tokens that suits the `training` rows [N]: see `without_spaces`."""
        rows = np.flatnonzero(training)
        chosen = rows[np.unique(np.linspace(0, len(rows) - 1, SAMPLED_ROWS).astype(np.int64))] if len(rows) else rows
        return "bpe" if without_spaces(self.texts.select(chosen.tolist())) else "word"

    def _fitted_on(
        self,
        training: NDArray[np.bool_],
        size: int,
        min_count: int,
        max_tokens: int | None,
        truncate: Truncate,
        fill: bool,
        beside: UnlabelledTexts | None,
        fitted: Tokenizer | None,
    ) -> Tokenizer:
        """Return the tokenizer of pieces or characters, and put its ids of every row into the pool.

        It is fitted once for the same rows and options. In training rows it reads about MOST_CHARACTERS at most.
        """
        key = (training.tobytes(), size, min_count, max_tokens, truncate, fill, beside is not None, fitted is not None)
        if self._fitted and self._fitted[0] == key:
            return self._fitted[1]
        started = time.perf_counter()
        kind = kind_of(self.level)
        rows = np.flatnonzero(training)
        step = max(1, -(-(self.texts.size + (0 if beside is None else beside.texts.size)) // MOST_BYTES))
        tokenizer: Tokenizer
        if fitted is not None and (self.columns[1:] or fitted.columns[1:]) and self.columns != fitted.columns:
            raise OptionError(
                f"The base reads {columns_in_words(fitted.columns)} and the rows have "
                f"{columns_in_words(self.columns)}. A base of subwords or characters has all tokens of the model; make "
                "one of the same columns, or leave --from out."
            )
        if fitted is not None:
            tokenizer = fitted.fitted(
                fitted.vocabulary(),
                max_tokens=max_tokens,
                truncate=truncate,
                fill=fill,
                punctuation=self.counter.punctuation,
                columns=self.columns,
            )
        else:
            tokenizer = kind.fit(
                _Texts((self.texts, rows[::step]), *(() if beside is None else [(beside.texts, beside.rows[::step])])),
                size=size,
                min_count=min_count,
                max_tokens=max_tokens,
                truncate=truncate,
                fill=fill,
                punctuation=self.counter.punctuation,
                columns=self.columns,
            )
        self._counts = self.pool.refill(map(tokenizer.ids, self.texts))
        self._place_rows()
        if beside is not None:
            beside.encode(tokenizer)
        self._fitted = (key, tokenizer)
        self.tokenising_seconds += time.perf_counter() - started
        return tokenizer

    def _place_rows(self) -> None:
        self.counts = np.array(self._counts, dtype=np.int64)
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]]).astype(np.int64)[: len(self.counts)]

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
        for texts in self._unlabelled:
            texts.close()


def kind_of(level: TokenLevel | None) -> type[PieceTokenizer] | type[CharacterTokenizer]:
    """Return the tokenizer of pieces or of characters."""
    if level == "char":
        return CharacterTokenizer
    from recurra.text.piece_tokenizer import PieceTokenizer  # loads the package that merges pieces, which takes time

    return PieceTokenizer


def columns_in_words(columns: Sequence[str]) -> str:
    return f"the columns {', '.join(columns)}" if columns else "one column of texts"


class _Texts:
    """The texts of the given rows of stores, read from the disk each time that they are gone through."""

    def __init__(self, *parts: tuple[TextStore, NDArray[np.int64]]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(texts.select(rows.tolist()) for texts, rows in self._parts)
