"""The parts of a language model alone: each by its own probabilities, beside those of both."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.tasks.generate.learn.ablation import ablation
from recurra.tasks.generate.learn.check import checked_graph
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.learn.ngram_fit import fit_ngrams
from recurra.tasks.generate.model import Generator
from recurra.tasks.generate.session import LanguageSession
from recurra.tasks.generate.shape import LanguageShape
from recurra.tasks.generate.tokenizer import CharacterTokenizer

TEXT = "abcab\nabdab\n" * 40


def test_each_part_has_its_own_score() -> None:
    tokenizer = CharacterTokenizer(list("abcd\n"))
    torch.manual_seed(0)
    shape = LanguageShape(
        level="char", vocabulary=tokenizer.size, embedding=4, cell="rnn", hidden=5, layers=1, tied=False
    )
    graph = checked_graph(LanguageNetwork(shape))[0]
    alone = Generator(tokenizer, graph)
    nats = alone.surprisals("abcab")
    assert ablation(alone, "abcab", nats, 0) is None

    ids = tokenizer.encode(TEXT)
    fitted = fit_ngrams(LanguageSession(graph), ids, ids, ids, start=tokenizer.start(), order=3)
    both = Generator(tokenizer, graph, ngrams=(fitted.content(), 3))
    mixed = both.surprisals(TEXT)
    found = ablation(both, TEXT, mixed, 0)
    assert found is not None
    assert found["network"]["nats_per_char"] == pytest.approx(alone.score(TEXT), abs=1e-5)
    assert found["network"]["paired"]["difference"] == pytest.approx(alone.score(TEXT) - both.score(TEXT), abs=1e-5)
    apart = found["ngrams"]["nats_per_char"] - found["network"]["nats_per_char"]  # a symbol is a character
    assert found["paired"]["difference"] == pytest.approx(apart, abs=1e-5)
    assert found["paired"]["difference_ci95"][1] < 0  # the network was not trained
    assert found["ngrams"]["nats_per_char"] < 0.5 < found["network"]["nats_per_char"]
    assert np.mean(mixed) <= found["ngrams"]["nats_per_char"] + 0.02
