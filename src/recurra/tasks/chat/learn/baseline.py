"""The retrieval baseline of a chat model: the reply to the most similar turn in training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

TURNS_AT_ONCE = 256


class RetrievalBaseline:
    """Finds the nearest turn: turns are TF-IDF vectors of their words, compared by the cosine."""

    def __init__(self, vectoriser: Any, turns: Any) -> None:
        self._vectoriser, self._turns = vectoriser, turns

    @classmethod
    def fit(cls, turns: Iterable[str]) -> Self:
        """Index `turns`, from which the weights of words are computed too. Needs scikit-learn."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectoriser = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True, dtype=np.float32)
        return cls(vectoriser, vectoriser.fit_transform(turns).T.tocsr())

    def find(self, turns: Sequence[str]) -> NDArray[np.int64]:
        """Return the index of the nearest turn for each of `turns`; the first one of several that are equally near."""
        if not turns:
            return np.zeros(0, dtype=np.int64)
        queries = self._vectoriser.transform(turns)
        nearest = [
            np.asarray((queries[start : start + TURNS_AT_ONCE] @ self._turns).toarray().argmax(axis=1), dtype=np.int64)
            for start in range(0, queries.shape[0], TURNS_AT_ONCE)
        ]
        return np.concatenate(nearest)

    def similarity(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float64]:
        """Return the cosine [len(texts), len(others)] of each text with each of the others."""
        left, right = self._vectoriser.transform(texts), self._vectoriser.transform(others)
        return np.asarray((left @ right.T).toarray(), dtype=np.float64)
