"""What computes answers: id sequences of any lengths in, logits and answers out.

Two engines do: ONNX Runtime on the graph (`onnx.py`), everywhere; the recurrent kernel on the weights (`kernel.py`),
where it was built and the model answers in single precision. `choice.py` chooses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError, OptionError
from recurra.inference.batching import batches_by_length
from recurra.inference.threads import WorkerPool
from recurra.many_to_one.link import LINKS, Link
from recurra.text.tokenizer import Encoding

SHARED_TOKENS = 512
"""The fewest tokens for which a second thread is worth waking."""

Sequences = Sequence[NDArray[np.integer] | Encoding]
"""B texts: their ids [T_n], or their encodings."""

Padded = tuple[NDArray[np.int64], list[NDArray[np.int32]]]
"""Ids [B, T], and the character n-grams [G] of the words that the ids V, V + 1, ... stand for."""

Answer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Logits [B, O] and answers [B, K], which `link` makes of them."""


class Engine(ABC):
    """Answers batches on several threads, each batch on one: the steps of a recurrence leave little to share out.

    name: as `recurra inspect` prints it. identity: name and version; engines of one identity give the same bits.
    batch_tokens: the tokens of a batch, padding included, that the engine answers fastest.
    outputs: O, logits per row; classes: K, numbers of an answer, such as probabilities; link: what makes answers of
    logits; threads: how many batches run at once.
    Safe to call from several threads.
    """

    name: ClassVar[str]
    identity: str
    batch_tokens: ClassVar[int]
    where: str = "the model"
    """What computes, as errors call it."""

    def __init__(self, outputs: int, classes: int, threads: int | None, link: Link = LINKS["softmax"]) -> None:
        """threads: how many batches run at once (None: one per processor). Raises OptionError for fewer than 1."""
        self.outputs, self.classes, self.link = outputs, classes, link
        self._workers = WorkerPool(threads)

    @property
    def threads(self) -> int:
        """How many batches run at once."""
        return self._workers.threads

    def padded(self, sequences: Sequences, lengths: NDArray[np.int64], vocabulary: int | None) -> Padded:
        """Return the ids [B, T] int64 of one batch, padded on the right with 0, and the spellings of its unknown words.

        vocabulary: V, None where it is not known. Raises ArtefactError for an id that nothing stands for.
        """
        ids = np.zeros((len(lengths), int(lengths.max())), dtype=np.int64)
        novel: list[NDArray[np.int32]] = []
        for row, sequence in enumerate(sequences):
            if isinstance(sequence, Encoding):
                ids[row, : lengths[row]] = sequence.ids
                if sequence.novel and vocabulary is not None:
                    if len(novel):
                        part = ids[row]
                        part[part >= vocabulary] += len(novel)
                    novel += sequence.novel
            else:
                ids[row, : lengths[row]] = sequence
        if vocabulary is not None and (ids.min() < 0 or ids.max() >= vocabulary + len(novel)):
            raise ArtefactError("an id is not of this network's vocabulary: tokenizer.json is of another model.")
        return ids, novel

    def checked(self, logits: NDArray[np.float32], answers: NDArray[np.float32]) -> Answer:
        """Return an answer. Raises ArtefactError where the answers are none, such as NaN."""
        if not self.link.sound(answers):
            what = (
                "numbers are not finite"
                if self.link.output == "values"
                else ("probabilities do not sum to 1, or are no numbers")
            )
            raise ArtefactError(f"{self.where} cannot answer: its {what}. Train the model again.")
        return logits, answers

    @abstractmethod
    def answer(self, sequences: Sequences, lengths: NDArray[np.int64], *, alone: bool = False) -> Answer:
        """Return logits [B, O] and answers [B, K] of one batch, on the calling thread. lengths: [B].

        alone: there is no other batch, so that a second thread may help with this one.
        """

    def run(self, sequences: Sequences, *, shared: bool = True) -> Answer:
        """Return logits [N, O] and answers [N, K], both float32, of N id sequences [T_n], T_n >= 1.

        Rows of similar length share a batch of about `batch_tokens` tokens; a row's answer does not depend on the
        others, and the answers come in the order of the sequences. No sequences give empty arrays.
        shared: let the threads share the batches. Without it all batches run on the calling thread, and the same
        sequences are batched in the same way on any machine, so that they give the same bits.
        Raises OptionError for an empty sequence.
        """
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        if len(lengths) and lengths.min() < 1:
            raise OptionError(f"Sequence {int(lengths.argmin())} is empty; every sequence needs at least one id.")
        if len(lengths) == 1:  # the same, without the bookkeeping
            return self.answer(sequences, lengths, alone=shared and self.threads > 1)
        logits = np.empty((len(lengths), self.outputs), dtype=np.float32)
        made = np.empty((len(lengths), self.classes), dtype=np.float32)
        shared = shared and self.threads > 1
        share = max(int(lengths.sum()) // self.threads, SHARED_TOKENS) if shared else self.batch_tokens
        batches = list(batches_by_length(lengths, min(share, self.batch_tokens)))

        def answer(rows: NDArray[np.intp]) -> Answer:
            return self.answer([sequences[row] for row in rows], lengths[rows])

        answers: Iterator[Answer] = self._workers.map(answer, batches) if shared else map(answer, batches)
        for rows, (batch_logits, batch_answers) in zip(batches, answers, strict=True):
            logits[rows] = batch_logits
            made[rows] = batch_answers
        return logits, made
