"""Output whose reader has ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest

from recurra.terminal.output import Messages, Output, already_written


@contextmanager
def without_reader() -> Iterator[None]:
    """Standard output and error are a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1) as stream, redirect_stdout(stream), redirect_stderr(stream):
        yield
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)


def test_a_result_raises() -> None:
    with without_reader(), pytest.raises(BrokenPipeError):
        Output().print("a result")


def test_messages_are_silent() -> None:
    with without_reader():
        messages = Messages(stderr=True)
        messages.print("a message")
        assert messages.quiet
        messages.print("another")


def test_what_is_on_disk_needs_no_reader() -> None:
    with without_reader():
        with already_written():
            Output().print("a result")
        print("more goes nowhere", flush=True)
        with pytest.raises(ZeroDivisionError), already_written():
            raise ZeroDivisionError
