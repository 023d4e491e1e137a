"""Pretrained vectors in a network's table, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from recurra.errors import OptionError, ReadError
from recurra.many_to_one.options import ModelOptions
from recurra.nn.embedding import Embedding
from recurra.options.training import FitOptions
from recurra.training.word_vectors import (
    DEVIATION,
    RATE,
    Pretrained,
    digest_of,
    pretrained,
    vector_findings,
    with_width,
)
from support.vector_files import glove, made_vectors, written
from support.whole_commands import in_sentences

VECTORS = made_vectors(["the", "film", "of", "reel", "new york", "Paris"], 6)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "glove.txt", glove(VECTORS))


def is_one_word(word: str) -> bool:
    return " " not in word


def loaded(path: Path, keep: int = 2) -> Pretrained:
    found = pretrained(
        ModelOptions(word_vectors=str(path), keep_words=keep),
        {"film": 5, "plot": 1, "of": 4},
        str.lower,
        is_one_word,
    )
    assert found is not None
    return found


def test_a_table_starts_with_the_files_vectors_and_random_ones(path: Path) -> None:
    vectors = loaded(path)
    assert set(vectors.known) == {"film", "of"} and vectors.extra == ["the", "reel"]
    table, words = Embedding(7, 6), ["film", "of", "plot", "the", "reel"]
    vectors.start(table, words, 2, seed=3)
    got = table.weight.detach().numpy()
    for row, word in enumerate(words, 2):
        assert (got[row].tolist() == VECTORS.get(word)) == (word != "plot")
    assert (table.rate, table.learnt) == (RATE, 5)
    again = Embedding(7, 6)
    vectors.start(again, words, 2, seed=3)
    assert torch.equal(table.weight, again.weight)
    vectors.start(again, words, 2, seed=4)
    assert not torch.equal(table.weight[0], again.weight[0]) and torch.equal(table.weight[2], again.weight[2])
    large = nn.Embedding(4000, 6)
    vectors.start(large, words, 2, seed=0)
    assert float(large.weight[7:].detach().std()) == pytest.approx(DEVIATION, rel=0.05)


def test_what_is_told(path: Path) -> None:
    vectors = loaded(path)
    facts = vectors.facts(["film", "of"], {"film": 5, "plot": 1, "of": 4})
    assert facts == {
        "name": "glove.txt",
        "format": "GloVe text",
        "sha256": vectors.file.digest,
        "dimensions": 6,
        "vocabulary_covered": 1.0,
        "tokens_covered": 0.9,
        "words_beyond_training": 2,
    }
    assert vector_findings(facts, ["A note."]) == ["A note."]
    (told,) = vector_findings(facts | {"tokens_covered": 0.3}, [])
    assert "know 30% of the training tokens" in told
    in_sentences(told)
    assert vectors.facts([], {})["tokens_covered"] == 0


def test_options_without_a_file_stay_as_they_are() -> None:
    for options in (FitOptions(), ModelOptions(), ModelOptions(word_vectors="random", embedding=7)):
        assert with_width(options) is options
        assert digest_of(options) is None
    assert pretrained(ModelOptions(), {"a": 1}, str.lower, bool) is None


def test_the_file_sets_the_embedding_size(path: Path) -> None:
    options = with_width(ModelOptions(word_vectors=str(path)))
    assert options.embedding == 6 and with_width(options).embedding == 6
    assert digest_of(options) == loaded(path).file.digest
    for embedding in (7, 128):
        with pytest.raises(OptionError, match=r"6 numbers\. Leave --embedding out") as error:
            with_width(ModelOptions(word_vectors=str(path), embedding=embedding))
        in_sentences(str(error.value))


def test_a_file_that_changed_is_read_again(path: Path) -> None:
    before = loaded(path).vectors.found["film"]
    assert loaded(path).vectors.found["film"] is before
    changed = dict(VECTORS) | {"film": [9.0] * 6}
    written(path, glove(changed) + b"more 1 2 3 4 5 6\n")
    assert loaded(path).vectors.found["film"].tolist() == [9.0] * 6
    path.unlink()
    with pytest.raises(ReadError, match="there is no such file"):
        loaded(path)


def test_the_random_part_has_no_zero_rows(path: Path) -> None:
    table = Embedding(50, 6)
    loaded(path).start(table, [], 2, seed=0)
    assert np.abs(table.weight.detach().numpy()).sum(1).min() > 0
