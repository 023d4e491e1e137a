"""A network and n-grams together: an average of probabilities, whatever the pieces; files that hold no n-grams."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from recurra.errors import ArtefactError
from recurra.tasks.generate.learn.check import checked_graph
from recurra.tasks.generate.learn.kneser_ney import ngram_nats, ngram_tree
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.mixture import Mixture, mixture_from, softmax
from recurra.tasks.generate.session import LanguageSession
from recurra.tasks.generate.shape import LanguageShape

V, ORDER = 7, 3
TEXT = np.random.default_rng(0).integers(0, V, 200)
SHARE = np.array([0.9, 0.5, 0.2], dtype=np.float32)


@pytest.fixture(scope="module")
def session() -> LanguageSession:
    torch.manual_seed(0)
    shape = LanguageShape(level="char", vocabulary=V, embedding=4, cell="gru", hidden=5, layers=1, tied=False)
    return LanguageSession(checked_graph(LanguageNetwork(shape))[0])


def arrays(**changed: Any) -> dict[str, Any]:
    return {**ngram_tree(TEXT, V, ORDER), "share": SHARE} | changed


def mixed(session: LanguageSession) -> Mixture:
    return mixture_from(save(arrays()), session, order=ORDER, vocabulary=V)


def test_it_averages_the_probabilities_of_both(session: LanguageSession) -> None:
    ids = np.random.default_rng(1).integers(0, V, 50)
    answers, _ = mixed(session).run(ids[None], mixed(session).empty())
    network = softmax(session.run(ids[None], session.empty())[0][0])
    known = [next((k for k in (2, 1) if occurs(ids[max(0, t + 1 - k) : t + 1], k)), 0) for t in range(len(ids))]
    assert set(known) == {1, 2}
    for t in range(2, len(ids) - 1):
        ngram = np.exp(-ngram_nats(TEXT, ids[: t + 2], V, ORDER)[-1])
        expected = SHARE[known[t]] * network[t, ids[t + 1]] + (1 - SHARE[known[t]]) * ngram
        assert np.exp(answers[0, t, ids[t + 1]]) == pytest.approx(expected, abs=2e-3)
    np.testing.assert_allclose(np.exp(answers[0]).sum(axis=1), 1, atol=1e-5)


def occurs(run: np.ndarray, length: int) -> bool:
    """Return whether something follows the run in the text."""
    places = range(len(TEXT) - length)
    return len(run) == length and any((TEXT[i : i + length] == run).all() for i in places)


def test_a_text_in_pieces_is_the_text(session: LanguageSession) -> None:
    mixture, ids = mixed(session), np.random.default_rng(2).integers(0, V, 30)
    whole, _ = mixture.run(ids[None], mixture.empty())
    state, found = mixture.empty(), []
    for piece in (ids[:1], ids[1:12], ids[12:13], ids[13:]):
        answers, state = mixture.run(piece[None], state)
        found.append(answers[0])
    np.testing.assert_allclose(np.concatenate(found), whole[0], atol=1e-5)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no", "is damaged"),
        (save({"symbol": np.zeros(3, dtype=np.uint8)}), "does not hold the arrays"),
        (save(arrays(own=np.zeros((2, 2), dtype=np.float16))), "does not hold the arrays"),
        (save(arrays(symbol=arrays()["symbol"].astype(np.int64))), "does not hold the arrays"),
        (save(arrays(share=SHARE[:2])), "2 symbols, and manifest.json states 3"),
        (save(arrays(share=SHARE * 2)), "share of the network"),
        (save(arrays(share=SHARE * np.float32("nan"))), "share of the network"),
        (save(arrays(children=arrays()["children"][:-1])), "no tree of n-grams"),
    ],
)
def test_a_file_that_holds_no_ngrams_is_refused(session: LanguageSession, content: bytes, words: str) -> None:
    with pytest.raises(ArtefactError, match=words):
        mixture_from(content, session, order=ORDER, vocabulary=V)
