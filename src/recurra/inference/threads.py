"""How many threads answer, and the threads themselves."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from recurra.errors import OptionError
from recurra.options.arguments import check_whole

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""The processor time of a container (Linux, control groups of version 2): quota and period in microseconds; the quota
is "max" where there is no limit."""

Batch = TypeVar("Batch")
Answer = TypeVar("Answer")


def processor_count() -> int:
    """Return how many processors this process may use: by its affinity, and by its container's quota on Linux."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = QUOTA.read_text().split()
        return max(1, min(count, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no such file, or "max": no quota
        return count


def thread_count(threads: int | None) -> int:
    """Return `threads`, or one for each processor where it is None. Raises OptionError for fewer than 1."""
    if threads is not None:
        check_whole(threads, "threads")
    if threads is not None and threads < 1:
        raise OptionError(f"threads must be at least 1, or None for all processors; got {threads}.")
    return threads or processor_count()


class WorkerPool:
    """Threads that answer batches, each batch on one thread. They start at the first use, and survive a fork.

    threads: how many batches are answered at once (None: one for each processor). Raises OptionError for fewer than 1.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = thread_count(threads)
        self._executors: dict[int, ThreadPoolExecutor] = {}

    def map(self, answer: Callable[[Batch], Answer], batches: Sequence[Batch]) -> Iterator[Answer]:
        """Return the answers in the order of the batches. A single batch is answered on the calling thread."""
        if len(batches) <= 1 or self.threads == 1:
            return map(answer, batches)
        return self._started().map(answer, batches)

    def _started(self) -> ThreadPoolExecutor:
        """Return this process's threads: a process that was forked does not inherit its parent's."""
        executor = self._executors.get(os.getpid())
        if executor is None:  # two threads may come here at once; the executor of one has started no thread, and goes
            executor = ThreadPoolExecutor(self.threads, thread_name_prefix="recurra")
            executor = self._executors.setdefault(os.getpid(), executor)
        return executor
