"""Every cell as a module that is called like torch's own: an oracle that shares no code with the package."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class MinGRU(nn.Module):
    """minGRU by the equations of its paper, one step at a time; arguments, weights and answers as of `torch.nn.GRU`."""

    blocks = 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        batch_first: bool = False,
        bidirectional: bool = False,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.hidden_size, self.num_layers, self.batch_first = hidden_size, num_layers, batch_first
        self.ends = ("", "_reverse") if bidirectional else ("",)
        rows = self.blocks * hidden_size
        for layer in range(num_layers):
            width = hidden_size * len(self.ends) if layer else input_size
            for end in self.ends:
                for name, shape in ((f"weight_ih_l{layer}{end}", (rows, width)), (f"bias_ih_l{layer}{end}", (rows,))):
                    self.register_parameter(name, nn.Parameter(torch.empty(shape, dtype=dtype).uniform_(-1, 1)))

    def forward(self, x: Tensor, start: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x: [T, B, D], or [B, T, D] batch first, or [T, D]; start: [L, B, H]. Returns states and last of that form."""
        if x.ndim == 2:
            states, last = self(x[:, None] if not self.batch_first else x[None])
            return states.squeeze(0 if self.batch_first else 1), last.squeeze(1)
        x, last = x.transpose(0, 1) if self.batch_first else x, []
        for layer in range(self.num_layers):
            sides = []
            for number, end in enumerate(self.ends):
                weight, bias = (getattr(self, f"{kind}_ih_l{layer}{end}") for kind in ("weight", "bias"))
                place = layer * len(self.ends) + number
                h = x.new_zeros(x.shape[1], self.hidden_size) if start is None else start[place]
                states = []
                for step in reversed(x) if end else x:
                    h = self.step(step @ weight.t() + bias, h)
                    states.append(h)
                last.append(h)
                sides.append(torch.stack(states[::-1] if end else states))
            x = torch.cat(sides, dim=-1)
        return x.transpose(0, 1) if self.batch_first else x, torch.stack(last)

    def step(self, from_x: Tensor, h: Tensor) -> Tensor:
        z, candidate = from_x.chunk(2, dim=-1)
        z = 1 / (1 + torch.exp(-z))
        return (1 - z) * h + z * candidate


class MinLSTM(MinGRU):
    """minLSTM likewise, by the quotients of its paper."""

    blocks = 3

    def step(self, from_x: Tensor, h: Tensor) -> Tensor:
        i, f, candidate = from_x.chunk(3, dim=-1)
        i, f = 1 / (1 + torch.exp(-i)), 1 / (1 + torch.exp(-f))
        return f / (f + i) * h + i / (f + i) * candidate


MODULES: dict[str, Any] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM, "mingru": MinGRU, "minlstm": MinLSTM}
