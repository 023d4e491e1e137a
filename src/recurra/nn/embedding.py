"""Word vectors, looked up once for each distinct word of a batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable


class Embedding(nn.Embedding):
    """Ids -> their vectors.

    row_gradients: return the gradient as a sparse tensor of the rows that were looked up, for an optimiser that accepts
    one (`training/adam.py`); otherwise it is a table as large as the weights, nearly all of it zeros.
    rate: factor of the learning rate. learnt: rows of the table that training may look up; None for all of them.
    """

    row_gradients = False
    rate = 1.0
    learnt: int | None = None

    def forward(self, words: Tensor) -> Tensor:
        """words: [U] distinct ids in rising order. Returns [U, D]."""
        if self.row_gradients and torch.is_grad_enabled():
            vectors: Tensor = _Rows.apply(self.weight, words)  # type: ignore[no-untyped-call]
            return vectors
        return super().forward(words)

    def any(self, ids: Tensor) -> Tensor:
        """ids: of any shape, in any order. Returns their vectors [.., D]."""
        words, index = distinct(ids, len(self.weight))
        vectors: Tensor = self(words)
        return vectors.index_select(0, index.flatten()).view(*ids.shape, -1)


class _Rows(torch.autograd.Function):
    """Look up rows of a table, distinct and in rising order; the table's gradient is sparse."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, rows: Tensor) -> Tensor:
        """table: [V, D]; rows: [U] int64. Returns [U, D]."""
        ctx.save_for_backward(rows)
        ctx.shape = table.shape
        return table.index_select(0, rows)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """gradients: the one with respect to the output, [U, D]. Returns that of the table, sparse [V, D]."""
        (rows,) = ctx.saved_tensors
        return torch.sparse_coo_tensor(rows[None], gradients[0], ctx.shape, check_invariants=False), None


def distinct(ids: Tensor, vocabulary: int) -> tuple[Tensor, Tensor]:
    """Return the distinct ids [U] in rising order, and the index [B, T] int32 of each id among them. ids: [B, T]."""
    number = torch.zeros(vocabulary, dtype=torch.int32, device=ids.device)
    number[ids.flatten()] = 1
    words = number.nonzero().flatten()
    number[words] = torch.arange(len(words), dtype=torch.int32, device=ids.device)
    return words, number[ids]
