"""What the network and the n-grams of a language model are worth alone, on the held-out text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.generate.learn.ngram_fit import predictions
from recurra.tasks.generate.metrics import compare_likelihood, likelihood_scores
from recurra.tasks.generate.model import Generator


def ablation(generator: Generator, text: str, nats: NDArray[np.float32], seed: int) -> dict[str, Any] | None:
    """Return the scores of both parts of a model on a text; None for a network without n-grams.

    nats: [N] -log p of each symbol of the text by the whole model.
    Returns network and ngrams, each with its `likelihood_scores` and paired: by how much the whole model is better.
    """
    mixture, tokenizer = generator.mixture, generator.tokenizer
    if mixture is None:
        return None
    network, ngrams, _ = predictions(mixture.network, mixture.ngrams, tokenizer.encode(text), tokenizer.start())
    characters = len(text) if tokenizer.level != "word" else None
    result: dict[str, Any] = {}
    for name, chances in (("network", network), ("ngrams", ngrams)):
        alone = -np.log(np.maximum(chances, np.finfo(np.float32).tiny))
        result[name] = likelihood_scores(alone, characters, seed) | {"paired": compare_likelihood(nats, alone, seed)}
    return result
