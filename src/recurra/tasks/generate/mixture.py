"""A language model of two parts: a network, and n-grams of the same text, whose probabilities are averaged.

The network's share depends on how many of the last symbols the n-grams know: where they have seen the whole of a long
run, they count for more. The shares are fitted on validation text (`learn/ngram_fit.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.storage.model_directory import NGRAMS
from recurra.storage.parts import mismatch
from recurra.tasks.generate.ngrams import Ngrams, lengths
from recurra.tasks.generate.session import LanguageSession, States


class MixtureState(NamedTuple):
    """The states of both parts. network: see `LanguageSession`; ngrams: [n]."""

    network: States
    ngrams: NDArray[np.int64]


class Mixture:
    """Answers as a LanguageSession does for one text, with logarithms of probabilities in place of logits.

    share: [n] the network's share of the probability where the n-grams know the last 0, 1, ... n - 1 symbols.
    Safe to call from several threads.
    """

    def __init__(self, network: LanguageSession, ngrams: Ngrams, share: NDArray[np.float32]) -> None:
        self.network, self.ngrams, self.share = network, ngrams, share

    def empty(self) -> MixtureState:
        """Return the state before anything was read."""
        return MixtureState(self.network.empty(), self.ngrams.empty())

    def run(self, ids: NDArray[np.int64], state: MixtureState) -> tuple[NDArray[np.float32], MixtureState]:
        """Return (log-probabilities [1, T, V], the new state) for ids [1, T] that follow `state`, which is kept."""
        logits, network = self.network.run(ids, state.network)
        states = self.ngrams.read(ids[0], state.ngrams)
        share = self.share[lengths(states)][:, None]
        mixed = share * softmax(logits[0])
        mixed += (1 - share) * self.ngrams.probabilities(states)
        return np.log(mixed)[None], MixtureState(network, states[-1])


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities [T, V] of logits [T, V]."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def mixture_from(
    content: bytes, network: LanguageSession, *, order: int, vocabulary: int, where: str = NGRAMS
) -> Mixture:
    """Return the mixture of a network with the n-grams in a file. order: n as the manifest states it.

    content: safetensors with the arrays of `Ngrams` and `share`. where: the file, for errors. Raises ArtefactError.
    """
    from safetensors.numpy import load

    try:
        arrays = load(content)
    except Exception as error:  # the header is anyone's: SafetensorError, or KeyError for a type that NumPy lacks
        raise ArtefactError(f"{where} is damaged: {error}. Train the model again.") from None
    kinds = {"symbol": "u", "own": "f", "children": "u", "share": "f"}
    if {name: array.dtype.kind for name, array in arrays.items()} != kinds or any(
        array.ndim != 1 or not len(array) for array in arrays.values()
    ):
        raise ArtefactError(f"{where} does not hold the arrays of an n-gram model. Train the model again.")
    share = arrays["share"].astype(np.float32)
    if len(share) != order:
        raise mismatch(f"{where} holds n-grams of {len(share)} symbols, and manifest.json states {order}")
    if not bool(((share > 0) & (share < 1)).all()):
        raise ArtefactError(f"{where} states a share of the network outside 0 to 1. Train the model again.")
    ngrams = Ngrams(
        arrays["symbol"], arrays["own"], arrays["children"], order=order, vocabulary=vocabulary, where=where
    )
    return Mixture(network, ngrams, share)
