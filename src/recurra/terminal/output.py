"""Standard output and standard error whose reader has ended, as that of `recurra ... | head` does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console


class Output(Console):
    """Standard output. Raises BrokenPipeError where nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class Messages(Console):
    """Standard error. Where nobody reads it any more, it is silent, and the work goes on."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        discard_output()


def discard_output() -> None:
    """Let what is still to be written go nowhere, so that writing the rest at the end cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(None, (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)):
        try:
            stream.flush()
        except OSError:  # nobody reads it any more, or its disk is full
            with suppress(OSError, ValueError):  # a stream that is no file
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextmanager
def already_written() -> Iterator[None]:
    """Print in this block what lies on disk too: nothing is lost where nobody reads it, and the command succeeds."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
