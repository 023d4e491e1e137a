"""The vectors of a tagger's words: what is fixed stays, what is learnt is added, and one table says the same."""

from __future__ import annotations

import torch

from recurra.tasks.tag.learn.word_table import WordTable

VECTORS = torch.tensor([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0], [3.0, 4.0], [5.0, 6.0]])
IDS = torch.tensor([0, 1, 2, 3, 4])


def with_a_file() -> WordTable:
    torch.manual_seed(0)
    table = WordTable(5, 2, 0.1)
    table.fix(VECTORS, 3)
    return table


def test_without_a_file_a_word_has_its_row() -> None:
    table = WordTable(5, 3, 0.1)
    assert torch.equal(table.of(IDS, IDS), table.weight)
    assert torch.equal(table.of(IDS, torch.zeros_like(IDS)), table.weight[:1].expand(5, 3))


def test_a_vector_is_the_file_s_and_the_learnt_one() -> None:
    table = with_a_file()
    own = table.weight
    assert own.shape == (3, 2)
    expected = torch.stack([own[0], VECTORS[1] + own[1], own[2], VECTORS[3] + own[0], VECTORS[4] + own[0]])
    assert torch.equal(table.of(IDS, IDS), expected)
    hidden = table.of(IDS, torch.zeros_like(IDS))  # a hidden word keeps what the file says
    assert torch.equal(hidden, VECTORS + own[0])


def test_training_changes_the_learnt_vectors_alone() -> None:
    table = with_a_file()
    table.of(IDS, IDS).sum().backward()
    assert [name for name, _ in table.named_parameters()] == ["weight"] and list(table.state_dict()) == ["weight"]
    assert table.weight.grad is not None and table.weight.grad[:, 0].tolist() == [3, 1, 1]


def test_the_merged_table_answers_as_both_did() -> None:
    table = with_a_file()
    before = table.of(IDS, IDS)
    table.merge()
    assert table.fixed is None and table.weight.shape == (5, 2)
    assert torch.equal(table.of(IDS, IDS), before)
    table.merge()  # of one table, nothing
    assert torch.equal(table.of(IDS, IDS), before)
