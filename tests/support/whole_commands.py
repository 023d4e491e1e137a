"""Command lines run in this process to their end, with all that they write, and what every end of them must be like."""

from __future__ import annotations

import functools
import io
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import typer

from recurra.cli.app import app

STATUSES = (0, 1, 2, 130)
INTERNALS = re.compile(
    r"Traceback|pydantic|ValidationError|E:onnxruntime|ONNXRuntime|duckdb|Warning:|site-packages|\.py\b|[a-z]Error:|errno"
    r"|INVALID_ARGUMENT|RUNTIME_EXCEPTION|[a-z]Exception|exception_|object at 0x|/linked/"
)
"""What no message for a person has: how this is built."""

LONGEST = 3000
"""Most characters in an error."""

MOST_SENTENCES = 6
COMMAND = re.compile(r": recurra [^.]*$")
"""A message may end with the command to try."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status, and what came on standard output and standard error."""

    status: int
    out: str
    err: str


@functools.cache
def _commands() -> Any:
    return typer.main.get_command(app())


def run(*words: object, input: bytes = b"") -> Ended:
    """Run `recurra` with `words`; whatever else than the end of the process leaves it is a failure of the test.

    Both streams are taken at their descriptors, so that what native libraries write is seen too.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with _redirected(out.fileno(), err.fileno(), input):
            try:
                _commands().main(args=[str(word) for word in words], prog_name="recurra")
                status: Any = 0
            except SystemExit as end:
                status = end.code
            except BaseException:
                traceback.print_exc()
                status = None
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "backslashreplace"))
    ended = Ended(-1 if status is None else int(status or 0), *texts)
    assert ended.status in STATUSES, f"{words} ended with {status}:\n{ended.err}"
    return ended


@contextmanager
def _redirected(out: int, err: int, input: bytes) -> Iterator[None]:
    streams = sys.stdin, sys.stdout, sys.stderr
    for stream in streams[1:]:
        stream.flush()
    kept = os.dup(1), os.dup(2)
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdin = io.TextIOWrapper(io.BytesIO(input), encoding="utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(os.dup(number), "wb"), encoding="utf-8", line_buffering=True) for number in (1, 2)
    )
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.close()
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, saved in zip((1, 2), kept, strict=True):
            os.dup2(saved, number)
            os.close(saved)


def in_words(ended: Ended) -> None:
    """Check that a command told a person how it ended."""
    said = ended.err
    assert not INTERNALS.search(said), said
    if ended.status in (1, 2):
        error = said[said.rindex("Error: ") :] if "Error: " in said else ""
        assert error, f"no word of what was wrong: {ended}"
        only = re.sub(r"\nUsage: .*", "", error, flags=re.DOTALL).strip().removeprefix("Error: ")
        in_sentences(only if only[-1:] in ".?!" or "\nUsage: " not in error else f"{only}.")


def in_sentences(message: str) -> None:
    """Check that a message is a few sentences on one line, as one writes to a person."""
    bare = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", "x", message)
    assert 0 < len(message) <= LONGEST and "\n" not in message and not message.startswith(" "), message
    assert bare.rstrip()[-1:] in ".?!)x" or COMMAND.search(bare), message
    faults = max(1, bare.count(" cannot be "))  # a message may name several options, with the sentence of each
    assert len(re.findall(r"[.?!:)](?=\s+[A-Z`]|$)", bare)) <= MOST_SENTENCES * faults, message
