"""A network that begins as a trained model, with room for further words and labels.

Until its first step it answers as the model does: a word that the model lacks begins as its unknown word, whose
spelling counts as before, and a label that it lacks begins with a logit of 0, until its n-grams and bias are learnt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.shape import ManyToOneShape
from recurra.text.rounded import restored
from recurra.text.tokenizer import UNKNOWN

Weights = Mapping[str, NDArray[Any]]


def grown_shape(shape: ManyToOneShape, vocabulary: int, outputs: int) -> ManyToOneShape:
    """Return the shape of a model with so many ids and outputs; what else it has stays."""
    return ManyToOneShape.model_validate({**shape.model_dump(), "vocabulary": vocabulary, "outputs": outputs})


def begin_at(network: ManyToOneNetwork, shape: ManyToOneShape, weights: Weights, temperature: float) -> None:
    """Give a network, which may have more words and outputs, the weights of a model.

    shape, weights, temperature: those of the model. Its logits are divided by the temperature from the start, so that
    the network begins with probabilities that are right.
    """
    vocabulary, outputs = network.shape.vocabulary, network.shape.outputs
    state: dict[str, Tensor] = {}
    spelt_table = weights.get("subwords.embedding")
    for name, weight in weights.items():
        if name.startswith(("recurrent.", "pooling.")):
            state[name] = torch.from_numpy(weight)
    embedding = weights["embedding.weight"]
    state["embedding.weight"] = torch.from_numpy(
        np.concatenate([embedding, np.repeat(embedding[UNKNOWN][None], vocabulary - len(embedding), axis=0)])
    )
    state["head.weight"] = with_outputs(weights["head.weight"].T, outputs).T / temperature
    state["head.bias"] = with_outputs(weights["head.bias"][None], outputs)[0] / temperature
    spellings = network.spellings
    if spelt_table is not None:
        state["spellings.embedding.weight"] = torch.from_numpy(spelt_table)
    if shape.ngrams:
        table = restored(weights["ngrams.codes"], weights["ngrams.scale"])
        words, buckets = table[: shape.vocabulary], table[shape.vocabulary :]
        fresh = np.zeros((vocabulary - shape.vocabulary, shape.outputs), dtype=np.float32)
        whole = with_outputs(np.concatenate([words, fresh, buckets]), outputs) / temperature
        state["ngrams.table.weight"] = whole
        if shape.subwords:
            spelt = restored(weights["subwords.codes"], weights["subwords.scale"])
            state["spellings.ngrams.weight"] = with_outputs(spelt, outputs) / temperature
    found = network.load_state_dict(state, strict=False)
    left = [name for name in found.missing_keys if not name.startswith("thresholds.")]
    assert not left and not found.unexpected_keys, (left, found.unexpected_keys)
    if network.thresholds is not None:
        network.thresholds.start(weights["thresholds"] / temperature)
    if spellings is not None:
        _without_spelling(network, shape.vocabulary)


@torch.no_grad()
def _without_spelling(network: ManyToOneNetwork, known: int) -> None:
    """Take the share of its spelling off what each word that the model knows has of its own. known: their number."""
    spellings, words = network.spellings, torch.arange(known)
    assert spellings is not None  # for the type checker
    if spellings.embedding is not None:
        network.embedding.weight[:known] -= spellings.vectors(words)
        network.embedding.weight[known:] = network.embedding.weight[UNKNOWN]
    if spellings.ngrams is not None:
        assert network.ngrams is not None  # for the type checker
        network.ngrams.table.weight[:known] -= spellings.weights(words)


def with_outputs(weights: NDArray[np.float32], outputs: int) -> Tensor:
    """Return weights [.., O] for more outputs, which begin at nothing. What one output says for the second of two
    classes becomes half of it for that and half of it against the first, with the same probabilities."""
    own = weights.shape[-1]
    if own == outputs:
        return torch.from_numpy(np.array(weights))
    if own == 1:
        weights = np.concatenate([-weights / 2, weights / 2], axis=-1)
    padding = np.zeros((*weights.shape[:-1], outputs - weights.shape[-1]), dtype=np.float32)
    return torch.from_numpy(np.concatenate([weights, padding], axis=-1))


def further_words(counts: Mapping[str, int], known: Sequence[str], min_count: int, most: int) -> list[str]:
    """Return the words that a model lacks and that occur often enough, most frequent first, `most` of them at most.

    counts: how often the new training rows have each word.
    """
    there = set(known)
    found = [word for word, count in counts.items() if count >= min_count and word not in there]
    return sorted(found, key=lambda word: (-counts[word], word))[: max(0, most)]
