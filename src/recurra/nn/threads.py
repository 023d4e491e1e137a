"""Threads for work that lets go of Python's lock."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

_pool: tuple[int, int, ThreadPoolExecutor] | None = None
_pool_lock = threading.Lock()


def at_once(jobs: Sequence[Callable[[], None]], threads: int) -> None:
    """Do the jobs, at most `threads` at once, the first on the calling thread; raise what one of them raises."""
    if threads == 1 or len(jobs) == 1:
        for job in jobs:
            job()
        return
    others = [_threads(threads - 1).submit(job) for job in jobs[1:]]
    try:
        jobs[0]()
    finally:
        errors = [other.exception() for other in others]  # all are done before memory that they use is freed
    for error in errors:
        if error:
            raise error


def _threads(count: int) -> ThreadPoolExecutor:
    """At least `count` threads; a process that was forked makes its own."""
    global _pool
    with _pool_lock:
        if _pool is None or _pool[0] != os.getpid() or _pool[1] < count:
            _pool = os.getpid(), count, ThreadPoolExecutor(count, thread_name_prefix="recurra-walk")
        return _pool[2]
