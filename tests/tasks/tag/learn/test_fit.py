"""Which words a tagger's training hides: all alike, and with a file of word vectors rare ones more."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from recurra.tasks.tag.learn.fit import _hidden, word_dropout
from recurra.tasks.tag.learn.vocabulary import fit_vocabulary
from recurra.tasks.tag.options import TagOptions
from support.vector_files import glove, made_vectors, written

SENTENCES = [["the"] * 8, ["cat", "cat", "sat", "."]]


def test_without_a_file_all_words_are_hidden_alike() -> None:
    assert word_dropout(TagOptions()) == 0.25 and word_dropout(TagOptions(word_dropout=0.4)) == 0.4
    for options, rate in ((TagOptions(), 0.25), (TagOptions(word_dropout=0.0), 0.0)):
        assert _hidden(options, fit_vocabulary(SENTENCES, options), 3) == rate


def test_with_a_file_rare_words_are_hidden_more(tmp_path: Path) -> None:
    path = written(tmp_path / "v.txt", glove(made_vectors(["the", "sat", "mouse"], 4)))
    options = TagOptions(word_vectors=str(path))
    vocabulary = fit_vocabulary(SENTENCES, options)
    assert vocabulary.word_features.words == ["the", "cat", "sat", "mouse"]
    rates = _hidden(options, vocabulary, 5)
    assert isinstance(rates, torch.Tensor) and word_dropout(options) == 0.1
    # the unknown word is hidden as itself; "sat" and "mouse" have no learnt vector to hide
    assert rates.tolist() == pytest.approx([1, 1 - 0.9 * 8 / 8.5, 1 - 0.9 * 2 / 2.5, 0, 0])
    off = TagOptions(word_vectors=str(path), word_dropout=0.0)
    assert _hidden(off, fit_vocabulary(SENTENCES, off), 5) == 0.0
