"""How well speech was transcribed: word and character error rate, whole utterances, speakers, and mix-ups.

A word error rate is (insertions + deletions + substitutions) / words of the reference, so that it may exceed 1. Words
are what whitespace separates; the character error rate counts the characters of these words and one space between two.
Whoever calls this has normalised both sides alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from recurra.errors import DataError
from recurra.evaluation.grouped import compare_ratios, group_numbers, ratio_interval
from recurra.evaluation.intervals import wilson
from recurra.evaluation.metric import Integers
from recurra.tasks.transcribe.edits import Edits, aligned, count_edits

CONFUSIONS = 15
SPEAKERS = 50
"""The most speakers in the table, those with the highest error rate."""


def score_transcripts(
    references: Sequence[str], heard: Sequence[str], speakers: Sequence[str | None] | None = None, seed: int = 0
) -> dict[str, Any]:
    """Return everything measured on N utterances, ready for JSON.

    references, heard: the texts of each, N >= 1. speakers: who spoke, where it is known.

    Returns:
        rows (utterances), words (of the references), characters; wer and cer, word_accuracy (1 - wer, which may be
        below 0), exact_match (utterances without a mistake), each with `_ci95` [low, high]; insertions, deletions,
        substitutions (of words), and the same of characters as character_insertions and so on;
        ci95_over, "speakers" or "utterances": what was drawn again for the intervals; speakers, how many;
        per_speaker (speaker, rows, words, wer, insertions, deletions, substitutions), the worst first, at most 50;
        confusions (truth, heard, count), deleted and inserted (word, count), commonest first, at most 15;
        empty_references and empty_answers: utterances without a word.

    Raises DataError where there is no word in any reference, or not one answer for each.
    """
    if len(references) != len(heard):
        raise DataError(f"There are {len(references)} utterances and answers for {len(heard)}.")
    names = list(speakers) if speakers is not None else [None] * len(references)
    truth, answers = [text.split() for text in references], [text.split() for text in heard]
    if not any(truth):
        raise DataError("No transcript has a word, so there is nothing to compare with what was heard.")
    groups = group_numbers(names)
    of_words = [count_edits(*pair) for pair in zip(truth, answers, strict=True)]
    of_characters = [count_edits(" ".join(one), " ".join(other)) for one, other in zip(truth, answers, strict=True)]
    right = np.array([not edits.errors for edits in of_words], dtype=np.int64)
    result: dict[str, Any] = {
        "rows": len(references),
        "words": sum(edits.length for edits in of_words),
        "characters": sum(edits.length for edits in of_characters),
        **_rate("wer", of_words, groups, seed),
        **_rate("cer", of_characters, groups, seed),
        "exact_match": float(right.mean()),
        "exact_match_ci95": _share_interval(right, groups, seed),
        **_sums(of_words),
        **{f"character_{name}": count for name, count in _sums(of_characters).items()},
        "ci95_over": "speakers" if len(set(groups.tolist())) < len(groups) else "utterances",
        "speakers": len({name for name in names if name is not None}),
        "per_speaker": _per_speaker(names, of_words),
        "empty_references": sum(not words for words in truth),
        "empty_answers": sum(not words for words in answers),
        **_mix_ups(truth, answers),
    }
    low, high = result["wer_ci95"]
    return result | {"word_accuracy": 1 - result["wer"], "word_accuracy_ci95": [1 - high, 1 - low]}


def compare_transcripts(
    references: Sequence[str],
    heard: Sequence[str],
    others: Sequence[str],
    speakers: Sequence[str | None] | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Return whether one transcriber has another word error rate than a second one on the same utterances.

    Returns difference (in wer, `heard` less `others`: below 0 is better), difference_ci95, p_value (two-sided), all
    over speakers where there are two or more; only_model and only_baseline: utterances that one alone got right.
    """
    words = [text.split() for text in references]
    ours, theirs = (
        np.array([count_edits(one, text.split()).errors for one, text in zip(words, texts, strict=True)])
        for texts in (heard, others)
    )
    groups = group_numbers(list(speakers) if speakers is not None else [None] * len(words))
    result = compare_ratios(ours, theirs, np.array([len(one) for one in words]), groups, seed)
    return result | {
        "only_model": int(((ours == 0) & (theirs > 0)).sum()),
        "only_baseline": int(((ours > 0) & (theirs == 0)).sum()),
    }


def _rate(name: str, edits: Sequence[Edits], groups: Integers, seed: int) -> dict[str, Any]:
    errors, lengths = (np.array(values) for values in zip(*((one.errors, one.length) for one in edits), strict=True))
    interval = ratio_interval(errors, lengths, groups, seed)
    return {name: float(errors.sum() / lengths.sum()), f"{name}_ci95": list(interval)}


def _share_interval(right: Integers, groups: Integers, seed: int) -> list[float]:
    """Return the interval of a share of utterances: Wilson's, or over groups where there are any."""
    if len(set(groups.tolist())) == len(groups):
        return list(wilson(int(right.sum()), len(right)))
    low, high = ratio_interval(right, np.ones(len(right)), groups, seed)
    return [low, min(1.0, high)]


def _sums(edits: Sequence[Edits]) -> dict[str, int]:
    names = ("insertions", "deletions", "substitutions")
    return {name: sum(getattr(one, name) for one in edits) for name in names}


def _per_speaker(names: Sequence[str | None], edits: Sequence[Edits]) -> list[dict[str, Any]]:
    by_name: defaultdict[str, list[Edits]] = defaultdict(list)
    for name, one in zip(names, edits, strict=True):
        if name is not None:
            by_name[name].append(one)
    table: list[dict[str, Any]] = []
    for name, rows in by_name.items():
        words, counts = sum(one.length for one in rows), _sums(rows)
        wer = sum(counts.values()) / words if words else None
        table.append({"speaker": name, "rows": len(rows), "words": words, "wer": wer, **counts})
    table.sort(key=lambda row: (-1.0 if row["wer"] is None else -row["wer"], row["speaker"]))
    return table[:SPEAKERS]


def _mix_ups(truth: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]) -> dict[str, list[dict[str, Any]]]:
    pairs = Counter(
        pair for one, other in zip(truth, answers, strict=True) if one != other for pair in aligned(one, other)
    )
    ordered = sorted(
        ((count, said or "", understood or "") for (said, understood), count in pairs.items() if said != understood),
        key=lambda item: (-item[0], item[1:]),
    )
    both = [{"truth": said, "heard": word, "count": count} for count, said, word in ordered if said and word]
    deleted = [{"word": said, "count": count} for count, said, word in ordered if not word]
    inserted = [{"word": word, "count": count} for count, said, word in ordered if not said]
    return {"confusions": both[:CONFUSIONS], "deleted": deleted[:CONFUSIONS], "inserted": inserted[:CONFUSIONS]}
