"""The beam search against the enumeration of all paths of all texts."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.tasks.transcribe.alphabet import BLANK
from recurra.tasks.transcribe.beam_search import Search, beam_search, hypotheses
from recurra.tasks.transcribe.ctc import greedy, log_likelihood

SIZES = [(1, 2), (2, 3), (3, 4), (4, 3), (5, 3), (6, 2), (5, 4)]


class Multiples:
    """Allows texts whose symbols add up to a multiple of `base`, without `banned`."""

    def __init__(self, base: int, banned: int) -> None:
        self.start, self.base, self.banned = 0, base, banned

    def step(self, state: int, symbol: int) -> int | None:
        return None if symbol == self.banned else (state + symbol) % self.base

    def final(self, state: int) -> bool:
        return state == 0


class Pairs:
    """Adds a value for each pair of neighbours, and one for the last symbol."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.start: Hashable = 0
        self.values, self.most = values, float(values.max())

    def step(self, state: Hashable, symbol: int) -> tuple[Hashable, float]:
        assert isinstance(state, int)
        return symbol, float(self.values[state, symbol])

    def final(self, state: Hashable) -> float:
        assert isinstance(state, int)
        return float(self.values[state, 0])


def random_log_probs(steps: int, symbols: int, seed: int, spread: float = 1.5) -> NDArray[np.float32]:
    logits = np.random.default_rng(seed).normal(scale=spread, size=(steps, symbols))
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), dtype=np.float32)


def all_texts(log_probs: NDArray[np.float32]) -> dict[tuple[int, ...], float]:
    texts: dict[tuple[int, ...], float] = defaultdict(lambda: -np.inf)
    for path in itertools.product(range(log_probs.shape[1]), repeat=len(log_probs)):
        text = tuple(symbol for symbol, _ in itertools.groupby(path) if symbol != BLANK)
        texts[text] = np.logaddexp(texts[text], sum(float(log_probs[t, symbol]) for t, symbol in enumerate(path)))
    return texts


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("steps", "symbols"), SIZES)
def test_a_wide_beam_finds_every_text_with_its_exact_probability(steps: int, symbols: int, seed: int) -> None:
    log_probs = random_log_probs(steps, symbols, seed)
    texts = all_texts(log_probs)
    found = hypotheses(log_probs, width=len(texts) + 1)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert {one.symbols: pytest.approx(one.log_probability, abs=1e-5) for one in found} == texts
    best = beam_search(log_probs, width=len(texts) + 1)
    assert tuple(best.symbols.tolist()) == max(texts, key=texts.__getitem__)
    assert best.log_probability == pytest.approx(max(texts.values()), abs=1e-5)
    assert len(best.spans) == len(best.scores) == len(best.symbols)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("steps", "symbols"), [(3, 4), (5, 4), (4, 3)])
def test_constraint_and_scorer_choose_among_all_texts(steps: int, symbols: int, seed: int) -> None:
    log_probs = random_log_probs(steps, symbols, seed)
    allowed, pairs = Multiples(3, banned=2), Pairs(np.random.default_rng(seed).normal(size=(symbols, symbols)))

    def added(text: tuple[int, ...]) -> float:
        return sum(float(pairs.values[pair]) for pair in itertools.pairwise((0, *text, 0)))

    texts = all_texts(log_probs)
    legal = {text: value for text, value in texts.items() if sum(text) % 3 == 0 and 2 not in text}
    scored = {text: value + added(text) for text, value in texts.items()}
    both = {text: value + added(text) for text, value in legal.items()}
    width = len(texts)
    for expected, found in (
        (legal, hypotheses(log_probs, width, allowed)),
        (scored, hypotheses(log_probs, width, None, pairs)),
        (both, hypotheses(log_probs, width, allowed, pairs)),
    ):
        assert {one.symbols: pytest.approx(one.score, abs=1e-5) for one in found} == expected
    assert tuple(beam_search(log_probs, width, allowed, pairs).symbols.tolist()) == max(both, key=both.__getitem__)


@pytest.mark.parametrize("seed", range(6))
def test_a_narrow_beam_claims_no_more_than_a_text_has_and_at_least_the_likeliest_path(seed: int) -> None:
    log_probs = random_log_probs(40, 9, seed, spread=3.0)
    for width in (1, 2, 8, 32):
        found = hypotheses(log_probs, width)
        assert 1 <= len(found) <= width
        for one in found:
            assert one.log_probability <= log_likelihood(log_probs, one.symbols) + 1e-6
    assert found[0].log_probability >= greedy(log_probs).log_probability


def test_a_beam_in_the_midst_of_words_is_widened() -> None:
    """Symbol 1 is heard throughout, and only 1 1 1 may be said: the first beam holds 1 and the empty text."""

    class Thrice:
        start = 0

        def step(self, state: int, symbol: int) -> int | None:
            return state + 1 if symbol == 1 and state < 3 else None

        def final(self, state: int) -> bool:
            return state == 3

    log_probs = np.log(np.full((8, 3), [0.15, 0.8, 0.05], dtype=np.float32))
    assert beam_search(log_probs, 2, Thrice()).symbols.tolist() == [1, 1, 1]
    too_short = beam_search(log_probs[:4], 2, Thrice())
    assert not len(too_short.symbols)
    assert too_short.log_probability == pytest.approx(4 * np.log(0.15), abs=1e-5)


def test_no_steps_are_the_empty_text() -> None:
    nothing = np.zeros((0, 4), dtype=np.float32)
    assert beam_search(nothing).symbols.shape == (0,)
    assert beam_search(nothing, 4, Multiples(2, 1)).log_probability == 0.0


def test_an_impossible_symbol_is_never_written() -> None:
    with np.errstate(divide="ignore"):
        log_probs = np.log(np.array([[0.4, 0.6, 0.0], [0.5, 0.5, 0.0]], dtype=np.float32))
    assert all(2 not in one.symbols for one in hypotheses(log_probs, 50))


@pytest.mark.parametrize("seed", range(4))
def test_steps_that_come_in_pieces_give_the_texts_of_the_whole(seed: int) -> None:
    log_probs, rng = random_log_probs(30, 5, seed), np.random.default_rng(seed)
    search = Search(6)
    for piece in np.split(log_probs, np.sort(rng.integers(0, 31, 4))):
        search.read(piece)
    assert search.found() == hypotheses(log_probs, 6)
    assert search.beginning() == search.found()[0].symbols


def test_the_best_beginning_may_be_in_the_midst_of_what_the_constraint_wants() -> None:
    search = Search(2, Multiples(5, 2))
    assert search.beginning() == ()
    search.read(np.log(np.array([[0.1, 0.8, 0.1]], dtype=np.float32)))
    assert search.beginning() == (1,)
    assert [one.symbols for one in search.found()] == [()]
