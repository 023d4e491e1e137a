"""What a model keeps of its training rows, of a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.text_profile import NAME, TextProfile
from recurra.storage.base import Base


def profile_of(
    corpus: Corpus,
    rows: NDArray[np.bool_],
    *,
    labels: Mapping[str, int] | None = None,
    numbers: ArrayLike = (),
    start: Base | Trained | None = None,
) -> dict[str, Any]:
    """Return what a manifest's metrics state of the chosen rows [N] of a sealed corpus, whose tokenizer was fitted.

    labels, numbers: of those rows alone. Empty where no row is chosen. start: what training
    began at; of a model that it went on with, the rows that it had learnt from count too.
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
    before = TextProfile.of_metrics(start.metrics) if isinstance(start, Trained) else None
    return {NAME: (found if before is None else found.with_earlier(before)).facts()}
