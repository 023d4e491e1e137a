"""What every trained encoder-decoder does with ids: write for sources, and score targets that are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.inference.threads import WorkerPool
from recurra.report.notebook import NotebookModel
from recurra.seq2seq.beam_search import Search, Written, align, beam_search
from recurra.seq2seq.session import Ids, Seq2SeqSession, session_of
from recurra.seq2seq.shape import BEGIN, END
from recurra.storage.model_directory import Artefact, Manifest
from recurra.storage.parts import mismatch, tokenizer_text
from recurra.text.bpe import Subwords

BATCH_SOURCES = 24
"""Sources that are decoded together."""
SCORED_SOURCES = 64
"""Sources whose targets are scored together."""


@dataclass(frozen=True)
class Scored:
    """How likely a given target was. nats: [T] the surprisal of each piece and of END; right: [T] was it likeliest?"""

    nats: NDArray[np.float32]
    right: NDArray[np.bool_]


class Seq2SeqModel(NotebookModel):
    """A session and its subwords; the tasks that derive from it read and write texts.

    threads: how many batches run at once (None: one for each processor).
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
        self.session, self.subwords, self.manifest = session, subwords, manifest
        self.shape = session.shape
        self._workers = WorkerPool(threads)

    def search(self, beam: int | None = None, length_penalty: float | None = None) -> Search:
        """Return how to search: as the model was trained to, but for what is given. Raises OptionError out of range."""
        return Search(
            self.shape.beam if beam is None else beam,
            self.shape.length_penalty if length_penalty is None else length_penalty,
        )

    def try_out(self) -> None:
        """Read a source of one id and choose the first piece. Raises ArtefactError where the graphs cannot."""
        memory = self.session.read([[END]])
        self.session.choices(np.full((1, 1), BEGIN, dtype=np.int64), memory, self.session.begin(1), 1)

    def write(self, sources: Sequence[Ids], search: Search) -> list[Written]:
        """Return the best answer to each source; an empty source has an empty one."""
        answers = [Written((), 0.0, ended=True)] * len(sources)
        full = [row for row in sorted(range(len(sources)), key=lambda row: -len(sources[row])) if len(sources[row])]
        batches = [full[start : start + BATCH_SOURCES] for start in range(0, len(full), BATCH_SOURCES)]

        def answer(rows: list[int]) -> list[Written]:
            return beam_search(self.session, [sources[row] for row in rows], search, longest=self.shape.max_tokens)

        for rows, written in zip(batches, self._workers.map(answer, batches), strict=True):
            for row, one in zip(rows, written, strict=True):
                answers[row] = one
        return answers

    def score_ids(self, pairs: Sequence[tuple[Ids, Ids]]) -> list[Scored]:
        """Return how likely each target is after its source, given the target's own pieces so far.

        pairs: (source, target); no source may be empty, and no side is longer than the model reads.
        """
        empty = next((row for row, (source, _) in enumerate(pairs) if not len(source)), None)
        if empty is not None:
            raise OptionError(f"The source of pair {empty} is empty; no target can be scored after it.")
        order = sorted(range(len(pairs)), key=lambda row: -len(pairs[row][1]))
        batches = [order[start : start + SCORED_SOURCES] for start in range(0, len(order), SCORED_SOURCES)]
        answers: list[Scored] = [Scored(np.zeros(0, np.float32), np.zeros(0, bool))] * len(pairs)

        def answer(rows: list[int]) -> list[Scored]:
            memory = self.session.read([pairs[row][0] for row in rows])
            aligned = align(self.session, memory, [pairs[row][1] for row in rows])
            return [Scored(-log_probabilities, right) for log_probabilities, _, right in aligned]

        for rows, scored in zip(batches, self._workers.map(answer, batches), strict=True):
            for row, one in zip(rows, scored, strict=True):
                answers[row] = one
        return answers

    def vectors(self, sequences: Sequence[Ids]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the vectors [N, M] by which sequences match as sources and as targets; a target begins with BEGIN.

        No sequence may be empty, and the model must be one that matches.
        """
        order = sorted(range(len(sequences)), key=lambda row: -len(sequences[row]))
        batches = [order[start : start + SCORED_SOURCES] for start in range(0, len(order), SCORED_SOURCES)]
        vectors = np.zeros((2, len(sequences), self.shape.match), dtype=np.float32)

        def answer(rows: list[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
            return self.session.match_vectors([sequences[row] for row in rows])

        for rows, found in zip(batches, self._workers.map(answer, batches), strict=True):
            vectors[:, rows] = found
        return vectors[0], vectors[1]


def parts_of(source: Artefact, specials: tuple[str, ...]) -> tuple[Seq2SeqSession, Subwords]:
    """Return the session and the subwords of a checked directory.

    specials: the special symbols of its task. Raises ArtefactError where the parts do not fit each other.
    """
    session, subwords = session_of(source), Subwords.from_json(tokenizer_text(source))
    if subwords.size != session.shape.vocabulary or subwords.specials != specials:
        raise mismatch(
            f"tokenizer.json has {subwords.size} pieces, {', '.join(subwords.specials)} among them, and the network "
            f"{session.shape.vocabulary}"
        )
    return session, subwords
