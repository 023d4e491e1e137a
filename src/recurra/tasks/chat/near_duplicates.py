"""Near duplicates: how much of a text another one repeats, as the share of its runs of five words that occur there.

Source: Broder, 1997, On the resemblance and containment of documents (a run is his shingle, the share his containment).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

RUN = 5
"""Words in a run. A shorter text is one run of all its words."""
NEAR = 0.25
"""The share from which a text counts as nearly repeated. Unrelated texts share under a
tenth; those between are mostly one text rewritten."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def containment(texts: Iterable[Sequence[str]], others: Iterable[Sequence[str]]) -> NDArray[np.float64]:
    """Return for each of N texts [N] the largest share of its distinct runs that occur in one of `others`.

    Each text is a sequence of words, compared as they are spelled. Memory grows with `texts` alone.
    """
    numbers: dict[str, int] = {}
    runs = [_runs([numbers.setdefault(word, len(numbers) + 1) for word in words]) for words in texts]
    lengths = [len(text_runs) for text_runs in runs]
    sizes = np.maximum(lengths, 1).astype(np.float64)
    all_runs = np.concatenate([*runs, np.zeros(0, dtype=np.uint64)])
    order = np.argsort(all_runs, kind="stable")
    keys, owners = all_runs[order], np.repeat(np.arange(len(runs)), lengths)[order]
    best = np.zeros(len(runs))
    for words in others:
        theirs = _runs([numbers.get(word, 0) for word in words])  # 0: a word that no text has
        begins, ends = np.searchsorted(keys, theirs, "left"), np.searchsorted(keys, theirs, "right")
        shared = np.flatnonzero(ends > begins)
        if len(shared):
            who, counts = np.unique(np.concatenate([owners[begins[i] : ends[i]] for i in shared]), return_counts=True)
            best[who] = np.maximum(best[who], counts / sizes[who])
    return best


def near_finding(near: int, dialogues: int, held_out: str = "") -> str:
    """Return a sentence on how many of the dialogues nearly repeat one in training. held_out: "held-out ", or not."""
    then = "there are scores without them too" if near < dialogues else "there are no others to score apart from them"
    measure = f"{NEAR:.0%} of their runs of {RUN} words or more"
    what = f"{held_out}dialogue{'' if dialogues == 1 else 's'}"
    verb = "repeats" if near == 1 else "repeat"
    return f"Data: {near:,} of {dialogues:,} {what} nearly {verb} one in training ({measure}): {then}."


def _runs(words: Sequence[int]) -> NDArray[np.uint64]:
    """Return a number for each distinct run of RUN words, or for all of fewer."""
    if not words:
        return np.zeros(0, dtype=np.uint64)
    length = min(RUN, len(words))
    windows = np.lib.stride_tricks.sliding_window_view(np.array(words, dtype=np.uint64), length)
    keys = np.full(len(windows), length, dtype=np.uint64)
    for position in range(length):
        keys = (keys ^ (keys >> np.uint64(29))) * _MULTIPLIER + windows[:, position]  # modulo 2**64
    return np.unique(keys)
