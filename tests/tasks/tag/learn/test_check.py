"""An exported tagger that answers differently is not written."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.errors import ExportError
from recurra.tasks.tag.features import WordFeatures
from recurra.tasks.tag.learn.check import check
from recurra.tasks.tag.learn.graph import build
from recurra.tasks.tag.learn.network import TaggerNetwork
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.shape import TaggerShape

SENTENCES = [["a", "cat", "sat"], ["yes"], ["the", "cat", "ate", "a", "fish"]]


@pytest.mark.parametrize("change", [0.0, 0.01, np.inf])
def test_other_weights_in_the_graph_stop_the_export(change: float) -> None:
    word_features = WordFeatures.fitted(
        [word for words in SENTENCES for word in words], size=50, min_count=1, buckets=16
    )
    shape = TaggerShape(
        vocabulary=word_features.vocabulary, embedding=4, kind_embedding=2, affix_buckets=16, affix_embedding=3,
        characters="none", alphabet=word_features.alphabet, character_embedding=2, character_features=2, cell="rnn",
        hidden=3, layers=1, tags=3, crf=False,
    )  # fmt: skip
    torch.manual_seed(0)
    network = TaggerNetwork(shape).eval()
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}

    def export() -> None:
        altered = weights | {"head.bias": weights["head.bias"] + np.float32(change)}
        check(network, Tagger(shape, word_features, build(shape, altered), ["X", "Y", "Z"]), SENTENCES)

    if not change:
        export()
        return
    with pytest.raises(ExportError, match=r"answers differently|not finite"):
        export()
