"""What a model keeps of its training rows, of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.text_profile import NAME, TextProfile


def profile_of(
    corpus: Corpus,
    rows: NDArray[np.bool_],
    *,
    labels: Mapping[str, int] | None = None,
    numbers: ArrayLike = (),
) -> dict[str, Any]:
    """Return what a manifest's metrics state of the chosen rows [N] of a sealed corpus, whose tokenizer was fitted.

    labels, numbers: of those rows alone. Empty where no row is chosen.
    """
    if not rows.any():
        return {}
    found = TextProfile.of(
        corpus.counts[rows],
        corpus.digests[rows],
        empty=corpus.quality.report()["empty_texts"] / max(1, corpus.rows_seen),
        labels=labels,
        numbers=numbers,
    )
    return {NAME: found.facts()}
