"""Each distinct word of a batch is looked up once; the gradient may be the rows that were looked up."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from recurra.nn.embedding import Embedding, distinct


@given(st.lists(st.lists(st.integers(0, 29), min_size=4, max_size=4), min_size=1, max_size=5))
def test_each_distinct_word_once(rows: list[list[int]]) -> None:
    ids = torch.tensor(rows)
    words, index = distinct(ids, 30)
    assert words.tolist() == sorted({word for row in rows for word in row})
    assert torch.equal(words[index.long()], ids)


def test_a_sparse_gradient_is_the_dense_one_without_its_zeros() -> None:
    torch.manual_seed(0)
    embedding, words = Embedding(12, 3), torch.tensor([1, 4, 11])
    gradients = []
    for rows in (False, True):
        embedding.row_gradients, embedding.weight.grad = rows, None
        (embedding(words) * torch.arange(9.0).view(3, 3)).sum().backward()
        gradient = embedding.weight.grad
        assert gradient is not None and gradient.is_sparse == rows
        gradients.append(gradient.to_dense())
    assert torch.equal(*gradients)
