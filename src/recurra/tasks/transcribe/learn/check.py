"""Compare the answers of an exported transcriber with the network's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.export.check import check_answers
from recurra.nn.batch import Batch
from recurra.tasks.transcribe.learn.network import TranscriberNetwork
from recurra.tasks.transcribe.model import Transcriber


def check(network: TranscriberNetwork, transcriber: Transcriber, frames: Sequence[NDArray[np.float32]]) -> None:
    """Raise ExportError where the transcriber's probabilities are not the network's own. frames: [T_n, D] each."""
    with torch.inference_mode():
        expected = network(Batch.of(frames)).softmax(-1).numpy()
    for own, answered in zip(expected, transcriber.log_probabilities(frames), strict=True):
        check_answers(np.exp(answered), own[: len(answered)])
