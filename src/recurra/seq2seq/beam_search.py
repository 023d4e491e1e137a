"""Beam search over an encoder-decoder: the best output sequences of a batch of sources at once.

The score of a candidate is the sum of the log-probabilities of its pieces, END included, divided by its length to the
power of the length penalty: 0 prefers short answers, 1 takes the mean, more prefers long ones. A beam of 1 is greedy.
A source is done when as many candidates as the beam is wide have ended; a candidate that reaches the longest length
counts though it has not ended. Of candidates with equal scores the first one wins.

Source of the penalty: Wu et al., 2016, Google's neural machine translation system, in its plainest form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.options.arguments import check_number, check_whole
from recurra.options.decoding import MAX_BEAM, MAX_LENGTH_PENALTY
from recurra.seq2seq.session import Ids, Memory, Seq2SeqSession
from recurra.seq2seq.shape import BEGIN, END


@dataclass(frozen=True)
class Search:
    """How output is searched for.

    beam: the beam width, how many candidates are kept at each step; length_penalty: see above.
    Raises OptionError for values out of range.
    """

    beam: int
    length_penalty: float

    def __post_init__(self) -> None:
        check_whole(self.beam, "The beam width")
        check_number(self.length_penalty, "The length penalty")
        if not 1 <= self.beam <= MAX_BEAM:
            raise OptionError(f"The beam width must be from 1 (greedy search) to {MAX_BEAM}; got {self.beam}.")
        if not 0 <= self.length_penalty <= MAX_LENGTH_PENALTY:
            raise OptionError(
                f"The length penalty must be from 0 to {MAX_LENGTH_PENALTY:g}; got {self.length_penalty}."
            )


@dataclass(frozen=True)
class Written:
    """An answer. ids: its pieces without END; score: by which it was chosen; ended: whether it came to its END."""

    ids: tuple[int, ...]
    score: float
    ended: bool


def beam_search(session: Seq2SeqSession, sources: Sequence[Ids], search: Search, *, longest: int) -> list[Written]:
    """Return the best answer of at most `longest` pieces for each source. No source is empty.

    Inside, B are the sources that are not done, K the candidates of each, and n the pieces that may follow each.
    """
    beam = search.beam
    memory = session.read(sources)
    rows = np.arange(len(memory))  # [B] the source of each row
    ended: list[list[Written]] = [[] for _ in rows]
    state = session.begin(len(memory))
    last = np.full((len(memory), 1), BEGIN, dtype=np.int64)
    totals = np.zeros((len(memory), 1))  # [B, K] float64
    outputs = np.empty((len(memory), 1, 0), dtype=np.int64)  # [B, K, t]
    for step in range(1, longest + 1):
        choices = session.choices(last, memory, state, min(beam + 1, session.shape.vocabulary))
        scores = (totals[:, :, None] + choices.scores).reshape(len(rows), -1)  # [B, K * n]
        order = np.argsort(-scores, axis=1, kind="stable")[:, : 2 * beam]
        pieces = np.take_along_axis(choices.pieces.reshape(len(rows), -1), order, 1)  # [B, 2 * beam]
        scores = np.take_along_axis(scores, order, 1)
        parents = order // choices.pieces.shape[2]
        _collect(ended, rows, outputs, pieces, scores, parents, beam, step**search.length_penalty)
        kept = _first(pieces != END, beam)  # [B, beam] columns of the best candidates that have not ended
        parents = np.take_along_axis(parents, kept, 1)
        last = np.take_along_axis(pieces, kept, 1)
        totals = np.take_along_axis(scores, kept, 1)
        outputs = np.concatenate([np.take_along_axis(outputs, parents[:, :, None], 1), last[:, :, None]], axis=2)
        state = tuple(np.take_along_axis(array, parents[:, :, None], 1) for array in choices.state)
        open_rows = np.array([len(ended[row]) < beam for row in rows])
        if not open_rows.all():
            left = np.flatnonzero(open_rows)
            rows, last, totals, outputs, memory = rows[left], last[left], totals[left], outputs[left], memory.of(left)
            state = tuple(array[left] for array in state)
        if not len(rows):
            break
    divisor = longest**search.length_penalty
    for index, row in enumerate(rows):
        ended[row] += [
            Written(tuple(output.tolist()), float(total / divisor), ended=False)
            for output, total in zip(outputs[index], totals[index], strict=True)
            if np.isfinite(total)
        ]
    return [max(answers, key=lambda answer: answer.score) for answers in ended]


def _collect(
    ended: list[list[Written]],
    rows: NDArray[np.intp],
    outputs: NDArray[np.int64],
    pieces: NDArray[np.int64],
    scores: NDArray[np.float64],
    parents: NDArray[np.intp],
    beam: int,
    divisor: float,
) -> None:
    """Add the candidates that end at this step and are among the `beam` best to `ended`."""
    for index, column in np.argwhere((pieces[:, :beam] == END) & np.isfinite(scores[:, :beam])):
        answers = ended[rows[index]]
        if len(answers) < beam:
            output = tuple(outputs[index, parents[index, column]].tolist())
            answers.append(Written(output, float(scores[index, column] / divisor), ended=True))


def _first(true: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the columns [B, count] of the first `count` true entries of each row, which has as many."""
    return np.argsort(~true, axis=1, kind="stable")[:, :count]


def align(
    session: Seq2SeqSession, memory: Memory, targets: Sequence[Ids]
) -> list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]]:
    """Return (log-probabilities [T], attention [T, S], whether each was the likeliest [T]) of the pieces of each target
    and its END, given the target's own pieces so far. T is one more than the target is long."""
    lengths = np.array([len(target) + 1 for target in targets])
    read = np.full((len(targets), int(lengths.max())), BEGIN, dtype=np.int64)
    expected = np.full_like(read, END)
    for row, target in enumerate(targets):
        read[row, 1 : len(target) + 1] = target
        expected[row, : len(target)] = target
    state = session.begin(len(targets))
    scores, weights, right = [], [], []
    for t in range(read.shape[1]):
        logits, attention, state = session.logits(read[:, t : t + 1], memory, state)
        shifted = logits[:, 0] - logits[:, 0].max(axis=1, keepdims=True)
        total = np.log(np.exp(shifted).sum(axis=1, dtype=np.float64))
        scores.append(np.take_along_axis(shifted, expected[:, t : t + 1], 1)[:, 0] - total)
        weights.append(attention[:, 0])
        right.append(shifted.argmax(axis=1) == expected[:, t])
    whole = np.stack(scores, 1).astype(np.float32), np.stack(weights, 1), np.stack(right, 1)
    return [
        (whole[0][row, :length], whole[1][row, :length, : memory.lengths[row]], whole[2][row, :length])
        for row, length in enumerate(lengths)
    ]
