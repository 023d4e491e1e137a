"""How many threads there are, and that they answer in order, in a forked process too."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from recurra.errors import OptionError
from recurra.inference import threads
from recurra.inference.threads import WorkerPool, thread_count


@pytest.mark.parametrize(
    ("quota", "expected"), [("150000 100000", 2), ("50000 100000", 1), ("max 100000", 8), ("", 8), (None, 8)]
)
def test_a_containers_quota_bounds_the_processors(
    quota: str | None, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(threads, "QUOTA", tmp_path / "cpu.max")
    if quota is not None:
        (tmp_path / "cpu.max").write_text(quota + "\n")
    assert threads.processor_count() == expected


@pytest.mark.parametrize("count", [0, -1])
@pytest.mark.parametrize("use", [thread_count, WorkerPool])
def test_fewer_threads_than_one_are_refused(use: Callable[[int], object], count: int) -> None:
    with pytest.raises(OptionError, match=rf"^threads must be at least 1, or None for all processors; got {count}\.$"):
        use(count)


def test_no_number_means_a_thread_per_processor() -> None:
    assert WorkerPool().threads == thread_count(None) == threads.processor_count()
    assert WorkerPool(3).threads == thread_count(3) == 3


def test_answers_come_in_the_order_of_the_batches() -> None:
    first = threading.Event()

    def answer(batch: int) -> int:
        if batch == 0:
            assert first.wait(30)  # the first batch ends last
        elif batch == 1:
            first.set()
        return batch * batch

    assert list(WorkerPool(2).map(answer, range(9))) == [number * number for number in range(9)]


@pytest.mark.parametrize(("count", "batches"), [(1, 4), (3, 1), (3, 0)])
def test_a_single_thread_or_batch_needs_no_other_thread(count: int, batches: int) -> None:
    used = list(WorkerPool(count).map(lambda _: threading.get_ident(), range(batches)))
    assert used == [threading.get_ident()] * batches


def test_an_error_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(WorkerPool(2).map(lambda batch: 1 // batch, [1, 0, 2]))


FORKED = """
import os, sys
from recurra.inference.threads import WorkerPool
workers = WorkerPool(2)
expected = list(workers.map(str, range(4)))
child = os.fork()
if child == 0:
    os._exit(0 if list(workers.map(str, range(4))) == expected else 3)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_gets_threads_of_its_own() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", FORKED], env=environment, timeout=60).returncode == 0


def test_first_calls_at_the_same_time_share_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every thread has seen that there is no executor before one of them makes it."""
    pool, seen = WorkerPool(2), threading.Barrier(4, timeout=20)
    make = threads.ThreadPoolExecutor

    def made(*arguments: object, **more: object) -> object:
        seen.wait()
        return make(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(threads, "ThreadPoolExecutor", made)
    started: list[object] = []
    callers = [threading.Thread(target=lambda: started.append(pool._started())) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(20)
    assert len(started) == 4 and len({id(executor) for executor in started}) == 1
