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
    Returns network and ngrams, each with its `likelihood_scores` and paired: by how much the whole model is better; and
    paired: by how much the network alone is better than the n-grams alone.
    """
    mixture, tokenizer = generator.mixture, generator.tokenizer
    if mixture is None:
        return None
    network, ngrams, _ = predictions(mixture.network, mixture.ngrams, tokenizer.encode(text), tokenizer.start())
    characters = len(text) if tokenizer.level != "word" else None
    alone = {
        name: -np.log(np.maximum(chances, np.finfo(np.float32).tiny))
        for name, chances in (("network", network), ("ngrams", ngrams))
    }
    result: dict[str, Any] = {
        name: likelihood_scores(own, characters, seed) | {"paired": compare_likelihood(nats, own, seed)}
        for name, own in alone.items()
    }
    return result | {"paired": compare_likelihood(alone["network"], alone["ngrams"], seed)}
