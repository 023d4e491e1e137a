"""Translate with a trained model: texts in, texts out, and from which words each word was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.inference.threads import WorkerPool
from recurra.seq2seq.beam_search import Written, align, beam_search
from recurra.seq2seq.session import Ids, Seq2SeqSession, session_of
from recurra.storage.model_directory import Artefact, Manifest
from recurra.storage.parts import mismatch, tokenizer_text
from recurra.text.bpe import Subwords

BATCH_SOURCES = 24
"""Sources that are decoded together."""
SCORED_SOURCES = 64
"""Sources whose translations are scored together."""
CHUNK = 1024
"""Texts that are in memory at one time."""


@dataclass(frozen=True)
class Translated:
    """A translation. score: its mean log-probability, by the length penalty; truncated: whether the source was cut;
    ended: whether it came to its end within the longest length."""

    text: str
    score: float
    truncated: bool
    ended: bool


@dataclass(frozen=True)
class Scored:
    """How a given translation is foreseen. nats: [T] surprise at each piece and the END; right: [T] the likeliest?"""

    nats: NDArray[np.float32]
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class Alignment:
    """Where the attention lay. source, target: words as written; weights: [target words, source words], rows sum to 1.

    A word's row is the mean over its pieces, and what falls on the pieces of a source word is added up.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: NDArray[np.float32]


class Translator:
    """A model directory of the task `translate`, ready to answer.

        translator = recurra.load("model")
        translator.translate(["Zwei Hunde spielen im Schnee."])  # ['Two dogs are playing in the snow.']

    Safe to call from several threads.
    """

    def __init__(
        self,
        session: Seq2SeqSession,
        subwords: Subwords,
        *,
        manifest: Manifest | None = None,
        threads: int | None = None,
    ) -> None:
        """threads: how many batches run at once (None: one for each processor)."""
        self.session, self.subwords, self.manifest = session, subwords, manifest
        self.shape = session.shape
        self._workers = WorkerPool(threads)

    def translate(
        self, texts: Iterable[str], *, beam: int | None = None, length_penalty: float | None = None
    ) -> list[str]:
        """Return the translation of each text; that of an empty one is empty.

        beam: how many ways to go on the search keeps, 1 for greedy; length_penalty: see `runtime.beam`. None for both:
        as the model was trained to be used. Raises OptionError for values out of range or a text that is no str.
        """
        return [found.text for found in self.translate_iter(texts, beam=beam, length_penalty=length_penalty)]

    def translate_iter(
        self, texts: Iterable[str], *, beam: int | None = None, length_penalty: float | None = None
    ) -> Iterator[Translated]:
        """Yield the translation of each text, some of them at a time, reading no further ahead."""
        if isinstance(texts, str):
            raise OptionError("Give a list of texts; got one text. Put it into a list.")
        wide, penalty = self._search(beam, length_penalty)
        rows, number = iter(texts), 0
        while chunk := list(islice(rows, CHUNK)):
            for place, text in enumerate(chunk, number):
                if not isinstance(text, str):
                    raise OptionError(f"Text {place} is no str but {type(text).__name__}.")
            number += len(chunk)
            sources = [self.subwords.encode(text) for text in chunk]
            limit = self.shape.max_tokens
            written = self.write([source[:limit] for source in sources], wide, penalty)
            for source, found in zip(sources, written, strict=True):
                yield Translated(self.subwords.decode(found.ids), found.score, len(source) > limit, found.ended)

    def write(self, sources: Sequence[Ids], beam: int, length_penalty: float) -> list[Written]:
        """Return what is written for each source of ids; for an empty one, nothing."""
        answers = [Written((), 0.0, ended=True)] * len(sources)
        full = [row for row in sorted(range(len(sources)), key=lambda row: -len(sources[row])) if len(sources[row])]
        batches = [full[start : start + BATCH_SOURCES] for start in range(0, len(full), BATCH_SOURCES)]

        def answer(rows: list[int]) -> list[Written]:
            chosen = [sources[row] for row in rows]
            return beam_search(
                self.session, chosen, beam=beam, length_penalty=length_penalty, longest=self.shape.max_tokens
            )

        for rows, found in zip(batches, self._workers.map(answer, batches), strict=True):
            for row, written in zip(rows, found, strict=True):
                answers[row] = written
        return answers

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        """Return how each translation is foreseen, the right pieces being known so far. No source may be empty.

        Both sides are cut to the longest length.
        """
        limit = self.shape.max_tokens
        ids = [tuple(self.subwords.encode(text)[:limit] for text in pair) for pair in pairs]
        return self.score_ids(ids)

    def score_ids(self, pairs: Sequence[tuple[Ids, ...]]) -> list[Scored]:
        """Return the same for pairs of ids."""
        empty = next((place for place, pair in enumerate(pairs) if not len(pair[0])), None)
        if empty is not None:
            raise OptionError(f"The source of pair {empty} is empty; nothing can be foreseen from it.")
        order = sorted(range(len(pairs)), key=lambda row: -len(pairs[row][1]))
        batches = [order[start : start + SCORED_SOURCES] for start in range(0, len(order), SCORED_SOURCES)]
        answers: list[Scored] = [Scored(np.zeros(0, np.float32), np.zeros(0, bool))] * len(pairs)

        def answer(rows: list[int]) -> list[Scored]:
            memory = self.session.read([pairs[row][0] for row in rows])
            found = align(self.session, memory, [pairs[row][1] for row in rows])
            return [Scored(-scores, right) for scores, _, right in found]

        for rows, found in zip(batches, self._workers.map(answer, batches), strict=True):
            for row, scored in zip(rows, found, strict=True):
                answers[row] = scored
        return answers

    def align(self, text: str, translation: str | None = None) -> Alignment:
        """Return where the attention lies for each word of a translation (None: the model's own).

        Attention is a trace of what was read, not a proof of what was used. Raises OptionError for an empty text.
        """
        if translation is None:
            translation = self.translate([text])[0]
        limit = self.shape.max_tokens
        source, target = self.subwords.encode(text)[:limit], self.subwords.encode(translation)[:limit]
        if not source:
            raise OptionError("The text is empty; there is nothing to translate.")
        memory = self.session.read([source])
        _, attention, _ = align(self.session, memory, [target])[0]  # [T + 1, S]; the last row writes END
        heard, said = words_of(self.subwords, source), words_of(self.subwords, target)
        weights = np.zeros((len(said), len(heard)), dtype=np.float32)
        for row, (_, here) in enumerate(said):
            for column, (_, there) in enumerate(heard):
                weights[row, column] = attention[here, there].sum(axis=1).mean()
        return Alignment(tuple(word for word, _ in heard), tuple(word for word, _ in said), weights)

    def _search(self, beam: int | None, length_penalty: float | None) -> tuple[int, float]:
        wide = self.shape.beam if beam is None else beam
        penalty = self.shape.length_penalty if length_penalty is None else length_penalty
        if not 1 <= wide <= 64:
            raise OptionError(f"The beam must be from 1 (greedy) to 64; got {wide}.")
        if not 0 <= penalty <= 4:
            raise OptionError(f"The length penalty must be from 0 to 4; got {penalty}.")
        return wide, penalty


def words_of(subwords: Subwords, ids: Sequence[int]) -> list[tuple[str, slice]]:
    """Return (word, its pieces) for ids: a word begins where a piece begins with white space, or is special."""
    starts = []
    for place, number in enumerate(ids):
        spelled = subwords.bytes_of(number)
        if not place or not spelled or spelled[:1].isspace() or not subwords.bytes_of(ids[place - 1]):
            starts.append(place)
    parts = [slice(start, end) for start, end in pairwise([*starts, len(ids)])]
    return [(subwords.decode(ids[part]).strip() or subwords.pieces(ids[part])[0], part) for part in parts]


def subwords_of(source: Artefact, session: Seq2SeqSession, specials: tuple[str, ...]) -> Subwords:
    """Return the pieces of a checked directory. Raises ArtefactError where they are not those of its network."""
    subwords = Subwords.from_json(tokenizer_text(source))
    if subwords.size != session.shape.vocabulary or subwords.specials != specials:
        raise mismatch(
            f"tokenizer.json has {subwords.size} pieces, {', '.join(subwords.specials)} among them, and the network "
            f"{session.shape.vocabulary}"
        )
    return subwords


SPECIALS = ("<s>", "</s>")
"""The special symbols of a translator: those that `seq2seq_shape.BEGIN` and `END` number."""


def from_artefact(source: Artefact, threads: int | None = None) -> Translator:
    """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
    session = session_of(source)
    return Translator(session, subwords_of(source, session, SPECIALS), manifest=source.manifest, threads=threads)
