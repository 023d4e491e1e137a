"""Rows of soft labels beside labelled rows: their ids, their targets, and the loss of a batch by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.examples import Examples, Targets
from recurra.many_to_one.learn.soft_labels import JoinedPool, SoftLabels, joined

LABELLED, UNLABELLED = ["a b", "!", "c c a"], ["b a d", "d"]


@pytest.fixture
def corpus() -> Iterator[Corpus]:
    with Corpus(punctuation=False) as store:
        yield store


def rows(corpus: Corpus, classes: int) -> tuple[Examples, np.ndarray, list[list[int]]]:
    """Three labelled rows and two unlabelled ones; their soft labels; the ids of each."""
    for text in LABELLED:
        corpus.add(text, "x")
    corpus.seal()
    texts = corpus.unlabelled()
    for text in UNLABELLED:
        texts.add(text)
    texts.seal(corpus.digests, corpus.digests[:0])
    every = np.ones(len(corpus), dtype=bool)
    tokenizer, table = corpus.tokenizer(
        every, size=9, min_count=1, max_tokens=2, truncate="tail", fill=False, beside=texts
    )
    labelled = Examples(corpus.pool, corpus.starts, corpus.counts, table, tokenizer, np.array([1, 0, classes - 1]))
    soft = np.random.default_rng(0).dirichlet([1] * classes, 2).astype(np.float32)
    whole = joined(labelled, corpus.pool, SoftLabels(texts, soft))
    return whole, soft, [tokenizer.encode(text).ids.tolist() for text in [*LABELLED, *UNLABELLED]]


@pytest.mark.parametrize("classes", [2, 3])
def test_a_batch_has_the_ids_and_the_probabilities_of_its_rows(corpus: Corpus, classes: int) -> None:
    whole, soft, ids = rows(corpus, classes)
    assert len(whole) == 5 and [whole.encoding(row).ids.tolist() for row in range(5)] == ids
    order = np.array([4, 0, 3, 2, 1])
    batch, targets = whole.batch(order)
    assert [batch.values[i, : batch.lengths[i]].tolist() for i in range(5)] == [ids[row] for row in order]
    assert targets.labels.tolist() == [-1, 1, -1, classes - 1, 0]
    certain = np.eye(classes, dtype=np.float32)
    expected = np.stack([soft[1], certain[1], soft[0], certain[classes - 1], certain[0]])
    assert targets.probabilities is not None
    np.testing.assert_array_equal(targets.probabilities.numpy(), expected)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_loss_is_the_cross_entropy_with_the_soft_labels_by_hand(corpus: Corpus, classes: int) -> None:
    whole, _, _ = rows(corpus, classes)
    rng = np.random.default_rng(1)
    objective = Classification(classes)
    outputs = rng.normal(size=(5, objective.outputs)).astype(np.float32)
    offsets = rng.normal(size=(5, objective.outputs)).astype(np.float32)
    _, targets = whole.batch(np.arange(5))
    assert targets.probabilities is not None
    targets = Targets(targets.labels, torch.from_numpy(offsets), targets.probabilities)
    total = 0.0
    for row in range(5):
        logits = [float(a) + float(b) for a, b in zip(outputs[row], offsets[row], strict=True)]
        logits = [0.0, *logits] if classes == 2 else logits
        log_sum = math.log(sum(math.exp(logit) for logit in logits))
        wanted = targets.probabilities[row].tolist()
        total += sum(share * (log_sum - logit) for share, logit in zip(wanted, logits, strict=True))
    assert float(objective.loss(torch.from_numpy(outputs), targets)) == pytest.approx(total / 5, rel=1e-5)


def test_certain_soft_labels_are_labels() -> None:
    for classes in (2, 4):
        objective = Classification(classes)
        outputs = torch.randn(6, objective.outputs, generator=torch.Generator().manual_seed(0))
        labels = torch.arange(6) % classes
        hard = objective.loss(outputs, Targets(labels))
        soft = objective.loss(outputs, Targets(labels, None, torch.eye(classes)[labels]))
        assert float(hard) == pytest.approx(float(soft), rel=1e-6)


def test_training_accuracy_is_of_the_rows_with_a_label() -> None:
    objective = Classification(2)
    probabilities = torch.tensor([[0.0, 1.0], [0.1, 0.9], [1.0, 0.0], [0.9, 0.1]])
    targets = Targets(torch.tensor([1, -1, 0, -1]), None, probabilities)
    sums = objective.metrics(torch.tensor([[2.0], [2.0], [3.0], [-1.0]]), targets)
    assert sums == {"correct": 1, "count": 4, "labelled": 2}
    assert objective.summarise(sums) == {"accuracy": 0.5}
    assert objective.summarise({"correct": 3, "count": 4}) == {"accuracy": 0.75}


def test_slices_come_from_the_store_they_lie_in() -> None:
    with Corpus() as corpus:
        corpus.add("a b c", "x")
        corpus.seal()
        texts = corpus.unlabelled()
        texts.add("d a")
        texts.seal(corpus.digests, corpus.digests)
        pool = JoinedPool(corpus.pool, texts.pool)
        assert [pool[part].tolist() for part in (slice(0, 3), slice(1, 2), slice(3, 5), slice(4, 5), slice(3, 3))] == [
            [0, 1, 2],
            [1],
            [3, 0],
            [0],
            [],
        ]
