"""What the columns beside a text add to the scores of a network, in NumPy: one hidden layer, and a linear one.

    scores += W_o relu(W_h x + b_h) + W_l x

x [F]: the vector of a row (`data/feature_encoder.py`). A head that read x beside the pooled text could say no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.text.tokenizer import Encoding

Floats = NDArray[np.float32]


class FeatureSide:
    """The weights: hidden [H, F] and [H], output [O, H], linear [O, F], float32."""

    def __init__(self, hidden: Floats, bias: Floats, output: Floats, linear: Floats) -> None:
        self._hidden, self._bias, self._output, self._linear = hidden, bias, output, linear

    @classmethod
    def of(cls, weights: Mapping[str, NDArray[Any]]) -> Self | None:
        """Return that of a network; None where it has none."""
        if "features.linear.weight" not in weights:
            return None
        names = ("hidden.weight", "hidden.bias", "output.weight", "linear.weight")
        return cls(*(np.asarray(weights[f"features.{name}"], dtype=np.float32) for name in names))

    def scores(self, x: Floats) -> Floats:
        """Return what rows [B, F] add [B, O]. Each is computed by itself: it has the same bits in any batch."""
        found = np.empty((len(x), len(self._linear)), dtype=np.float32)
        for row, features in zip(found, x, strict=True):
            hidden = np.maximum(self._hidden @ features + self._bias, 0)
            row[:] = self._output @ hidden + self._linear @ features
        return found


def features_of(sequences: Sequence[NDArray[np.integer[Any]] | Encoding], width: int) -> Floats:
    """Return the vectors [B, F] of a batch. Raises OptionError for a row without one, or with one of another width."""
    found = np.empty((len(sequences), width), dtype=np.float32)
    for row, sequence in zip(found, sequences, strict=True):
        features = sequence.features if isinstance(sequence, Encoding) else None
        if features is None or features.shape != (width,):
            raise OptionError(
                f"The model reads {width} numbers beside each text, and a text came without them. Give rows of its "
                "columns."
            )
        row[:] = features
    return found
