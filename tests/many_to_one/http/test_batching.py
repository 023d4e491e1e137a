"""The batcher alone: equal answers, bounds, deadlines, cancelling, fairness. Engines here are plain functions."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, wait
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.many_to_one.http.batching import BATCH_TOKENS, Batcher, Closed, Expired, QueueFull

FAR = 1e9


class Summing:
    """An engine whose answer to a row depends on that row alone, and differs for different rows."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self.runs: list[list[int]] = []

    def run(self, sequences: Sequence[Any]) -> tuple[Any, Any]:
        self.runs.append([len(sequence) for sequence in sequences])
        return np.empty((len(sequences), 1)), np.array([self.answer(s) for s in sequences], dtype=np.float32)

    def answer(self, sequence: Any) -> list[float]:
        return [self.factor * float(np.dot(sequence, np.arange(1, len(sequence) + 1))), float(len(sequence))]


class Held(Summing):
    """An engine that runs only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.let = threading.Event()

    def run(self, sequences: Sequence[Any]) -> tuple[Any, Any]:
        self.begun.set()
        assert self.let.wait(20)
        return super().run(sequences)


def rows(*lengths: int, seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 50, length).astype(np.int32) for length in lengths]


@pytest.fixture
def batchers() -> Iterator[Any]:
    made: list[Batcher] = []

    def make(**options: Any) -> Batcher:
        made.append(Batcher(**{"threads": 1, "max_requests": 100, "max_tokens": 10**9, **options}))
        return made[-1]

    yield make
    for batcher in made:
        batcher.close()


def blocked(batcher: Batcher) -> tuple[Held, Future[Any]]:
    """Have the batcher's only thread hold a first request."""
    engine = Held()
    first = batcher.submit(engine, rows(3), FAR)
    assert engine.begun.wait(20)
    return engine, first


def test_concurrent_requests_share_a_run_and_get_the_answers_of_single_ones(batchers: Any) -> None:
    batcher = batchers()
    engine, first = blocked(batcher)
    sent = [rows(*lengths, seed=seed) for seed, lengths in enumerate([(5, 1, 9), (2,), (7, 7)])]
    futures = [batcher.submit(engine, sequences, FAR) for sequences in sent]
    assert batcher.waiting == (3, 31)
    engine.let.set()
    for sequences, future in zip(sent, futures, strict=True):
        assert future.result(20).tolist() == [engine.answer(sequence) for sequence in sequences]
    first.result(20)
    assert engine.runs == [[3], [5, 1, 9, 2, 7, 7]]
    assert batcher.waiting == (0, 0)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 1500), min_size=1, max_size=12), min_size=1, max_size=8),
    st.integers(1, 3),
)
def test_whatever_is_sent_together_every_row_gets_its_own_answer(lengths: list[list[int]], threads: int) -> None:
    engines = [Summing(), Summing(2.0)]
    batcher = Batcher(threads=threads, max_requests=100, max_tokens=10**9)
    try:
        sent = [(engines[n % 2], rows(*some, seed=n)) for n, some in enumerate(lengths)]
        futures = [batcher.submit(engine, sequences, FAR) for engine, sequences in sent]
        for (engine, sequences), future in zip(sent, futures, strict=True):
            np.testing.assert_array_equal(
                future.result(20), np.array([engine.answer(s) for s in sequences], dtype=np.float32)
            )
    finally:
        batcher.close()
    assert batcher.waiting == (0, 0)
    assert all(sum(run) <= BATCH_TOKENS or len(run) == 1 for engine in engines for run in engine.runs)


def test_a_run_holds_rows_of_one_engine(batchers: Any) -> None:
    batcher = batchers()
    engine, _ = blocked(batcher)
    other = Summing()
    futures = [batcher.submit(e, rows(4), FAR) for e in (engine, other, engine)]
    engine.let.set()
    wait(futures, 20)
    assert engine.runs == [[3], [4], [4]] and other.runs == [[4]]


def test_a_large_request_does_not_hold_up_the_small_ones_behind_it(batchers: Any) -> None:
    batcher = batchers()
    engine, _ = blocked(batcher)
    large = batcher.submit(engine, rows(*[500] * 40), FAR)
    small = batcher.submit(engine, rows(10), FAR)
    ended: list[str] = []
    large.add_done_callback(lambda _: ended.append("large"))
    small.add_done_callback(lambda _: ended.append("small"))
    engine.let.set()
    wait([large, small], 20)
    assert ended == ["small", "large"] and 10 in engine.runs[1]


def test_the_queue_is_bounded_in_requests_and_in_tokens(batchers: Any) -> None:
    batcher = batchers(max_requests=2, max_tokens=100)
    engine, first = blocked(batcher)
    kept = [batcher.submit(engine, rows(500), FAR)]  # alone in the queue it may be larger than the bound
    with pytest.raises(QueueFull) as refused:
        batcher.submit(engine, rows(1), FAR)
    assert refused.value.retry_after >= 1
    kept[0].cancel()
    kept = [batcher.submit(engine, rows(10), FAR), batcher.submit(engine, rows(10), FAR)]
    with pytest.raises(QueueFull):
        batcher.submit(engine, rows(10), FAR)
    engine.let.set()
    wait([first, *kept], 20)
    assert batcher.submit(engine, rows(10), FAR).result(20).shape == (1, 2)


def test_a_cancelled_request_frees_its_place_at_once_and_is_not_computed(batchers: Any) -> None:
    batcher = batchers(max_requests=1)
    engine, first = blocked(batcher)
    gone = batcher.submit(engine, rows(7), FAR)
    with pytest.raises(QueueFull):
        batcher.submit(engine, rows(8), FAR)
    assert gone.cancel()
    assert batcher.waiting == (0, 0)
    stays = batcher.submit(engine, rows(8), FAR)
    engine.let.set()
    wait([first, stays], 20)
    assert engine.runs == [[3], [8]]
    with pytest.raises(CancelledError):
        gone.result(0)


def test_an_expired_request_is_dropped_uncomputed(batchers: Any) -> None:
    now = [100.0]
    batcher = batchers(clock=lambda: now[0])
    engine = Held()
    first = batcher.submit(engine, rows(3), 200)
    assert engine.begun.wait(20)
    late, timely = batcher.submit(engine, rows(4), 150), batcher.submit(engine, rows(5), 300)
    now[0] = 160
    engine.let.set()
    assert isinstance(late.exception(20), Expired)
    wait([first, timely], 20)
    assert engine.runs == [[3], [5]] and batcher.waiting == (0, 0)


def test_one_request_that_breaks_the_engine_does_not_take_the_others_with_it(batchers: Any) -> None:
    class Brittle(Held):
        def answer(self, sequence: Any) -> list[float]:
            if len(sequence) == 13:
                raise MemoryError
            return super().answer(sequence)

    batcher = batchers()
    engine = Brittle()
    batcher.submit(engine, rows(3), FAR)
    assert engine.begun.wait(20)
    sound, bad, last = (batcher.submit(engine, rows(length), FAR) for length in (5, 13, 6))
    engine.let.set()
    assert isinstance(bad.exception(20), MemoryError)
    assert sound.result(20).tolist() == [engine.answer(rows(5)[0])]
    assert last.result(20)[0, 1] == 6


def test_closing_computes_what_waits_and_refuses_the_rest(batchers: Any) -> None:
    batcher = batchers()
    engine, first = blocked(batcher)
    waiting = batcher.submit(engine, rows(4), FAR)
    closing = threading.Thread(target=batcher.close)
    closing.start()
    engine.let.set()
    closing.join(20)
    assert first.done() and waiting.result(0).shape == (1, 2)
    with pytest.raises(Closed):
        batcher.submit(engine, rows(1), FAR)


def test_runs_are_observed(batchers: Any) -> None:
    seen: list[tuple[int, int, int]] = []
    observed = threading.Event()

    def observe(requests: int, rows: int, tokens: int, seconds: float) -> None:
        seen.append((requests, rows, tokens))
        if len(seen) == 2:
            observed.set()

    batcher = batchers(observe=observe)
    engine, _ = blocked(batcher)
    for lengths in ((5, 1), (2,)):
        batcher.submit(engine, rows(*lengths), FAR)
    engine.let.set()
    assert observed.wait(20)
    assert seen == [(1, 1, 3), (2, 3, 8)]


def test_an_engine_is_free_when_its_last_answer_is_out(batchers: Any) -> None:
    """Without the collector of cycles: a replaced model must not wait for it."""
    batcher = batchers()
    gc.collect()
    gc.disable()
    try:
        engine = Summing()
        gone = weakref.ref(engine)
        assert len(batcher.submit(engine, rows(3, 4), FAR).result(20)) == 2
        cancelled = batcher.submit(engine, rows(3), FAR)
        cancelled.cancel()
        assert batcher.submit(Summing(), rows(1), FAR).result(20).shape == (1, 2)  # the thread has let go of the last
        del engine, cancelled
        assert gone() is None
    finally:
        gc.enable()
