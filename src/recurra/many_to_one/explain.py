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

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError, did_you_mean
from recurra.many_to_one.parts import ModelParts
from recurra.storage.model_directory import Label
from recurra.text.sentences import sentences
from recurra.text.tokenizer import UNKNOWN, Encoding
from recurra.text.words import LINE_BREAK

BUDGET = 250_000
"""Tokens that the words of one text may cost; beyond it, neighbouring words are hidden together."""

MOST_NGRAMS = 200
"""N-grams that an explanation lists."""

NOTHING = 1e-6
"""A word that the model does not read contributes less: nothing, but for rounding."""

EDGES = re.compile(r"^\s+|\s+$")

FEWEST_SPANS = 32
"""The fewest spans of words by which a longer text is explained."""


@dataclass(frozen=True)
class Contribution:
    """A word, or a sentence, and by how much the log-odds of the target fall without it.

    start, end: characters of the text as given, `text[start:end]`. Positive: it speaks for the target.
    """

    start: int
    end: int
    text: str
    contribution: float


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
    out. ngram_total: what all of them add; network_total: what the network adds.
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

    def top(self, count: int = 10) -> list[Contribution]:
        """Return the `count` words that contribute most, for the target or against it, the strongest first."""
        return sorted(self.words, key=lambda word: -abs(word.contribution))[:count]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON values."""
        return asdict(self) | {
            "words": [asdict(word) for word in self.words],
            "sentences": [asdict(sentence) for sentence in self.sentences],
            "ngrams": [asdict(ngram) for ngram in self.ngrams],
        }


def around_words(explanation: Explanation) -> Iterator[tuple[str, Contribution | None]]:
    """Yield the pieces of the text to show, in order: (its text, the word that it is), None for what is no word.

    HTML line breaks are line ends.
    """
    end = 0
    for word in explanation.words:
        yield LINE_BREAK.sub("\n", explanation.text[end : word.start]), None
        yield word.text, word
        end = word.end
    yield LINE_BREAK.sub("\n", explanation.text[end:]), None


def of_no_known_word(explanation: Explanation) -> str:
    """Return what to say of the answer to a text of which no word is known."""
    if any(abs(word.contribution) > NOTHING for word in explanation.words):
        return "No known word was read: the answer goes by the spelling of unknown ones."
    return "Nothing known was read: the answer is that to any text without a known word."


def divided(explanation: Explanation) -> str:
    """Return in a sentence what the n-grams, which the model has, and the network add up to."""
    assert explanation.ngram_total is not None  # for the type checker
    assert explanation.network_total is not None
    whole = (
        f"The log-odds of {explanation.target} are"
        if len(explanation.probabilities) == 2
        else f"The logit of {explanation.target}, less the mean of all labels, is"
    )
    return (
        f"{whole} {explanation.ngram_total + explanation.network_total:+.2f}: {explanation.ngram_total:+.2f} from all "
        f"n-grams and {explanation.network_total:+.2f} from the network."
    )


def edges_shown(ngram: str) -> str:
    """Return an n-gram of characters with a sign for white space at its ends, which would not be seen."""
    return EDGES.sub("\u2423", ngram)


def explain(model: ModelParts, text: str, target: Label | None = None) -> Explanation:
    """Return what each word and each sentence of `text` contributes: see `Classifier.explain`."""
    if not isinstance(text, str):
        raise OptionError(f"The text to explain must be a str; got {type(text).__name__}.")
    labels = model.classes_.tolist()
    chosen = None if target is None else _target(target, labels)
    encoding, all_offsets = model.tokenizer.encode_with_offsets(text)
    kept = model.tokenizer.kept(encoding.tokens)
    offsets = np.array(all_offsets, dtype=np.int64).reshape(-1, 2)[kept]
    filled = len(encoding.ids) - len(offsets)  # the filler in front; or the unknown word that an empty text becomes
    shown = _shown(model.tokenizer.spans(text, all_offsets)[kept])
    span = span_for(len(offsets), len(shown))
    words = [slice(shown[start].start, shown[start : start + span][-1].stop) for start in range(0, len(shown), span)]
    starts = [(int(offsets[part.start, 0]), int(offsets[part.stop - 1, 1])) for part in shown]
    parts = [slice(shown[part.start].start, shown[part.stop - 1].stop) for part in sentences(text, starts)]
    variants = [encoding]
    variants += [hidden(encoding, slice(part.start + filled, part.stop + filled)) for part in words + parts]
    logits, probabilities = model.engine.run(variants)
    exact = probabilities[0].astype(np.float64)
    exact /= exact.sum()
    answer = int(exact.argmax())
    odds = log_odds(logits, answer if chosen is None else chosen)
    target_index = answer if chosen is None else chosen
    ngrams = _ngram_contributions(model, encoding, text, offsets, filled, target_index)
    total = float(_towards(logits[:1].astype(np.float64), target_index)[0])
    beside = None if ngrams is None else sum((ngram.contribution for ngram in ngrams), 0.0)
    contributions = [
        _contribution(text, offsets[part], float(odds[0] - without))
        for part, without in zip(words + parts, odds[1:], strict=True)
    ]
    return Explanation(
        text=text,
        label=labels[answer],
        target=labels[answer if chosen is None else chosen],
        probabilities=dict(zip(map(str, labels), exact.tolist(), strict=True)),
        log_odds=float(odds[0]),
        words=tuple(contributions[: len(words)]),
        sentences=tuple(contributions[len(words) :]),
        span=span,
        tokens=encoding.tokens,
        truncated=len(offsets) < encoding.tokens,
        nothing_known=encoding.nothing_known,
        ngrams=_strongest(ngrams or []),
        ngram_total=beside,
        network_total=None if beside is None else total - beside,
    )


def _ngram_contributions(
    model: ModelParts,
    encoding: Encoding,
    text: str,
    offsets: NDArray[np.int64],
    filled: int,
    target: int,
) -> list[Contribution] | None:
    """Return what each distinct n-gram adds to the target; None where the model has none."""
    if model.ngrams is None:
        return None
    found = []
    for share in model.ngrams.shares(encoding):
        places = offsets[share.begins[0] - filled : share.begins[0] - filled + share.tokens]
        written = _written(text, places)
        weight = _towards(share.weights[None].astype(np.float64) / model.temperature, target)
        found.append(Contribution(int(places[0, 0]), int(places[-1, 1]), written, float(weight[0])))
    return found


def _strongest(ngrams: list[Contribution]) -> tuple[Contribution, ...]:
    """Return those that add most, without those that add nothing."""
    found = [ngram for ngram in ngrams if abs(ngram.contribution) >= NOTHING]
    return tuple(sorted(found, key=lambda ngram: -abs(ngram.contribution))[:MOST_NGRAMS])


def _written(text: str, places: NDArray[np.int64]) -> str:
    """Return the tokens at places [M, 2] as the text has them: one space where anything lies between two.

    Tokens that are parts of one character have the same place.
    """
    written, end = "", int(places[0, 0])
    for start, stop in places.tolist():
        written += (" " if start > end else "") + text[max(start, end) : stop]
        end = max(end, stop)
    return written


def _towards(logits: NDArray[np.float64], target: int) -> NDArray[np.float64]:
    """Return what logits [N, outputs] say for class `target` [N]: its log-odds, or its logit less the mean of all."""
    if logits.shape[1] == 1:
        return logits[:, 0] if target == 1 else -logits[:, 0]
    return np.asarray(logits[:, target] - logits.mean(axis=1))


def hidden(encoding: Encoding, part: slice | NDArray[np.intp]) -> Encoding:
    """Return an encoding with the unknown word in place of a part of its ids."""
    without = encoding.ids.copy()
    without[part] = UNKNOWN
    return replace(encoding, ids=without)


def _shown(spans: NDArray[np.int64]) -> list[slice]:
    """Return the words as slices of the tokens, from a number of each token's word [T], -1 for white space."""
    edges = np.flatnonzero(np.diff(spans, prepend=-2, append=-2))
    return [slice(int(start), int(end)) for start, end in pairwise(edges) if spans[start] >= 0]


def span_for(tokens: int, words: int | None = None) -> int:
    """Return how many neighbouring words are hidden together in a text of `tokens` tokens.

    words: how many there are, where they are not the tokens themselves.
    """
    spans = max(FEWEST_SPANS, BUDGET // max(tokens, 1))
    return max(1, -(-(tokens if words is None else words) // spans))


def log_odds(logits: NDArray[np.float32], target: int) -> NDArray[np.float64]:
    """Return log(p / (1 - p)) [N] of class `target` from logits [N, outputs], exact where p is near 0 or 1 too."""
    exact = logits.astype(np.float64)
    if exact.shape[1] == 1:
        return exact[:, 0] if target == 1 else -exact[:, 0]
    others = np.delete(exact, target, axis=1)
    highest = others.max(axis=1)
    rest: NDArray[np.float64] = highest + np.log(np.exp(others - highest[:, None]).sum(axis=1))
    return exact[:, target] - rest


def _contribution(text: str, offsets: NDArray[np.int64], fall: float) -> Contribution:
    start, end = int(offsets[0, 0]), int(offsets[-1, 1])
    return Contribution(start, end, text[start:end], fall)


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
