"""The program handles its signals before it imports what takes time."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

INTERRUPTED = """
import builtins, os, sys

whole = builtins.__import__

def importing(name, *more):
    if name == "typer":
        try:
            os.kill(os.getpid(), int(numbers[0]))
        finally:
            for number in numbers[1:]:
                os.kill(os.getpid(), int(number))
    return whole(name, *more)

numbers = sys.argv.pop(1).split(",")
if sys.argv.pop(1) == "module":
    from recurra.cli.start import main
    builtins.__import__ = importing
    main()
else:
    sys.argv[0] = "/usr/bin/recurra"
    builtins.__import__ = importing
    from recurra.cli.app import main
"""


@pytest.mark.parametrize("numbers", [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGINT, signal.SIGINT)])
@pytest.mark.parametrize("begun_by", ["module", "script"])
def test_a_signal_while_the_program_is_imported_is_one_word(
    process: Callable[..., Any], numbers: list[int], begun_by: str
) -> None:
    result = process(INTERRUPTED, ",".join(str(int(number)) for number in numbers), begun_by, "inspect", "m")
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "Stopped.\n")


def test_it_runs_the_command_line(process: Callable[..., Any]) -> None:
    result = process("from recurra.cli.start import main; main()", "--version")
    assert result.returncode == 0 and result.stdout.startswith("recurra ")
