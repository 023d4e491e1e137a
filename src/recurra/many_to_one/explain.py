"""What each word and each sentence contributes to an answer, by occlusion: hide it, predict again, and compare.

    explanation = model.explain("A wonderful film, if a little long.")
    explanation.top(2)       # the words without which the answer would change most

A word is hidden by putting the unknown word in its place, so that every other word stays where it is; of a model that
reads pieces of words or characters, all those of the word are. (The networks are trained with words hidden in this
way.) Its contribution is by how much the log-odds of the label fall: log-odds do not flatten where the model is sure,
so that contributions of different texts can be compared. All that is hidden is answered in one batched run. What the
n-grams beside a network add needs no hiding: it is a sum. The limits of the method: docs/explanation/explanations.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError, did_you_mean
from recurra.many_to_one.given import Given
from recurra.many_to_one.link import LINKS
from recurra.many_to_one.occlusion import Contribution, as_plain, occlude, strongest, strongest_words
from recurra.many_to_one.parts import ModelParts
from recurra.storage.model_directory import Label


@dataclass(frozen=True)
class Explanation:
    """What the words and sentences of a text contribute to the log-odds of `target`.

    text: as given. label: what the model answers. target: what is explained. probabilities: by label, as text.
    log_odds: those of the target, log(p / (1 - p)). words: in the order of the text, punctuation signs among them, each
    occurrence by itself; only those that the model reads. span: how many neighbouring words share one entry of `words`:
    1, except in long texts. tokens: how many the text has; truncated: whether some of them are not read; nothing_known:
    whether none that is read is in the vocabulary, so that the answer says nothing of the text.
    ngrams: of a model with a linear model of n-grams beside its network, what each n-gram adds, exactly: to the
    log-odds of the target where there are two labels, else to its logit less the mean of all labels' logits. The
    strongest first, each as it is written where it first occurs, MOST_NGRAMS at most; those that add nothing are left
    out. ngram_total: what all of them add; network_total: what the network adds. ordered: whether the labels have an
    order: the n-grams then add to the place in it, whatever the target.
    """

    text: str
    label: Label
    target: Label
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
    ordered: bool = False
    columns: tuple[Contribution, ...] = ()
    features: dict[str, float] = field(default_factory=dict)

    def top(self, count: int = 10) -> list[Contribution]:
        """Return the `count` words that contribute most, for the target or against it, the strongest first."""
        return strongest_words(self.words, count)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        return as_plain(self)


def divided(explanation: Explanation) -> str:
    """Return in a sentence what the n-grams, which the model has, and the network add up to."""
    assert explanation.ngram_total is not None  # for the type checker
    assert explanation.network_total is not None
    whole = (
        "Above the middle of the order, the text is at"
        if explanation.ordered
        else f"The log-odds of {explanation.target} are"
        if len(explanation.probabilities) == 2
        else f"The logit of {explanation.target}, less the mean of all labels, is"
    )
    return (
        f"{whole} {explanation.ngram_total + explanation.network_total:+.2f}: {explanation.ngram_total:+.2f} from all "
        f"n-grams and {explanation.network_total:+.2f} from the network."
    )


def explain(model: ModelParts, text: Given, target: Label | None = None) -> Explanation:
    """Return what each word and each sentence of `text` contributes: see `Classifier.explain`."""
    labels = model.classes_.tolist()
    chosen = None if target is None else _target(target, labels)
    parts = occlude(model.tokenizer, text)
    logits, probabilities = model.engine.run(parts.variants)
    exact = probabilities[0].astype(np.float64)
    exact /= exact.sum()
    answer = int(model.chosen(exact[None])[0])
    target_index = answer if chosen is None else chosen
    ordered = model.link is LINKS["cumulative"]
    odds = order_log_odds(logits, target_index) if ordered else log_odds(logits, target_index)

    def towards(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values.mean(axis=1) if ordered else _towards(values, target_index)

    ngrams = parts.ngrams(model.ngrams, lambda weights: towards(weights / model.temperature))
    total = float(towards(logits[:1].astype(np.float64))[0])
    beside = None if ngrams is None else sum((ngram.contribution for ngram in ngrams), 0.0)
    words, of_sentences = parts.contributions(odds[0] - odds[1:])
    return Explanation(
        text=parts.text,
        label=labels[answer],
        target=labels[target_index],
        probabilities=dict(zip(map(str, labels), exact.tolist(), strict=True)),
        log_odds=float(odds[0]),
        words=words,
        sentences=of_sentences,
        span=parts.span,
        tokens=parts.encoding.tokens,
        truncated=parts.truncated,
        nothing_known=parts.encoding.nothing_known,
        ngrams=strongest(ngrams or []),
        ngram_total=beside,
        columns=parts.of_columns(odds[0] - odds[1:]),
        features=parts.of_features(odds[0] - odds[1:]),
        network_total=None if beside is None else total - beside,
        ordered=ordered,
    )


def _towards(logits: NDArray[np.float64], target: int) -> NDArray[np.float64]:
    """Return what logits [N, outputs] say for class `target` [N]: its log-odds, or its logit less the mean of all."""
    if logits.shape[1] == 1:
        return logits[:, 0] if target == 1 else -logits[:, 0]
    return np.asarray(logits[:, target] - logits.mean(axis=1))


def order_log_odds(logits: NDArray[np.float32], target: int) -> NDArray[np.float64]:
    """Return log(p / (1 - p)) [N] of class `target` of an order from the logits of being above each threshold
    [N, K - 1]."""
    chances = LINKS["cumulative"].exact(logits)
    tiny = np.finfo(np.float64).tiny
    rest = np.delete(chances, target, axis=1).sum(axis=1)
    return np.asarray(np.log(np.maximum(chances[:, target], tiny)) - np.log(np.maximum(rest, tiny)))


def log_odds(logits: NDArray[np.float32], target: int) -> NDArray[np.float64]:
    """Return log(p / (1 - p)) [N] of class `target` from logits [N, outputs], exact where p is near 0 or 1 too."""
    exact = logits.astype(np.float64)
    if exact.shape[1] == 1:
        return exact[:, 0] if target == 1 else -exact[:, 0]
    others = np.delete(exact, target, axis=1)
    highest = others.max(axis=1)
    rest: NDArray[np.float64] = highest + np.log(np.exp(others - highest[:, None]).sum(axis=1))
    return exact[:, target] - rest


def _target(target: Label, labels: list[Label]) -> int:
    """Return the index of a label, which may be given as text. Raises OptionError where the model does not have it."""
    for index, label in enumerate(labels):
        if type(label) is type(target) and label == target:
            return index
    names = [str(label) for label in labels]
    if str(target) in names:
        return names.index(str(target))
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    raise OptionError(f"The model has no label {str(target)!r}. It has: {shown}.{did_you_mean(str(target), names)}")
