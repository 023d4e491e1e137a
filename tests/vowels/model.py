"""A trained counter of vowels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from recurra.inference.session import open_graph
from recurra.storage.model_directory import Manifest
from vowels.shape import VowelShape, encode


class VowelCounter:
    """How many vowels has a text?"""

    def __init__(self, shape: VowelShape, graph: bytes, manifest: Manifest | None = None) -> None:
        self.shape, self.manifest = shape, manifest
        self._session = open_graph(graph)

    def count(self, texts: Iterable[str]) -> list[float]:
        """Return a number, rarely a whole one, for each text."""
        return [float(self._session.run(["vowels"], {"ids": encode(text)[None]})[0][0]) for text in texts]


def read_row(row: tuple[str | None, ...]) -> tuple[str, float]:
    """Return the text and its number of vowels from a row of a table: this task's rows hold a number."""
    return row[0] or "", float(row[1] or 0)


def scores(counted: Iterable[float], truth: Iterable[float]) -> dict[str, object]:
    """Return the mean absolute error with a bootstrap interval over rows."""
    from recurra.evaluation.intervals import resampled_means

    errors = np.abs(np.array(list(counted)) - np.array(list(truth)))
    low, high = np.percentile(resampled_means(errors), [2.5, 97.5])
    return {
        "mean_absolute_error": float(errors.mean()),
        "mean_absolute_error_ci95": [float(low), float(high)],
        "rows": len(errors),
    }
