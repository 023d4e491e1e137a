"""What every graph with a recurrent layer has in common."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

OPSET = 17

IR_VERSION = 8
"""Both as low as the operators allow, so that any onnxruntime since 1.12 reads the file."""

MAX_BYTES = 2**31 - 1

GATE_ORDER: dict[str, tuple[int, ...]] = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 3, 1, 2)}
"""ONNX's blocks as indices of torch's: GRU z, r, h of r, z, n; LSTM i, o, f, c of i, f, g, o."""

OPERATORS: dict[str, str] = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}

Weights = Mapping[str, npt.NDArray[np.floating]]
