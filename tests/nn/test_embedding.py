"""Each distinct word of a batch is looked up once; the gradient may be the rows that were looked up."""

from __future__ import annotations

import torch
from hypothesis import given, settings
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


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 11), min_size=3, max_size=3), min_size=1, max_size=5), st.booleans())
def test_ids_in_any_order_have_the_vectors_and_gradients_of_a_plain_table(ids: list[list[int]], rows: bool) -> None:
    torch.manual_seed(0)
    embedding, chosen = Embedding(12, 4), torch.tensor(ids)
    embedding.row_gradients = rows
    slopes = torch.randn(*chosen.shape, 4)
    vectors = embedding.any(chosen)
    (vectors * slopes).sum().backward()
    plain = embedding.weight.detach().clone().requires_grad_()
    expected = torch.nn.functional.embedding(chosen, plain)
    (expected * slopes).sum().backward()
    assert torch.equal(vectors, expected)
    assert embedding.weight.grad is not None and plain.grad is not None
    torch.testing.assert_close(embedding.weight.grad.to_dense(), plain.grad)
