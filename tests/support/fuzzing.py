"""Fuzz targets: a few examples, the same in every run, in `make test`; new ones until the time is over in `make fuzz`.

A target is a property test with `@fuzzed(examples, argument=strategy, ...)` instead of Hypothesis's own decorators. In
`make fuzz` (RECURRA_FUZZ=1) the example being tried lies in `build/fuzz/trying/`, so that one which kills the process
is not lost with it, and those that fail are kept in `build/fuzz/examples/`, which are tried first next time.
"""

from __future__ import annotations

import faulthandler
import functools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.strategies import SearchStrategy

ENDLESS = bool(os.environ.get("RECURRA_FUZZ"))
"""Whether this is `make fuzz`."""

VISIT = 4
"""In `make fuzz` a target tries this many times the examples of `make test` before it is the turn of the next."""

HANGS_AFTER_SECONDS = 120
"""An example that takes longer in `make fuzz` ends the process, with the place where it was."""

FOLDER = Path(__file__).parents[2] / "build" / "fuzz"
TRIED: Counter[str] = Counter()
"""How many examples each target has tried."""

Target = Callable[..., None]


def fuzzed(examples: int, **arguments: SearchStrategy[Any]) -> Callable[[Target], Target]:
    """Make a target of a test. examples: how many `make test` tries; arguments: what is drawn for each."""

    def decorate(test: Target) -> Target:
        name = f"{Path(test.__code__.co_filename).name}::{test.__name__}"

        @functools.wraps(test)
        def counted(**values: Any) -> None:
            TRIED[name] += 1
            with _noted(name, {argument: values[argument] for argument in arguments}):
                test(**values)

        database = DirectoryBasedExampleDatabase(FOLDER / "examples") if ENDLESS else None
        target: Target = settings(
            max_examples=examples * (VISIT if ENDLESS else 1),
            deadline=None,
            derandomize=not ENDLESS,
            database=database,
            print_blob=ENDLESS,
            suppress_health_check=list(HealthCheck),
        )(given(**arguments)(counted))
        return target

    return decorate


@contextmanager
def _noted(name: str, example: dict[str, Any]) -> Iterator[None]:
    """Keep the example on disk while it is tried, and end the process where it never ends."""
    if not ENDLESS:
        yield
        return
    trying = FOLDER / "trying" / f"{name.replace('::', '-')}.txt"
    trying.parent.mkdir(parents=True, exist_ok=True)
    trying.write_text(repr(example), encoding="utf-8", errors="backslashreplace")
    faulthandler.dump_traceback_later(HANGS_AFTER_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
    trying.unlink(missing_ok=True)
