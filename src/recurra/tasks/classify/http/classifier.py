"""The classifier behind the routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from starlette.types import Receive

from recurra.http.model_reloader import ServedModel
from recurra.many_to_one.given import Item
from recurra.many_to_one.http.served_texts import ServedTexts
from recurra.text.tokenizer import Encoding


@dataclass(frozen=True)
class Predictions:
    """Predictions for N texts by one model. probabilities [N, K] float64, each row sums to 1."""

    model: ServedModel
    encodings: list[Encoding]
    probabilities: NDArray[np.float64]


class ServedClassifier(ServedTexts):
    """A service's classifier."""

    async def predict(
        self, texts: Sequence[Item], receive: Receive | None = None, model: ServedModel | None = None
    ) -> Predictions:
        """Return the predictions of one model for `texts`: see `ServedTexts.answer`."""
        found = await self.answer(texts, receive, model)
        return Predictions(found.model, found.encodings, found.answers)
