"""An n-gram language model of a text, by Witten and Bell's interpolation.

What was seen after a history and what is known of shorter histories are mixed; new words are the likelier after a
history, the more different words were seen after it. With c counts, and T(h) different words seen after h,

    P(w | h) = (c(h w) + T(h) P(w | h without its first word)) / (c(h) + T(h)),

and below single words each known word, the end and an unknown word are equally likely. Unlike Kneser and Ney's, the
formula holds for a text of ten sentences and for one whose words are all equally frequent, as numbers are.
Sources: Witten and Bell, 1991, The zero-frequency problem, method C; Chen and Goodman, 1999, An empirical study of
smoothing techniques for language modeling, section 2.6.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from recurra.errors import DataError
from recurra.tasks.transcribe.language_model import BEGIN, END, MOST_NGRAMS, UNKNOWN, Ids, LanguageModel

ORDER = 3
_NEVER = -99 * math.log(10)
"""The beginning of a text follows nothing."""


def estimate(texts: Iterable[str], order: int = ORDER) -> LanguageModel:
    """Return the model of texts, such as the lines of a file in the form of transcripts; empty ones do not count.

    order: words of the longest n-gram, >= 1. Raises DataError where there is no word or more than `MOST_NGRAMS`
    n-grams.
    """
    words = {BEGIN: 0, END: 1, UNKNOWN: 2}
    following: defaultdict[Ids, dict[int, int]] = defaultdict(dict)  # history -> word -> count
    size = 0
    for text in texts:
        numbers = [words.setdefault(word, len(words)) for word in text.split()]
        if not numbers:
            continue
        padded = (0, *numbers, 1)
        for place in range(1, len(padded)):
            for first in range(max(0, place - order + 1), place + 1):
                counts, word = following[padded[first:place]], padded[place]
                size += word not in counts
                counts[word] = counts.get(word, 0) + 1
        if size > MOST_NGRAMS:
            raise DataError(
                f"The text of the language model has more than {MOST_NGRAMS:,} n-grams of up to {order} words. Give "
                "less text, or a pruned model as an ARPA file."
            )
    if not following:
        raise DataError("The text of the language model has no word. Give one sentence a line.")
    return LanguageModel(words, _entries(following, len(words) - 1), order)


def _entries(following: dict[Ids, dict[int, int]], choices: int) -> dict[Ids, tuple[float, float]]:
    """Return the n-grams of a model. choices: how many different words there are, with the end and unknown ones."""
    probabilities: dict[Ids, float] = {}
    shares: dict[Ids, float] = {}
    for history in sorted(following, key=len):  # the shorter ones first, since the longer ones need them
        counts = following[history]
        total, kinds = sum(counts.values()), len(counts)
        shares[history] = kinds / (total + kinds)
        for word, count in counts.items():
            shorter = probabilities[(*history[1:], word)] if history else 1 / choices
            probabilities[(*history, word)] = (count + kinds * shorter) / (total + kinds)
    probabilities[(2,)] = shares[()] / choices
    entries = {
        ngram: (math.log(probability), math.log(shares[ngram]) if ngram in shares else 0.0)
        for ngram, probability in probabilities.items()
    }
    return entries | {(0,): (_NEVER, math.log(shares[(0,)]) if (0,) in shares else 0.0)}
