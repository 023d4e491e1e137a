"""What each word and each sentence contributes to a number, in its own unit: see `many_to_one/occlusion.py`.

explanation = model.explain("A wonderful film, if a little long.")
explanation.top(2)       # the words without which the number would change most
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.conformal import ConformalIntervals
from recurra.many_to_one.engines.engine import Engine
from recurra.many_to_one.given import Given
from recurra.many_to_one.link import Link
from recurra.many_to_one.ngrams import NgramModel
from recurra.many_to_one.occlusion import Contribution, as_plain, occlude, strongest, strongest_words
from recurra.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class NumberExplanation:
    """What the words and sentences of a text contribute to its number.

    text: as given. value, lo, hi: the number and the ends of its interval. words: in the order of the text, each
    occurrence by itself: by how much the number falls when it is hidden, positive where it raises it; only those that
    the model reads. sentences: the same of each. span, tokens, truncated, nothing_known: as of a classifier's
    `recurra.many_to_one.explain.Explanation`. ngrams: of a model with n-grams beside its network, what each adds,
    exactly; the strongest first. ngram_total: what all of them add; network_total: what the network adds: together the
    number, before it is kept within the targets of training.
    """

    text: str
    value: float
    lo: float
    hi: float
    words: tuple[Contribution, ...]
    sentences: tuple[Contribution, ...]
    span: int
    tokens: int
    truncated: bool
    nothing_known: bool = False
    ngrams: tuple[Contribution, ...] = ()
    ngram_total: float | None = None
    network_total: float | None = None
    columns: tuple[Contribution, ...] = ()
    features: dict[str, float] = field(default_factory=dict)

    def top(self, count: int = 10) -> list[Contribution]:
        """Return the `count` words that contribute most, up or down, the strongest first."""
        return strongest_words(self.words, count)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        return as_plain(self)


class NumberParts(Protocol):
    """The parts of a loaded model of numbers that explanations need; see `model.TextRegressor`, which has them all."""

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def link(self) -> Link: ...

    @property
    def ngrams(self) -> NgramModel | None: ...

    @property
    def intervals(self) -> ConformalIntervals | None: ...

    def around(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...


def explain(model: NumberParts, text: Given) -> NumberExplanation:
    """Return what each word and each sentence of `text` contributes: see `TextRegressor.explain`."""
    parts = occlude(model.tokenizer, text)
    numbers = model.link.settled(model.engine.run(parts.variants)[1])[:, 0]
    words, sentences = parts.contributions(numbers[0] - numbers[1:])
    low, high = model.around(numbers[:1])
    ngrams = parts.ngrams(model.ngrams, lambda weights: weights[:, 0])
    beside = None if ngrams is None else sum((ngram.contribution for ngram in ngrams), 0.0)
    return NumberExplanation(
        text=parts.text,
        value=float(model.intervals.clipped(numbers[:1])[0]) if model.intervals else float(numbers[0]),
        lo=float(low[0]),
        hi=float(high[0]),
        words=words,
        sentences=sentences,
        span=parts.span,
        tokens=parts.encoding.tokens,
        truncated=parts.truncated,
        nothing_known=parts.encoding.nothing_known,
        ngrams=strongest(ngrams or [], nothing=1e-6 * max(1e-300, abs(float(high[0] - low[0])))),
        ngram_total=beside,
        columns=parts.of_columns(numbers[0] - numbers[1:]),
        features=parts.of_features(numbers[0] - numbers[1:]),
        network_total=None if beside is None else float(numbers[0]) - beside,
    )


def divided(explanation: NumberExplanation) -> str:
    """Return in a sentence what the n-grams, which the model has, and the network add up to."""
    assert explanation.ngram_total is not None  # for the type checker
    assert explanation.network_total is not None
    whole = explanation.ngram_total + explanation.network_total
    beyond = (
        f", kept to {explanation.value:.4g}" if abs(whole - explanation.value) > 1e-6 * max(1.0, abs(whole)) else ""
    )
    return (
        f"The number is {whole:.4g}{beyond}: {explanation.ngram_total:+.4g} from all n-grams and "
        f"{explanation.network_total:.4g} from the network."
    )
