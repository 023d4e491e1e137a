"""The turn most like a given one: the cheap opponent of a model that chats answers as somebody answered that turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

BLOCK = 256


class NearestTurn:
    """Turns as TF-IDF weighted words; nearness is the cosine."""

    def __init__(self, vectoriser: Any, turns: Any) -> None:
        self._vectoriser, self._turns = vectoriser, turns

    @classmethod
    def fit(cls, turns: Iterable[str]) -> Self:
        """Learn the weights of words from `turns`, which are those to be found. Needs scikit-learn."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectoriser = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True, dtype=np.float32)
        return cls(vectoriser, vectoriser.fit_transform(turns).T.tocsr())

    def find(self, turns: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of the nearest turn for each of `turns`; the first one where several are as near."""
        if not turns:
            return np.zeros(0, dtype=np.int64)
        asked = self._vectoriser.transform(turns)
        found = [
            np.asarray((asked[start : start + BLOCK] @ self._turns).toarray().argmax(axis=1), dtype=np.int64)
            for start in range(0, asked.shape[0], BLOCK)
        ]
        return np.concatenate(found)

    def likeness(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float64]:
        """Return [len(texts), len(others)] how near each text is to each other one."""
        asked, known = self._vectoriser.transform(texts), self._vectoriser.transform(others)
        return np.asarray((asked @ known.T).toarray(), dtype=np.float64)
