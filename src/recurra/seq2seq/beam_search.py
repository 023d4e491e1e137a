"""Beam search over an encoder-decoder: the best of many ways to go on, for a batch of sources at once.

A candidate is worth the sum of the log-probabilities of its pieces, END included, divided by its length to the power
of the length penalty: 0 prefers short answers, 1 takes the mean, more prefers long ones. A beam of 1 is greedy.
A source is done when as many candidates as the beam is wide have ended; a candidate that reaches the limit counts as
it stands, though it has not ended. Of equal candidates the one found first wins.

Source of the penalty: Wu et al., 2016, Google's neural machine translation system, in its plainest form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.seq2seq.session import Ids, Memory, Seq2SeqSession
from recurra.seq2seq.shape import BEGIN, END


@dataclass(frozen=True)
class Written:
    """An answer. ids: its pieces without END; score: by which it was chosen; ended: whether it came to its END."""

    ids: tuple[int, ...]
    score: float
    ended: bool


def beam_search(
    session: Seq2SeqSession, sources: Sequence[Ids], *, beam: int, length_penalty: float, longest: int
) -> list[Written]:
    """Return the best answer of at most `longest` pieces for each source, none of which is empty."""
    memory = session.read(sources)
    which = np.arange(len(memory))  # the source of each row that is still being written about
    ended: list[list[Written]] = [[] for _ in which]
    state = session.begin(len(memory))
    last = np.full((len(memory), 1), BEGIN, dtype=np.int64)
    totals = np.zeros((len(memory), 1))  # [B, K] float64
    texts = np.empty((len(memory), 1, 0), dtype=np.int64)  # [B, K, t]
    for step in range(1, longest + 1):
        found = session.choices(last, memory, state, min(beam + 1, session.shape.vocabulary))
        ways = (totals[:, :, None] + found.scores).reshape(len(which), -1)  # [B, K * n]
        order = np.argsort(-ways, axis=1, kind="stable")[:, : 2 * beam]
        pieces = np.take_along_axis(found.pieces.reshape(len(which), -1), order, 1)  # [B, 2 * beam]
        worth = np.take_along_axis(ways, order, 1)
        parents = order // found.pieces.shape[2]
        _collect(ended, which, texts, pieces, worth, parents, beam, step**length_penalty)
        going = _first(pieces != END, beam)  # [B, beam] places of the best that go on
        parents = np.take_along_axis(parents, going, 1)
        last = np.take_along_axis(pieces, going, 1)
        totals = np.take_along_axis(worth, going, 1)
        texts = np.concatenate([np.take_along_axis(texts, parents[:, :, None], 1), last[:, :, None]], axis=2)
        state = tuple(np.take_along_axis(array, parents[:, :, None], 1) for array in found.state)
        keep = np.array([len(ended[source]) < beam for source in which])
        if not keep.all():
            rows = np.flatnonzero(keep)
            which, last, totals, texts, memory = which[rows], last[rows], totals[rows], texts[rows], memory.of(rows)
            state = tuple(array[rows] for array in state)
        if not len(which):
            break
    for row, source in enumerate(which):
        ended[source] += [
            Written(tuple(text.tolist()), float(total / longest**length_penalty), ended=False)
            for text, total in zip(texts[row], totals[row], strict=True)
            if np.isfinite(total)
        ]
    return [max(answers, key=lambda answer: answer.score) for answers in ended]


def _collect(
    ended: list[list[Written]],
    which: NDArray[np.intp],
    texts: NDArray[np.int64],
    pieces: NDArray[np.int64],
    worth: NDArray[np.float64],
    parents: NDArray[np.intp],
    beam: int,
    divisor: float,
) -> None:
    """Note the candidates that end now and are among the `beam` best."""
    for row, place in np.argwhere((pieces[:, :beam] == END) & np.isfinite(worth[:, :beam])):
        answers = ended[which[row]]
        if len(answers) < beam:
            text = tuple(texts[row, parents[row, place]].tolist())
            answers.append(Written(text, float(worth[row, place] / divisor), ended=True))


def _first(wanted: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the places [B, count] of the first `count` wanted entries of each row, which has as many."""
    return np.argsort(~wanted, axis=1, kind="stable")[:, :count]


def align(
    session: Seq2SeqSession, memory: Memory, targets: Sequence[Ids]
) -> list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]]:
    """Return (log-probabilities [T], attention [T, S], whether each was the likeliest [T]) of the pieces of each target
    and its END, the right ones being known so far. T is one more than the target is long."""
    lengths = np.array([len(target) + 1 for target in targets])
    read = np.full((len(targets), int(lengths.max())), BEGIN, dtype=np.int64)
    wanted = np.full_like(read, END)
    for row, target in enumerate(targets):
        read[row, 1 : len(target) + 1] = target
        wanted[row, : len(target)] = target
    state = session.begin(len(targets))
    scores, weights, right = [], [], []
    for t in range(read.shape[1]):
        logits, attention, state = session.logits(read[:, t : t + 1], memory, state)
        shifted = logits[:, 0] - logits[:, 0].max(axis=1, keepdims=True)
        total = np.log(np.exp(shifted).sum(axis=1, dtype=np.float64))
        scores.append(np.take_along_axis(shifted, wanted[:, t : t + 1], 1)[:, 0] - total)
        weights.append(attention[:, 0])
        right.append(shifted.argmax(axis=1) == wanted[:, t])
    whole = np.stack(scores, 1).astype(np.float32), np.stack(weights, 1), np.stack(right, 1)
    return [
        (whole[0][row, :length], whole[1][row, :length, : memory.lengths[row]], whole[2][row, :length])
        for row, length in enumerate(lengths)
    ]
