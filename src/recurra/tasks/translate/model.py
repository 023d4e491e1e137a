"""Translate with a trained model: texts in, texts out, and the attention of each word written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.options.arguments import check_text, check_texts, several
from recurra.seq2seq.beam_search import align
from recurra.seq2seq.decoder import Scored, Seq2SeqModel, parts_of
from recurra.storage.model_directory import Artefact
from recurra.text.bpe import Subwords

SPECIALS = ("<s>", "</s>")
"""The special symbols of a translator: those that `seq2seq.shape.BEGIN` and `END` number."""

TEXTS_IN_MEMORY = 1024
"""Texts that are in memory at one time."""


@dataclass(frozen=True)
class Translated:
    """A translation. score: its mean log-probability, by the length penalty; truncated: whether the source was cut;
    ended: whether it ended within the longest length."""

    text: str
    score: float
    truncated: bool
    ended: bool


@dataclass(frozen=True)
class Alignment:
    """The attention of a translation. source, target: words as written; weights: [target words, source words], rows sum
    to 1.

    A target word's row is the mean over its pieces; the weights of a source word's pieces are added up.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: NDArray[np.float32]


class Translator(Seq2SeqModel):
    """A model directory of the task `translate`, ready to answer.

        translator = recurra.load("translator")
        translator.translate(["Zwei Hunde spielen im Schnee."])  # ['Two dogs are playing in the snow.']

    Safe to call from several threads.
    """

    def translate(
        self, texts: Iterable[str], *, beam: int | None = None, length_penalty: float | None = None
    ) -> list[str]:
        """Return the translation of each text; that of a blank one is empty.

        beam: the beam width, 1 for greedy search; length_penalty: see `seq2seq.beam_search`. None: the model's
        defaults. Raises OptionError for values out of range or a text that is not a str.
        """
        return [one.text for one in self.translate_iter(texts, beam=beam, length_penalty=length_penalty)]

    def translate_iter(
        self, texts: Iterable[str], *, beam: int | None = None, length_penalty: float | None = None
    ) -> Iterator[Translated]:
        """Yield the translation of each text, some of them at a time, reading no further ahead."""
        if isinstance(texts, str):
            raise OptionError("Give a list of texts; got one text. Put it into a list.")
        search, limit = self.search(beam, length_penalty), self.shape.max_tokens
        rows, number = iter(several(texts)), 0
        while chunk := list(islice(rows, TEXTS_IN_MEMORY)):
            check_texts(chunk, "texts", number)
            number += len(chunk)
            sources = [self._encoded(text) for text in chunk]
            written = self.write([source[:limit] for source in sources], search)
            for source, one in zip(sources, written, strict=True):
                yield Translated(self.subwords.decode(one.ids), one.score, len(source) > limit, one.ended)

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        """Return how likely each translation is, given its own pieces so far. pairs: (text, translation); no text is
        empty. Both sides are cut to the longest length.
        """
        limit = self.shape.max_tokens
        for row, pair in enumerate(pairs):
            check_texts(pair, f"pair {row}")
        encode = self._encoded
        return self.score_ids([(encode(text)[:limit], encode(translation)[:limit]) for text, translation in pairs])

    def align(self, text: str, translation: str | None = None) -> Alignment:
        """Return the attention of each word of a translation (None: the model's own).

        Attention shows what was read, and does not prove what was used. Raises OptionError for an empty text.
        """
        check_text(text, "The text")
        if translation is None:
            translation = self.translate([text])[0]
        check_text(translation, "The translation")
        limit = self.shape.max_tokens
        source, target = self._encoded(text)[:limit], self.subwords.encode(translation)[:limit]
        if not source:
            raise OptionError("The text is empty; there is nothing to translate.")
        memory = self.session.read([source])
        _, attention, _ = align(self.session, memory, [target])[0]  # [T + 1, S]; the last row writes END
        source_words, target_words = words_of(self.subwords, source), words_of(self.subwords, target)
        weights = np.zeros((len(target_words), len(source_words)), dtype=np.float32)
        for row, (_, written) in enumerate(target_words):
            for column, (_, read) in enumerate(source_words):
                weights[row, column] = attention[written, read].sum(axis=1).mean()
        return Alignment(tuple(word for word, _ in source_words), tuple(word for word, _ in target_words), weights)

    def _encoded(self, text: str) -> list[int]:
        """Return the ids of a text; none where it is blank."""
        return self.subwords.encode(text) if text.strip() else []


def words_of(subwords: Subwords, ids: Sequence[int]) -> list[tuple[str, slice]]:
    """Return (word, its pieces) for ids: a word begins where a piece begins with white space, or is special."""
    starts = []
    for index, number in enumerate(ids):
        spelled = subwords.bytes_of(number)
        if not index or not spelled or spelled[:1].isspace() or not subwords.bytes_of(ids[index - 1]):
            starts.append(index)
    parts = [slice(start, end) for start, end in pairwise([*starts, len(ids)])]
    return [(subwords.decode(ids[part]).strip() or subwords.pieces(ids[part])[0], part) for part in parts]


def from_artefact(source: Artefact, threads: int | None = None) -> Translator:
    """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
    session, subwords = parts_of(source, SPECIALS)
    return Translator(session, subwords, manifest=source.manifest, threads=threads)
