"""Vectors of words, looked up once for each distinct word of a batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable


class Embedding(nn.Embedding):
    """[U] distinct ids in rising order -> [U, D].

    row_gradients: leave the gradient as the rows that were looked up, a sparse tensor, for an optimiser that knows what
    to do with it (`training/adam.py`); else it is a table as large as the weights, nearly all of it zeros.
    """

    row_gradients = False

    def forward(self, words: Tensor) -> Tensor:
        if self.row_gradients and torch.is_grad_enabled():
            found: Tensor = _Rows.apply(self.weight, words)  # type: ignore[no-untyped-call]
            return found
        return super().forward(words)


class _Rows(torch.autograd.Function):
    """Rows of a table, distinct and in rising order, with a sparse gradient."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.shape = table.shape
        return table.index_select(0, rows)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (rows,) = ctx.saved_tensors
        return torch.sparse_coo_tensor(rows[None], gradients[0], ctx.shape, check_invariants=False), None


def distinct(ids: Tensor, vocabulary: int) -> tuple[Tensor, Tensor]:
    """Return ([U] the distinct ids in rising order, [B, T] int32 where each of `ids` [B, T] stands among them)."""
    number = torch.zeros(vocabulary, dtype=torch.int32, device=ids.device)
    number[ids.flatten()] = 1
    words = number.nonzero().flatten()
    number[words] = torch.arange(len(words), dtype=torch.int32, device=ids.device)
    return words, number[ids]
