"""A task small enough to learn in a second: does 'good' or 'bad' come last?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.options import ModelOptions
from recurra.many_to_one.shape import ManyToOneShape
from recurra.text.word_tokenizer import TokenCounter, WordTokenizer
from recurra.training.loop import Run

WORDS = ["good", "bad", *(f"w{i}" for i in range(30))]


def examples_of(rows: int, seed: int, wrong: float = 0.0) -> Examples:
    """wrong: share of the labels that are turned round."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 2, rows)
    texts = [
        " ".join([*rng.choice(WORDS, rng.integers(1, 12)), ("bad", "good")[t], *rng.choice(WORDS[2:], 2)])
        for t in targets
    ]
    counter = TokenCounter()
    for word in WORDS:
        counter.number(word)
    ids = [counter.number(text) for text in texts]
    counts = np.array([len(i) for i in ids])
    words, table = counter.vocabulary([np.arange(len(WORDS), dtype=np.int32)], size=100, min_count=1)
    return Examples(
        np.concatenate(ids),
        np.concatenate([[0], np.cumsum(counts)[:-1]]),
        counts,
        table,
        WordTokenizer(words, max_tokens=10),
        np.where(rng.random(rows) < wrong, 1 - targets, targets).astype(np.int64),
    )


@pytest.fixture
def new_run() -> Callable[..., tuple[ManyToOneNetwork, Run]]:
    def make(epochs: int = 3, wrong: float = 0.0, **changes: object) -> tuple[ManyToOneNetwork, Run]:
        options = ModelOptions(
            **{"hidden": 8, "embedding": 8, "batch": 16, "learning_rate": 0.02, "patience": None, "precision": "fp32"}
            | {name: value for name, value in changes.items() if name in ModelOptions.model_fields}
        )
        train, valid = examples_of(200, 0, wrong), examples_of(60, 1, wrong)
        torch.manual_seed(options.seed)
        shape = ManyToOneShape(
            vocabulary=train.tokenizer.size,
            embedding=options.embedding,
            cell=options.cell,
            hidden=options.hidden,
            layers=options.layers,
            direction=options.direction,
            pooling=options.pooling,
            outputs=1,
        )
        rest = {name: value for name, value in changes.items() if name not in ModelOptions.model_fields}
        run = Run(
            Classification(2, options.calibrate), options, epochs, torch.device("cpu"), False, train, valid, **rest
        )
        return ManyToOneNetwork(shape, options.dropout), run

    return make
