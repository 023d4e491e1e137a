"""Compare the answers of an exported tagger with the network's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from recurra.export.check import check_answers
from recurra.tasks.tag.learn.network import TaggerNetwork
from recurra.tasks.tag.learn.objective import TaggedExamples
from recurra.tasks.tag.model import Tagger


def check(network: TaggerNetwork, tagger: Tagger, sentences: Sequence[Sequence[str]]) -> None:
    """Raise ExportError where the tagger's scores of `sentences` are not the network's own. No sentence is empty."""
    rows = TaggedExamples.of(sentences, [[0] * len(words) for words in sentences], tagger.word_features)
    with torch.inference_mode():
        expected = network(rows.batch(np.arange(len(rows)))[0]).numpy()
    for own, scores in zip(expected, tagger.scores(sentences), strict=True):
        check_answers(scores, own[: len(scores)])
