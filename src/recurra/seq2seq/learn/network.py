"""The many-to-many network: an encoder in both directions, attention, and a decoder that writes piece by piece.

    m_1..m_S = encoder(source)                              [S, F]
    start = W_s [m_S ahead; m_1 back] + b_s                 [D]     stands where the first piece before the target would
    h_t = lower(start, E y_1, ..., E y_(t-1))               [F]     one recurrent layer
    a_ts = softmax_s(h_t . W_a m_s)                                 over the real positions of the source
    c_t = sum_s a_ts m_s                                    [F]
    u_t = upper([h_1; c_1], ..., [h_t; c_t])                [F]     what was attended so far steers what is written
    p(y_t) = softmax(E tanh(W_r [u_t; c_t] + b_r) + b)      [V]

The attention asks with the states of the lower layer alone, so that in training, where the target is known, every layer
walks all steps in one call and all steps attend at once. E serves the source, the target and the output.

Sources: Luong et al., 2015, Effective approaches to attention-based neural machine translation (the general score);
Wu et al., 2016, Google's neural machine translation system (attention between the decoder's layers); Press and Wolf,
2017, Using the output embedding to improve language models (one E).
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
from recurra.nn.reduce import picked
from recurra.seq2seq.shape import BEGIN, Seq2SeqShape

EMBEDDING_SCALE = 0.1
"""Standard deviation of the vectors of pieces before training."""


@dataclass(frozen=True)
class Pairs:
    """Sources and what the decoder reads of their targets: BEGIN and all pieces but the END."""

    source: Batch
    target: Batch


class Memory(NamedTuple):
    """What the decoder knows of the sources. states: [B, S, F]; mask: [B, S], True at real positions; start: [B, D]."""

    states: Tensor
    mask: Tensor
    start: Tensor


class Seq2Seq(nn.Module):
    """Pairs -> logits [N, V] of the N real target positions of the batch, row after row.

    dropout: share of features dropped while training: of embedded pieces, of the memory, between layers and before the
    output.
    """

    def __init__(self, shape: Seq2SeqShape, dropout: float = 0.0) -> None:
        super().__init__()
        d, f = shape.embedding, shape.features
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

    def forward(self, pairs: Pairs) -> Tensor:
        memory = self.encode(pairs.source)
        target = pairs.target
        pieces, index = distinct(target.values, self.shape.vocabulary)
        x = torch.cat([self.dropout(self.embedding(pieces)), memory.start.float()])  # [U + B, D]
        index[:, 0] = torch.arange(len(pieces), len(x), dtype=index.dtype, device=index.device)  # BEGIN is `start`
        asking = self.lower(x, index, target)  # [B, T, F]
        context, _ = self.attend(asking, memory)  # [B, T, F]
        x = self.dropout(torch.cat([asking.to(context.dtype), context], dim=-1)).flatten(0, 1)  # [B * T, 2F]
        every = torch.arange(len(x), dtype=torch.int32, device=x.device).view(index.shape)
        top = self.upper(x, every, target)  # [B, T, F]
        real = target.mask()
        return self.logits(top[real], context[real])

    def encode(self, source: Batch) -> Memory:
        """Read the sources."""
        pieces, index = distinct(source.values, self.shape.vocabulary)
        states = self.encoder(self.dropout(self.embedding(pieces)), index, source)  # [B, S, F]
        mask = source.mask()
        states = states.masked_fill(~mask[:, :, None], 0)
        start = self.start(picked(states, source.lengths, "last", both=True))
        return Memory(self.dropout(states), mask, start)

    def attend(self, asking: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return the contexts [B, T, F] and the weights [B, T, S] for queries [B, T, F]."""
        states = memory.states.to(asking.dtype)
        scores = torch.bmm(self.query(asking), states.transpose(1, 2)).float()  # [B, T, S]; a softmax needs float32
        weights = scores.masked_fill(~memory.mask[:, None], -torch.inf).softmax(-1)
        return torch.bmm(weights.to(states.dtype), states), weights

    def logits(self, top: Tensor, context: Tensor) -> Tensor:
        """top, context: [..., F] -> [..., V]."""
        read = torch.tanh(self.readout(torch.cat([top.to(context.dtype), context], dim=-1)))
        return functional.linear(self.dropout(read), self.embedding.weight, self.bias)

    def begin(self, rows: int) -> list[State]:
        """Return the decoder's state before the first piece: zeros, one entry a layer, each [B, F]."""
        cell = CELLS[self.shape.cell]
        zeros = self.bias.new_zeros(rows, self.shape.features)
        return [tuple(zeros for _ in range(cell.states)) for _ in range(self.shape.layers + 1)]

    def step(self, pieces: Tensor, state: list[State], memory: Memory) -> tuple[Tensor, Tensor, list[State]]:
        """Return (logits [B, V], attention [B, S], state) after one more piece. pieces: [B]; BEGIN before the first."""
        x = torch.where((pieces == BEGIN)[:, None], memory.start, self.embedding(pieces))
        asking = _advance(self.lower, x, state[:1])
        context, weights = self.attend(asking[0][0][:, None], memory)
        above = _advance(self.upper, torch.cat([asking[0][0], context[:, 0]], dim=-1), state[1:])
        return self.logits(above[-1][0], context[:, 0]), weights[:, 0], [*asking, *above]


def _advance(stack: Recurrent, x: Tensor, state: list[State]) -> list[State]:
    """Return the states of a stack that reads forward after one more input. x: [B, D]."""
    after: list[State] = []
    for layer, before in zip(stack.layers, state, strict=True):
        assert isinstance(layer, Layer)  # for the type checker: a ModuleList forgets what it holds
        after.append(CELLS[layer.cell].step(x, before, layer.left_to_right.weights()))
        x = after[-1][0]
    return after
