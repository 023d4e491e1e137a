"""Training in a process of its own, which a test kills at a step."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import pytest

WATCHDOG_SECONDS = 120.0
DRIVER = """
import functools, os, sys
import recurra.training.fit as fit
from recurra.training.checkpoints import CheckpointStore

fit.Run = functools.partial(fit.Run, checkpoint_seconds=0.02)  # the real loop, which else saves every 30 s
announcements, save = int(sys.argv.pop(1)), CheckpointStore.save

def save_and_announce(store, step, *rest):
    save(store, step, *rest)
    os.write(announcements, b"%d\\n" % step)

CheckpointStore.save = save_and_announce

from recurra.cli.app import main
main()
"""
"""`recurra` with frequent checkpoints, the step of each written to the pipe whose number is the first argument."""


@dataclass
class TrainingProcess:
    """A running `recurra train`. steps: a pipe with a line for each checkpoint."""

    child: subprocess.Popen[str]
    steps: IO[str]

    def wait_for_step(self, step: int) -> None:
        """Wait for the checkpoint of `step` or of a later one; fail where training ends before."""
        watchdog = threading.Timer(WATCHDOG_SECONDS, self.child.kill)
        watchdog.start()
        try:
            if not any(int(line) >= step for line in iter(self.steps.readline, "")):
                self.child.kill()
                pytest.fail(f"no checkpoint of step {step}: {self.child.communicate()[1]}")
        finally:
            watchdog.cancel()
            watchdog.join()


@contextmanager
def training_process(*words: object, command: str = "train") -> Iterator[TrainingProcess]:
    """Start `recurra train`, or another command, with `words`; the process is gone when the block ends."""
    reading, writing = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(writing), command, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=[writing],
    )
    os.close(writing)
    with open(reading, encoding="ascii") as steps:
        try:
            yield TrainingProcess(child, steps)
        finally:
            child.kill()
            child.communicate()
