"""The writing network: embedding -> recurrent layers that carry their state on -> logits for the next symbol.

Layers run through torch's fused kernels, one call a layer for all steps, from the state in which the window before
ended (truncated back-propagation through time: values are carried on, gradients are not).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.nn.cells import CELLS
from recurra.nn.dropout import LockedDropout, dropout
from recurra.nn.recurrent import Direction
from recurra.tasks.generate.shape import LanguageShape

State = list[tuple[Tensor, ...]]
"""A tuple for each layer: (h, c) of the LSTM, (h,) else; each [1, B, H]."""


class Window(NamedTuple):
    """The next symbols of B parallel streams.

    ids: [T, B] int64, time first. fresh: whether the streams begin here, so that no state is carried over.
    """

    ids: Tensor
    fresh: bool


class Layer(nn.Module):
    """One recurrent layer, with the names that weights have in every network here.

    weight_dropout: share of the weights from state to state that is dropped while training, the same at every step of
    a window. Source: Merity et al., 2018, Regularizing and optimizing LSTM language models.
    """

    def __init__(self, cell: str, inputs: int, hidden: int, weight_dropout: float) -> None:
        super().__init__()
        self.cell = cell
        self.weight_dropout = weight_dropout
        self.left_to_right = Direction(CELLS[cell], inputs, hidden)

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """x: [T, B, in]; state: arrays [1, B, H]. Returns (outputs [T, B, H], state after the last step)."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.left_to_right.weights()
        weights = [weight_ih, dropout(weight_hh, self.weight_dropout if self.training else 0), bias_ih, bias_hh]
        if self.cell == "lstm":
            found = torch.lstm(x, state, weights, True, 1, 0.0, self.training, False, False)
            return found[0], (found[1], found[2])
        walk = torch.gru if self.cell == "gru" else torch.rnn_tanh
        outputs, last = walk(x, state[0], weights, True, 1, 0.0, self.training, False, False)
        return outputs, (last,)


class Layers(nn.Module):
    """A stack of recurrent layers with dropout between them."""

    def __init__(self, shape: LanguageShape, dropout: float, weight_dropout: float) -> None:
        super().__init__()
        widths = [shape.embedding] + [shape.hidden] * (shape.layers - 1)
        self.layers = nn.ModuleList(Layer(shape.cell, width, shape.hidden, weight_dropout) for width in widths)
        self.dropout = _TimeFirstDropout(dropout)

    def forward(self, x: Tensor, states: State) -> tuple[Tensor, State]:
        """x: [T, B, D]. Returns (outputs of the top layer [T, B, H], the states after the last step)."""
        after: State = []
        for depth, layer in enumerate(self.layers):
            x, state = layer(self.dropout(x) if depth else x, states[depth])
            after.append(state)
        return x, after


class LanguageNetwork(nn.Module):
    """Windows of `streams` texts -> logits [T * B, V], each after its symbol; or, by `read`, from any state.

    dropout: share of features dropped while training: of embedded symbols, between layers and before the output.
    weight_dropout: share of the weights from state to state dropped while training.
    streams: B of the windows that come one after the other; their states are kept in the buffers `carried`, so that a
    checkpoint holds them and a resumed run reads on where it stood.
    """

    carried: Tensor

    def __init__(
        self, shape: LanguageShape, dropout: float = 0.0, weight_dropout: float = 0.0, *, streams: int = 1
    ) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.embedding)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.embedding_dropout = _TimeFirstDropout(dropout)
        self.recurrent = Layers(shape, dropout, weight_dropout)
        self.output_dropout = _TimeFirstDropout(dropout)
        self.projection = nn.Linear(shape.hidden, shape.embedding) if shape.tied else nn.Identity()
        self.head = TiedHead(shape.vocabulary) if shape.tied else Head(shape.hidden, shape.vocabulary)
        self.register_buffer("carried", torch.zeros(len(shape.states), 1, streams, shape.hidden))

    def forward(self, window: Window) -> Tensor:
        """Read the next window and keep the state after it. Returns logits [T * B, V]."""
        if window.fresh:
            self.carried.zero_()
        x, states = self._read(window.ids, self._unpacked(self.carried))
        with torch.no_grad():
            self.carried.copy_(torch.stack([array for state in states for array in state]))
        return self._logits(x).flatten(0, 1)

    def read(self, ids: Tensor, carried: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return (logits [T, B, V], state) of ids [T, B] read after `carried` [S, 1, B, H], which None leaves empty."""
        if carried is None:
            carried = torch.zeros(len(self.shape.states), 1, ids.shape[1], self.shape.hidden, device=ids.device)
        x, states = self._read(ids, self._unpacked(carried))
        return self._logits(x), torch.stack([array.float() for state in states for array in state])

    def weights(self) -> dict[str, Tensor]:
        """Return the weights by name, without the state of the streams."""
        return {name: tensor for name, tensor in self.state_dict().items() if name != "carried"}

    def _read(self, ids: Tensor, states: State) -> tuple[Tensor, State]:
        found: tuple[Tensor, State] = self.recurrent(self.embedding_dropout(self.embedding(ids)), states)
        return found

    def _logits(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.projection(self.output_dropout(x)), self.embedding.weight)
        return logits

    def _unpacked(self, carried: Tensor) -> State:
        each = len(self.shape.states) // self.shape.layers
        arrays = carried.clone().unbind(0)
        return [tuple(arrays[layer * each : (layer + 1) * each]) for layer in range(self.shape.layers)]


class Head(nn.Linear):
    """A row of V logits from weights of its own."""

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:  # type: ignore[override]
        """x: [..., H]"""
        return functional.linear(x, self.weight, self.bias)


class TiedHead(nn.Module):
    """A row of V logits: how much like each symbol's vector.

    Source: Press and Wolf, 2017, Using the output embedding to improve language models.
    """

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """x: [..., D]; embedding: [V, D]"""
        return functional.linear(x, embedding, self.bias)


class _TimeFirstDropout(LockedDropout):
    """The same features of a stream at every step of its window."""

    def forward(self, x: Tensor) -> Tensor:
        """x: [T, B, F]"""
        if not self.training or self.share == 0:
            return x
        kept = torch.empty(1, x.shape[1], x.shape[2], dtype=x.dtype, device=x.device).bernoulli_(1 - self.share)
        return x * (kept / (1 - self.share))
