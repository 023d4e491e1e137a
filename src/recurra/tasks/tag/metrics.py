"""The scores of a tagger on sentences that it has not seen: of words, whole sentences, unknown words, and spans.

The words of a sentence are not independent, so every interval is resampled over sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.normalise import normalise
from recurra.data.tables.table import listed
from recurra.errors import DataError
from recurra.evaluation.intervals import RESAMPLES, Interval, draws, wilson
from recurra.tasks.tag.spans import are_spans, spans

Tags = Sequence[Sequence[str]]
Counts = NDArray[np.float64]
MIX_UPS = 15
FLIPS = 9_999
_SIGNS_IN_MEMORY = 2_000_000


def score_tags(
    gold: Tags, predicted: Tags, labels: Sequence[str], known: Sequence[Sequence[bool]], seed: int = 0
) -> dict[str, Any]:
    """Return everything measured on N sentences, ready for JSON.

    gold, predicted: the tags of each sentence, equally many. labels: the tags that the model knows. known: whether
    the model knows each word.

    Returns:
        rows (sentences), words; accuracy (of words), exact_match (sentences without a mistake) and macro_f1 (over the
        tags that occur), the first two with `_ci95`; where tags mark spans: precision, recall and f1 of spans, each
        with `_ci95`, and per_span (label, precision, recall, f1, support); per_class (the same of tags); mix_ups
        (truth, predicted, count), commonest first; known_words and unknown_words (words, accuracy, accuracy_ci95);
        unknown_rate: the share of the latter; unknown_tags: words by tags that the model does not know, which count as
        wrong.

    Raises DataError where there is no word, or a sentence does not have a tag for each word.
    """
    _check(gold, predicted)
    sizes = np.array([len(tags) for tags in gold], dtype=np.float64)
    right = [
        np.array([a == b for a, b in zip(*pair, strict=True)], dtype=bool) for pair in zip(gold, predicted, strict=True)
    ]
    hits = np.array([flags.sum() for flags in right], dtype=np.float64)
    whole = int((hits == sizes).sum())
    result: dict[str, Any] = {
        "rows": len(gold),
        "words": int(sizes.sum()),
        **_share("accuracy", hits, sizes, seed),
        "exact_match": whole / len(gold),
        "exact_match_ci95": list(wilson(whole, len(gold))),
    }
    flat_gold, flat_predicted = [tag for tags in gold for tag in tags], [tag for tags in predicted for tag in tags]
    per_class = _per_label(Counter(flat_gold), Counter(flat_predicted), _agreed(flat_gold, flat_predicted))
    result["macro_f1"] = float(np.mean([row["f1"] for row in per_class if row["support"]]))
    result["per_class"] = per_class
    mix_ups = Counter((a, b) for a, b in zip(flat_gold, flat_predicted, strict=True) if a != b)
    result["mix_ups"] = [
        {"truth": a, "predicted": b, "count": count}
        for (a, b), count in sorted(mix_ups.items(), key=lambda item: (-item[1], item[0]))[:MIX_UPS]
    ]
    for name, is_known in (("known_words", True), ("unknown_words", False)):
        chosen = [np.array(flags, dtype=bool) == is_known for flags in known]
        counts = np.array([flags.sum() for flags in chosen], dtype=np.float64)
        of_these = np.array([(a & b).sum() for a, b in zip(right, chosen, strict=True)], dtype=np.float64)
        result[name] = {"words": int(counts.sum()), **_share("accuracy", of_these, counts, seed)}
    result["unknown_rate"] = result["unknown_words"]["words"] / result["words"]
    unknown = Counter(tag for tag in flat_gold if tag not in set(labels))
    result["unknown_tags"] = dict(sorted(unknown.items()))
    if are_spans([*labels, *flat_gold]):
        result |= _span_scores(gold, predicted, seed)
    return result


def unknown_tags_message(tags: Mapping[str, int], labels: Sequence[str]) -> str:
    """Return a message on the words whose tags a model does not know, with tags that are spelled nearly so.

    tags: how many words have each of them. labels: the tags that the model knows.
    """
    count = sum(tags.values())
    known: dict[str, str] = {}
    for label in labels:
        known.setdefault(normalise(label), label)
    near = {tag: known[normalise(tag)] for tag in tags if normalise(tag) in known}
    spelled = "".join(f" The model has {label!r} where it is {tag!r} here." for tag, label in list(near.items())[:8])
    return (
        f"{count:,} word{'s have tags' if count != 1 else ' has a tag'} that the model does not know "
        f"({listed(list(tags), 8)}) and count{'s'[: count == 1]} as wrong.{spelled}"
    )


def compare_taggers(
    right: NDArray[np.integer], other: NDArray[np.integer], sizes: NDArray[np.integer]
) -> dict[str, Any]:
    """Return whether one tagger is significantly better than another on the same sentences, which are resampled.

    right, other: [N] words that each got right; sizes: [N] words.
    Returns difference (in accuracy), difference_ci95 (bootstrap) and p_value (two-sided, by flipping the sign of each
    sentence's difference at random: Yeh, 2000, More accurate tests for the statistical significance of result
    differences).
    """
    gains = (right - other).astype(np.float64)
    total = float(sizes.sum())
    drawn = _resampled(gains, sizes.astype(np.float64), 0)
    return {
        "difference": float(gains.sum()) / total,
        "difference_ci95": [float(edge) for edge in np.percentile(drawn, [2.5, 97.5])],
        "p_value": _flipped(gains),
    }


def _flipped(gains: Counts) -> float:
    """Return the share of random signs that give a sum at least as far from 0."""
    moved = gains[gains != 0]
    if not len(moved):
        return 1.0
    generator, seen, least = np.random.default_rng(0), 0, abs(float(moved.sum())) - 1e-9
    size = max(1, _SIGNS_IN_MEMORY // len(moved))
    for start in range(0, FLIPS, size):
        signs = generator.integers(0, 2, size=(min(size, FLIPS - start), len(moved))) * 2 - 1
        seen += int((np.abs(signs @ moved) >= least).sum())
    return (seen + 1) / (FLIPS + 1)


def _span_scores(gold: Tags, predicted: Tags, seed: int) -> dict[str, Any]:
    truth, predictions = [set(spans(tags)) for tags in gold], [set(spans(tags)) for tags in predicted]
    both = [a & b for a, b in zip(truth, predictions, strict=True)]
    counts = [
        np.array([len(found) for found in sentences], dtype=np.float64) for sentences in (both, truth, predictions)
    ]
    hits, support, predicted_counts = counts
    scores = _share("precision", hits, predicted_counts, seed) | _share("recall", hits, support, seed)
    scores |= _share("f1", 2 * hits, support + predicted_counts, seed)
    labels = [
        Counter(label for found in sentences for label, _, _ in found) for sentences in (truth, predictions, both)
    ]
    return scores | {"spans": int(support.sum()), "per_span": _per_label(*labels)}


def _per_label(truth: Counter[str], predicted: Counter[str], both: Counter[str]) -> list[dict[str, Any]]:
    """Return label, precision, recall, f1 and support of each label; 0 for 0 / 0."""
    return [
        {
            "label": label,
            "precision": both[label] / predicted[label] if predicted[label] else 0.0,
            "recall": both[label] / truth[label] if truth[label] else 0.0,
            "f1": 2 * both[label] / (truth[label] + predicted[label]),
            "support": truth[label],
        }
        for label in sorted(truth.keys() | predicted.keys())
    ]


def _agreed(gold: Sequence[str], predicted: Sequence[str]) -> Counter[str]:
    return Counter(a for a, b in zip(gold, predicted, strict=True) if a == b)


def _share(name: str, hits: Counts, of: Counts, seed: int) -> dict[str, Any]:
    """Return the share and its interval over sentences; None where there is nothing to count."""
    total = float(of.sum())
    if total == 0:
        return {name: None, f"{name}_ci95": None}
    share = float(hits.sum()) / total
    if share in (0.0, 1.0):  # no draw differs from another: see `evaluation/intervals.py`
        interval: Interval = wilson(round(share * total), round(total))
    else:
        low, high = np.percentile(_resampled(hits, of, seed), [2.5, 97.5])
        interval = float(low), float(high)
    return {name: share, f"{name}_ci95": list(interval)}


def _resampled(hits: Counts, of: Counts, seed: int) -> Counts:
    """Return the shares of draws over the sentences [R]; those with nothing to count are left out."""
    both: list[Counts] = []
    for weights in draws(len(hits), RESAMPLES, seed):
        counts = weights @ of
        both.append((weights @ hits)[counts > 0] / counts[counts > 0])
    return np.concatenate(both)


def _check(gold: Tags, predicted: Tags) -> None:
    if len(gold) != len(predicted):
        raise DataError(f"There are {len(gold)} sentences and answers for {len(predicted)}.")
    for number, (truth, answer) in enumerate(zip(gold, predicted, strict=True)):
        if len(truth) != len(answer):
            raise DataError(f"Sentence {number} has {len(truth)} words and {len(answer)} answers.")
    if not any(len(truth) for truth in gold):
        raise DataError("There is no word to evaluate.")
