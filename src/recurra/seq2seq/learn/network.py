"""The many-to-many network: a bidirectional encoder, attention, and a decoder that generates one piece at a time.

    m_1..m_S = encoder(source)                              [S, F]
    start = W_s [m_S forward; m_1 backward] + b_s           [D]     the decoder's first input, in place of E BEGIN
    h_t = lower(start, E y_1, ..., E y_(t-1))               [F]     one recurrent layer
    a_ts = softmax_s(h_t . W_a m_s)                                 over the real positions of the source
    c_t = sum_s a_ts m_s                                    [F]
    u_t = upper([h_1; c_1], ..., [h_t; c_t])                [F]     remembers what was attended to so far
    p(y_t) = softmax(E tanh(W_r [u_t; c_t] + b_r) + b)      [V]

Where sources and targets are matched, the same encoder reads the target y_1..y_T as well, and

    s = (W_m max_t m_t + b_m) . (W_n max_t n_t + b_n)               m_t, n_t: the encoder's states for source and target

is the higher the better they fit; in training, the targets of a batch compete for each source, and its sources for each
target. With as many other targets at random, s comes to the log of how much likelier the source makes the target.

The queries of the attention are the states of the lower layer alone, so that in training, where the target is known,
each layer runs over all steps in one call and all steps attend at once. Source, target and output share E.

Sources: Luong et al., 2015, Effective approaches to attention-based neural machine translation (the general score);
Wu et al., 2016, Google's neural machine translation system (attention between the decoder's layers); Press and Wolf,
2017, Using the output embedding to improve language models (one E); Lowe et al., 2015, The Ubuntu dialogue corpus (one
encoder for turns and replies, compared by a product); van den Oord et al., 2018, Representation learning with
contrastive predictive coding (the others of a batch as negatives).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS, State
from recurra.nn.dropout import Dropout
from recurra.nn.embedding import distinct
from recurra.nn.recurrent import Layer, Recurrent
from recurra.nn.reduce import reduce_over_time
from recurra.seq2seq.shape import BEGIN, Seq2SeqShape

EMBEDDING_SCALE = 0.1
"""Standard deviation of the initial vectors of pieces."""


@dataclass(frozen=True)
class Pairs:
    """Sources [B, S], and the decoder's inputs [B, T]: BEGIN and all pieces of the targets but END."""

    source: Batch
    target: Batch


class Memory(NamedTuple):
    """Encoded sources. states: [B, S, F], zeros in the padding; mask: [B, S], True at real positions; start: [B, D]."""

    states: Tensor
    mask: Tensor
    start: Tensor


class Matched(NamedTuple):
    """The logits [N, V] of B targets, and the match [B, B] of each source with each of the targets."""

    logits: Tensor
    match: Tensor


class Seq2Seq(nn.Module):
    """Encoder, attention and decoder; `encode`, `begin` and `step` are the same network one piece at a time.

    dropout: probability of dropping a feature in training: of embedded pieces, of the memory, between layers and before
    the output.
    """

    def __init__(self, shape: Seq2SeqShape, dropout: float = 0.0) -> None:
        super().__init__()
        d, f = shape.embedding, shape.decoder_width
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, d)
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_SCALE)
        self.dropout = Dropout(dropout)
        self.encoder = Recurrent(shape.cell, d, shape.hidden, layers=shape.layers, both=True, dropout=dropout)
        self.start = nn.Linear(f, d)
        self.lower = Recurrent(shape.cell, d, f, both=False)
        self.query = nn.Linear(f, f, bias=False)
        self.upper = Recurrent(shape.cell, 2 * f, f, layers=shape.layers, both=False, dropout=dropout)
        self.readout = nn.Linear(2 * f, d)
        self.bias = nn.Parameter(torch.zeros(shape.vocabulary))
        self.match = nn.Linear(f, 2 * shape.match) if shape.match else None

    def forward(self, pairs: Pairs) -> Tensor | Matched:
        """Return what `decode` does, with the match where sources and targets are matched.

        pairs: sources [B, S] and decoder inputs [B, T].
        """
        memory = self.encode(pairs.source)
        logits = self.decode(memory, pairs.target)
        if self.match is None:
            return logits
        sources, _ = self.matched(memory.states, memory.mask)
        states, mask = self._states(pairs.target)
        _, targets = self.matched(self.dropout(states), mask)
        with torch.autocast(sources.device.type, enabled=False):
            return Matched(logits, sources @ targets.T)

    def decode(self, memory: Memory, target: Batch) -> Tensor:
        """Return the logits [N, V] of the piece after each of the N real decoder inputs [B, T], row after row."""
        pieces, index = distinct(target.values, self.shape.vocabulary)
        x = torch.cat([self.dropout(self.embedding(pieces)), memory.start.float()])  # [U + B, D]
        index[:, 0] = torch.arange(len(pieces), len(x), dtype=index.dtype, device=index.device)  # BEGIN is `start`
        query = self.lower(x, index, target)  # [B, T, F]
        context, _ = self.attend(query, memory)  # [B, T, F]
        x = self.dropout(torch.cat([query.to(context.dtype), context], dim=-1)).flatten(0, 1)  # [B * T, 2F]
        index = torch.arange(len(x), dtype=torch.int32, device=x.device).view(index.shape)
        top = self.upper(x, index, target)  # [B, T, F]
        real = target.mask()
        return self.logits(top[real], context[real])

    def encode(self, source: Batch) -> Memory:
        """Encode sources, ids [B, S]."""
        states, mask = self._states(source)
        start = self.start(reduce_over_time(states, source.lengths, "last", both=True))
        return Memory(self.dropout(states), mask, start)

    def matched(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the vectors [B, M] by which sequences are matched as sources and as targets, in float32.

        A match is a sum over M products that the others of a batch are told apart by: bfloat16 would round it to three
        digits. states: [B, T, F] of the encoder; mask: [B, T], True at real positions.
        """
        assert self.match is not None  # for the type checker
        largest = states.float().masked_fill(~mask[:, :, None], -torch.inf).amax(1)  # [B, F]
        with torch.autocast(largest.device.type, enabled=False):
            source, target = self.match(largest).chunk(2, dim=-1)
        return source, target

    def _states(self, sequences: Batch) -> tuple[Tensor, Tensor]:
        """Return the encoder's states [B, T, F], zeros in the padding, and the mask [B, T]."""
        pieces, index = distinct(sequences.values, self.shape.vocabulary)
        states = self.encoder(self.dropout(self.embedding(pieces)), index, sequences)
        mask = sequences.mask()
        return states.masked_fill(~mask[:, :, None], 0), mask

    def attend(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return the contexts [B, T, F] and the attention weights [B, T, S]. query: [B, T, F]."""
        states = memory.states.to(query.dtype)
        scores = torch.bmm(self.query(query), states.transpose(1, 2)).float()  # [B, T, S]; a softmax needs float32
        weights = scores.masked_fill(~memory.mask[:, None], -torch.inf).softmax(-1)
        return torch.bmm(weights.to(states.dtype), states), weights

    def logits(self, top: Tensor, context: Tensor) -> Tensor:
        """Return the logits [..., V]. top, context: [..., F]."""
        readout = torch.tanh(self.readout(torch.cat([top.to(context.dtype), context], dim=-1)))
        return functional.linear(self.dropout(readout), self.embedding.weight, self.bias)

    def begin(self, rows: int) -> list[State]:
        """Return the decoder's initial state: zeros [B, F] for each of its layers, `lower` first. rows: B."""
        cell = CELLS[self.shape.cell]
        zeros = self.bias.new_zeros(rows, self.shape.decoder_width)
        return [tuple(zeros for _ in range(cell.states)) for _ in range(self.shape.layers + 1)]

    def step(self, pieces: Tensor, state: list[State], memory: Memory) -> tuple[Tensor, Tensor, list[State]]:
        """Decode one more piece.

        pieces: [B], BEGIN at first; state: as `begin` or the last step returned it. Returns the logits [B, V] of the
        next piece, the attention weights [B, S] and the new state.
        """
        x = torch.where((pieces == BEGIN)[:, None], memory.start, self.embedding(pieces))
        lower = _step(self.lower, x, state[:1])
        query = lower[0][0]  # [B, F]
        context, weights = self.attend(query[:, None], memory)
        upper = _step(self.upper, torch.cat([query, context[:, 0]], dim=-1), state[1:])
        return self.logits(upper[-1][0], context[:, 0]), weights[:, 0], [*lower, *upper]


def _step(stack: Recurrent, x: Tensor, state: list[State]) -> list[State]:
    """Return the state of each layer of a forward stack after one more input. x: [B, D]."""
    after: list[State] = []
    for layer, before in zip(stack.layers, state, strict=True):
        assert isinstance(layer, Layer)  # for the type checker: a ModuleList does not know the types in it
        after.append(CELLS[layer.cell].step(x, before, layer.left_to_right.weights()))
        x = after[-1][0]
    return after
