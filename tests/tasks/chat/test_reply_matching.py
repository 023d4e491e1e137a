"""How well replies fit: against a plain loop over a model's own scores, and a factor that is known to be the best."""

from __future__ import annotations

import numpy as np
import pytest

import recurra
from recurra.tasks.chat.model import Chatter
from recurra.tasks.chat.reply_matching import best_weight, fits, likelihoods, matches
from recurra.tasks.chat.response_selection import selection_credits
from support.live_models import write_chatter

BLOCKS = np.array([[0, 2, 4], [5, 3, 1]])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Chatter:
    return recurra.load(write_chatter(tmp_path_factory.mktemp("models") / "chatter", match=5), task="chat")


def rows(model: Chatter, shortest: int, seed: int) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(4, model.shape.vocabulary, rng.integers(shortest, 30)).tolist() for _ in range(6)]


def test_each_reply_is_compared_with_each_dialogue_of_its_block(model: Chatter) -> None:
    turns, replies = rows(model, 1, 0), rows(model, 0, 1)
    likelihood, match = (measure(model, turns, replies, BLOCKS) for measure in (likelihoods, matches))
    asked, given = model.match_vectors(turns, replies)
    for number, block in enumerate(BLOCKS):
        for i, context in enumerate(block):
            for j, reply in enumerate(block):
                (scored,) = model.score([turns[context]], [replies[reply]])
                assert likelihood[number, i, j] == pytest.approx(
                    -float(scored.nats.sum()) / len(scored.nats) ** 0.5, rel=1e-4
                )
                assert match[number, i, j] == pytest.approx(float(asked[context] @ given[reply]), abs=1e-4)
    np.testing.assert_allclose(fits(model, turns, replies, BLOCKS), likelihood)  # the factor of this model is 0


def test_the_best_factor_is_the_smallest_that_finds_the_most() -> None:
    rng = np.random.default_rng(2)
    own = np.eye(5)[None].repeat(40, axis=0)
    noise = rng.normal(size=(40, 5, 5))
    assert best_weight(own + 0 * noise, noise) == 0
    assert best_weight(2 * noise, own) == 5
    likelihood, match = own + 0.7 * noise, own + 0.7 * rng.normal(size=noise.shape)
    found = best_weight(likelihood, match)
    assert 0 < found < 5
    together = selection_credits(likelihood + found * match).mean()
    assert together > max(selection_credits(likelihood).mean(), selection_credits(match).mean())
