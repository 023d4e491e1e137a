"""What training of a network that answers texts makes, and what making it takes, whether it begins anew or goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.engines.choice import exact_engine
from recurra.many_to_one.learn.ensemble import FittedMember
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.model import AnyModel
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage.model_directory import Label
from recurra.text.tokenizer import Encoding, Tokenizer
from recurra.training.fit import Fitted


@dataclass(frozen=True, kw_only=True)
class FittedText(Fitted[ManyToOneShape]):
    """A trained network that answers whole texts.

    export: how the graph was chosen, see `choose_precision`; temperature: already in the graph; valid: rows and
    figures of the weights that were kept, on the validation rows, and the share of their tokens that are unknown.
    ngrams: how the linear model beside the network was fitted, see `ngram_fit.figures`; None where there is none.
    members: of an ensemble, each as the model that it is alone; history: that of the first.
    """

    tokenizer: Tokenizer
    export: dict[str, Any]
    temperature: float
    valid: dict[str, Any]
    ngrams: dict[str, Any] | None = None
    members: tuple[FittedMember, ...] = ()

    def model(self, kind: type[AnyModel], labels: Sequence[Label], threads: int | None = None) -> AnyModel:
        """Return the model as it will answer once it is saved. kind: the class of the task's models; labels: one for
        each number of an answer."""
        engine = None
        if self.export["precision"] == "fp32":
            engine = exact_engine(self.shape, self.weights, self.temperature, threads)
        return kind(self.tokenizer, self.graph, labels, threads=threads, engine=engine, network=self.shape)


def as_read(corpus: Corpus, rows: Examples, chosen: NDArray[np.bool_], tokenizer: Tokenizer) -> list[Encoding]:
    """Return the chosen rows of a corpus as a model reads them, with the spelling of unknown words where it has that.
    rows: the same rows, as ids."""
    read = rows.encodings()
    if not tokenizer.subwords:
        return read
    return [
        replace(tokenizer.encode(corpus.texts[int(row)]), features=one.features)
        for row, one in zip(np.flatnonzero(chosen), read, strict=True)
    ]


def with_mean_one(weights: NDArray[np.floating[Any]], training: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return weights [N] as multiples of their mean over the training rows."""
    return np.asarray(weights / weights[training].mean(), dtype=np.float32)


def windowed(tokenizer: Tokenizer, window: int | None) -> Tokenizer:
    """Return the tokeniser for training steps: it cuts longer texts to `window` tokens by the same rule.

    A filled text has one length always, so there is nothing to cut.
    """
    limit = tokenizer.max_tokens
    if window is None or tokenizer.fill or (limit is not None and limit <= window):
        return tokenizer
    return tokenizer.cut_to(window)
