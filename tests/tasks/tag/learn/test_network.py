"""The tagger's network: padding and company change nothing, and it learns a tiny batch by heart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from recurra.tasks.tag.features import WORD_SHAPES, WordFeatures
from recurra.tasks.tag.learn.network import TaggerNetwork
from recurra.tasks.tag.learn.objective import NO_TAG, TaggedExamples, Tagging
from recurra.tasks.tag.shape import TaggerShape
from recurra.training.objective import Monitor

WORDS = ["From", "the", "AP", "comes", "this", "story", ":", "2004", "x" * 40, "Éa", "re-read"]


def sentences(seed: int, lengths: tuple[int, ...] = (1, 3, 7, 12, 2, 1)) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    return [list(rng.choice(WORDS, length)) for length in lengths]


def word_features() -> WordFeatures:
    return WordFeatures.fitted(WORDS[:8] * 2, size=100, min_count=1, buckets=64)


def shape_of(known: WordFeatures, **changes: Any) -> TaggerShape:
    fields: dict[str, Any] = {
        "vocabulary": known.vocabulary,
        "embedding": 6,
        "kind_embedding": 3,
        "affix_buckets": known.buckets,
        "affix_embedding": 5,
        "characters": "convolution",
        "alphabet": known.alphabet,
        "character_embedding": 4,
        "character_features": 8,
        "cell": "lstm",
        "hidden": 7,
        "layers": 2,
        "tags": 4,
        "crf": False,
    }
    return TaggerShape(**{**fields, **changes})


def examples(texts: list[list[str]], known: WordFeatures, tags: int = 4, seed: int = 0) -> TaggedExamples:
    rng = np.random.default_rng(seed)
    return TaggedExamples.of(texts, [rng.integers(0, tags, len(words)).tolist() for words in texts], known)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Threads that wait for each other are slow where other programs want the processors."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("characters", ["none", "convolution", "recurrent"])
@pytest.mark.parametrize("crf", [False, True])
def test_neither_batch_nor_padding_changes_scores_or_loss(characters: str, crf: bool) -> None:
    known = word_features()
    torch.manual_seed(0)
    network = TaggerNetwork(shape_of(known, characters=characters, crf=crf)).eval()
    if network.crf:
        torch.nn.init.normal_(network.crf.transitions)
    rows, objective = examples(sentences(1), known), Tagging(network.crf)
    with torch.no_grad():
        batch, targets = rows.batch(np.arange(len(rows)))
        together = network(batch)
        assert (targets == NO_TAG).sum() == targets.numel() - sum(rows.lengths)
        total = 0.0
        for row, length in enumerate(rows.lengths):
            alone, own = rows.batch(np.array([row]))
            scores = network(alone)
            torch.testing.assert_close(together[row, :length], scores[0], atol=1e-5, rtol=1e-5)
            total += float(objective.loss(scores, own)) * int(length)
        assert float(objective.loss(together, targets)) == pytest.approx(total / sum(rows.lengths), abs=1e-5)


@pytest.mark.parametrize(("cell", "crf"), [("lstm", True), ("gru", False), ("rnn", False)])
def test_a_tiny_batch_is_overfitted(cell: str, crf: bool, one_thread: None) -> None:
    known = word_features()
    torch.manual_seed(0)
    network = TaggerNetwork(shape_of(known, cell=cell, crf=crf, characters="recurrent", hidden=24, layers=1))
    rows, objective = examples(sentences(2), known), Tagging(network.crf)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    batch, targets = rows.batch(np.arange(len(rows)))
    for _ in range(50):
        optimizer.zero_grad()
        objective.loss(network(batch), targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    words = int(sum(rows.lengths))
    assert objective.metrics(network(batch), targets) == {"correct": words, "count": words}
    found = objective.validate(network, rows, torch.device("cpu"))
    assert found.metrics["accuracy"] == 1 and found.metrics["loss"] < 0.1
    assert found.monitor == Monitor("accuracy", 1, "higher")


def test_unknown_words_differ_by_their_spelling() -> None:
    known = word_features()
    one, other = known.features(["Unheard", "unheard-of"]), known.features(["Unheard"])
    assert one.words.tolist() == [0, 0] and one.word_shapes[0] != one.word_shapes[1]
    assert one.affixes[0].tolist() == other.affixes[0].tolist() != one.affixes[1].tolist()
    assert known.features(["the", "The", "THE"]).words.tolist() == [known.features(["the"]).words[0]] * 3
    assert known.features([]).affixes.shape == (0, 7)
    every = known.features([*WORDS, "", "7", "?", "aB", "\ud800"])
    assert every.word_shapes.max() < WORD_SHAPES and every.sizes.min() == 1 and every.sizes.max() == 32


def test_word_dropout_hides_words_in_training_alone() -> None:
    known = word_features()
    network = TaggerNetwork(shape_of(known, affix_embedding=0, characters="none"), word_dropout=0.999)
    batch, _ = examples(sentences(3), known).batch(np.arange(6))
    network.train()
    hidden = network.word_dropout(batch.words)
    assert (hidden == 0).float().mean() > 0.9
    network.eval()
    assert torch.equal(network.word_dropout(batch.words), batch.words)
