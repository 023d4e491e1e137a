"""An exported transcriber that answers unlike its network is found before it is written."""

from __future__ import annotations

import pytest
import torch

from recurra.errors import ExportError
from recurra.tasks.transcribe.learn.check import check
from support.random_transcribers import made, utterances


def test_a_graph_that_answers_differently_is_found() -> None:
    network, transcriber = made()
    with torch.no_grad():
        network.head.bias[1] += 0.1
    with pytest.raises(ExportError, match="answers differently"):
        check(network, transcriber, utterances())
