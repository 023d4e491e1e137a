"""What each word and each sentence contributes to one label, by occlusion: see `many_to_one/occlusion.py`.

    explanation = model.explain("A film of my friend.", "person")
    explanation.top(2)       # the words without which the answer for this label would change most

A contribution is by how much the log-odds of the label fall. Labels are answered each by itself, so that the logit of
one, divided by the temperature, is its log-odds, and what the network and the n-grams add to it are exact sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError, did_you_mean
from recurra.many_to_one.given import Given
from recurra.many_to_one.link import Link
from recurra.many_to_one.occlusion import Contribution, as_plain, occlude, strongest, strongest_words
from recurra.many_to_one.parts import ModelParts
from recurra.storage.model_directory import Label

SHOWN_LABELS = 20
"""Labels that an error names."""


@dataclass(frozen=True)
class LabelExplanation:
    """What the words and sentences of a text contribute to the log-odds of `target`.

    text: as given. label: the most probable label. target: what is explained. threshold: from which probability it is
    given. labels: those that are given, the most probable first. probabilities: by label, as text. log_odds: those of
    the target, log(p / (1 - p)). words: in the order of the text, punctuation signs among them, each occurrence by
    itself; only those that the model reads. span: how many neighbouring words share one entry of `words`: 1, except in
    long texts. tokens: how many the text has; truncated: whether some of them are not read; nothing_known: whether none
    that is read is in the vocabulary, so that the answer says nothing of the text. ngrams: of a model with a linear
    model of n-grams beside its network, what each n-gram adds to the log-odds, exactly, the strongest first.
    ngram_total: what all of them add; network_total: what the network adds.
    """

    text: str
    label: Label
    target: Label
    threshold: float
    labels: tuple[Label, ...]
    probabilities: dict[str, float]
    log_odds: float
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
        """Return the `count` words that contribute most, for the target or against it, the strongest first."""
        return strongest_words(self.words, count)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        return as_plain(self)


class LabelParts(ModelParts, Protocol):
    """What an explanation needs of a model: see `model.MultilabelClassifier`."""

    link: Link

    @property
    def thresholds(self) -> NDArray[np.float64]: ...

    def labels_of(self, probabilities: NDArray[np.floating[Any]]) -> list[list[Any]]: ...


def explain(model: LabelParts, text: Given, target: Label | None = None) -> LabelExplanation:
    """Return what each word and each sentence of `text` contributes: see `MultilabelClassifier.explain`."""
    labels = model.classes_.tolist()
    chosen = None if target is None else _place(target, labels)
    parts = occlude(model.tokenizer, text)
    logits, answers = model.engine.run(parts.variants)
    probabilities = model.link.settled(answers[:1])
    best = int(probabilities[0].argmax())
    place = best if chosen is None else chosen
    odds = logits[:, place].astype(np.float64)
    words, sentences = parts.contributions(odds[0] - odds[1:])
    ngrams = parts.ngrams(model.ngrams, lambda weights: np.asarray(weights[:, place] / model.temperature))
    beside = None if ngrams is None else sum((ngram.contribution for ngram in ngrams), 0.0)
    return LabelExplanation(
        text=parts.text,
        label=labels[best],
        target=labels[place],
        threshold=float(model.thresholds[place]),
        labels=tuple(model.labels_of(probabilities)[0]),
        probabilities=dict(zip(map(str, labels), probabilities[0].tolist(), strict=True)),
        log_odds=float(odds[0]),
        words=words,
        sentences=sentences,
        span=parts.span,
        tokens=parts.encoding.tokens,
        truncated=parts.truncated,
        nothing_known=parts.encoding.nothing_known,
        ngrams=strongest(ngrams or []),
        ngram_total=beside,
        columns=parts.of_columns(odds[0] - odds[1:]),
        features=parts.of_features(odds[0] - odds[1:]),
        network_total=None if beside is None else float(odds[0]) - beside,
    )


def divided(explanation: LabelExplanation) -> str:
    """Return in a sentence what the n-grams, which the model has, and the network add up to."""
    assert explanation.ngram_total is not None  # for the type checker
    assert explanation.network_total is not None
    return (
        f"The log-odds of {explanation.target} are {explanation.log_odds:+.2f}: {explanation.ngram_total:+.2f} from "
        f"all n-grams and {explanation.network_total:+.2f} from the network."
    )


def answer_in_words(explanation: LabelExplanation) -> str:
    """Return in a sentence whether the label is given."""
    chance = explanation.probabilities[str(explanation.target)]
    which = "is given" if chance >= explanation.threshold else "is not given"
    return f"{explanation.target} {which}: its probability is {chance:.4f}, its threshold {explanation.threshold:.4f}."


def _place(target: Label, labels: list[Label]) -> int:
    """Return the index of a label, which may be given as text. Raises OptionError where the model does not have it."""
    for index, label in enumerate(labels):
        if type(label) is type(target) and label == target:
            return index
    names = [str(label) for label in labels]
    if str(target) in names:
        return names.index(str(target))
    shown = ", ".join(names[:SHOWN_LABELS]) + (", ..." if len(names) > SHOWN_LABELS else "")
    raise OptionError(f"The model has no label {str(target)!r}. It has: {shown}.{did_you_mean(str(target), names)}")
