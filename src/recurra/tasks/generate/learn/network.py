"""The language model's network: embedding -> recurrent layers -> logits for the next symbol, from a state it is given.

Layers run through torch's fused kernels, or a scan where the gates read the input alone: one call for all steps of a
layer, from the state in which the window before ended (truncated back-propagation through time: the state is passed on,
its gradient is not).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.nn.backends.scan import scan
from recurra.nn.cells import CELLS, ScannedCell
from recurra.nn.dropout import LockedDropout, dropout
from recurra.nn.recurrent import DirectionWeights
from recurra.tasks.generate.shape import LanguageShape

State = list[tuple[Tensor, ...]]
"""A tuple for each layer: (h, c) of an LSTM, else (h,); each [1, B, H]."""


class Window(NamedTuple):
    """The next symbols of B texts that are read in parallel.

    ids: [T, B] int64, time first. reset: whether the texts begin here, so that the hidden state starts from zeros.
    """

    ids: Tensor
    reset: bool


class Layer(nn.Module):
    """One recurrent layer, its weights named as in every network here.

    weight_dropout: probability of dropping a weight of weight_hh in training, the same ones at every step of a window;
    a cell without recurrent weights has none to drop.
    Source: Merity et al., 2018, Regularizing and optimizing LSTM language models.
    """

    def __init__(self, cell: str, inputs: int, hidden: int, weight_dropout: float) -> None:
        super().__init__()
        self.cell = cell
        self.weight_dropout = weight_dropout
        self.left_to_right = DirectionWeights(CELLS[cell], inputs, hidden)

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """x: [T, B, D]; state: each [1, B, H]. Returns the outputs [T, B, H] and the state after the last step."""
        kind = CELLS[self.cell]
        if issubclass(kind, ScannedCell):
            from_x = self.left_to_right.weights().from_input(x)
            keep, write = kind.gated(from_x.to(torch.promote_types(from_x.dtype, torch.float32)))
            outputs = scan(keep, write, state[0][0])
            return outputs, (outputs[-1:],)
        weight_ih, weight_hh, bias_ih, bias_hh = self.left_to_right.weights()
        weights = [weight_ih, dropout(weight_hh, self.weight_dropout if self.training else 0), bias_ih, bias_hh]
        if self.cell == "lstm":
            outputs, h, c = torch.lstm(x, state, weights, True, 1, 0.0, self.training, False, False)
            return outputs, (h, c)
        run = torch.gru if self.cell == "gru" else torch.rnn_tanh
        outputs, last = run(x, state[0], weights, True, 1, 0.0, self.training, False, False)
        return outputs, (last,)


class Layers(nn.Module):
    """A stack of recurrent layers with dropout between them."""

    def __init__(self, shape: LanguageShape, dropout: float, weight_dropout: float) -> None:
        super().__init__()
        widths = [shape.embedding] + [shape.hidden] * (shape.layers - 1)
        self.layers = nn.ModuleList(Layer(shape.cell, width, shape.hidden, weight_dropout) for width in widths)
        self.dropout = _TimeFirstDropout(dropout)

    def forward(self, x: Tensor, states: State) -> tuple[Tensor, State]:
        """x: [T, B, D]. Returns the top layer's outputs [T, B, H] and the states after the last step."""
        after: State = []
        for depth, layer in enumerate(self.layers):
            x, state = layer(self.dropout(x) if depth else x, states[depth])
            after.append(state)
        return x, after


class LanguageNetwork(nn.Module):
    """A language model: called on successive windows of a text in training, by `read` on any ids from any state.

    dropout: probability of dropping a feature in training: of embedded symbols, between layers and before the output.
    weight_dropout: probability of dropping a weight of weight_hh in training.
    lanes: B of the windows. Their states are kept in the buffer `hidden`, so that a checkpoint contains them and a
    resumed run continues from them.
    """

    hidden: Tensor

    def __init__(
        self, shape: LanguageShape, dropout: float = 0.0, weight_dropout: float = 0.0, *, lanes: int = 1
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
        self.register_buffer("hidden", torch.zeros(len(shape.states), 1, lanes, shape.hidden))

    def forward(self, window: Window) -> Tensor:
        """Read the next window [T, B] and keep the state after it.

        Returns the logits [T * B, V] of the symbol after each one, time first.
        """
        if window.reset:
            self.hidden.zero_()
        x, states = self._read(window.ids, self._unpacked(self.hidden))
        with torch.no_grad():
            self.hidden.copy_(torch.stack([array for state in states for array in state]))
        return self._logits(x).flatten(0, 1)

    def read(self, ids: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the logits [T, B, V] and the state after the last step, float32 [S, 1, B, H], from any state.

        ids: [T, B]; hidden: the state before, [S, 1, B, H], or None for zeros; S: all layers' tensors of the state.
        """
        if hidden is None:
            hidden = torch.zeros(len(self.shape.states), 1, ids.shape[1], self.shape.hidden, device=ids.device)
        x, states = self._read(ids, self._unpacked(hidden))
        return self._logits(x), torch.stack([array.float() for state in states for array in state])

    def weights(self) -> dict[str, Tensor]:
        """Return the weights by name, without `hidden`."""
        return {name: tensor for name, tensor in self.state_dict().items() if name != "hidden"}

    def _read(self, ids: Tensor, states: State) -> tuple[Tensor, State]:
        result: tuple[Tensor, State] = self.recurrent(self.embedding_dropout(self.embedding(ids)), states)
        return result

    def _logits(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.projection(self.output_dropout(x)), self.embedding.weight)
        return logits

    def _unpacked(self, hidden: Tensor) -> State:
        """Return `hidden` [S, 1, B, H] layer by layer."""
        size = len(self.shape.states) // self.shape.layers
        tensors = hidden.clone().unbind(0)
        return [tuple(tensors[layer * size : (layer + 1) * size]) for layer in range(self.shape.layers)]


class Head(nn.Linear):
    """The output layer: V logits, by its own weights."""

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:  # type: ignore[override]
        """x: [..., H]; embedding: not used. Returns [..., V]."""
        return functional.linear(x, self.weight, self.bias)


class TiedHead(nn.Module):
    """The output layer that shares the embedding's weights: V logits.

    Source: Press and Wolf, 2017, Using the output embedding to improve language models.
    """

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """x: [..., D]; embedding: [V, D]. Returns [..., V]."""
        return functional.linear(x, embedding, self.bias)


class _TimeFirstDropout(LockedDropout):
    """Drop the same features of a sequence at every step of a window."""

    def forward(self, x: Tensor) -> Tensor:
        """x: [T, B, F]. Returns [T, B, F]."""
        if not self.training or self.rate == 0:
            return x
        kept = torch.empty(1, x.shape[1], x.shape[2], dtype=x.dtype, device=x.device).bernoulli_(1 - self.rate)
        return x * (kept / (1 - self.rate))
