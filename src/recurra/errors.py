"""Everything that Recurra raises on purpose.

    RecurraError                  the root: catch this to catch them all
    ├── OptionError               an option, a config key or an argument that cannot be used
    ├── DataError                 the data cannot be used as they are
    │   ├── ReadError             a file is missing, unreadable, in the wrong encoding or structurally broken
    │   ├── ColumnError           a column is missing, doubled or ambiguous
    │   └── LabelError            the labels cannot be used for training, or do not match the model's
    ├── CatalogError              a named data set could not be found or fetched
    ├── ArtefactError             a model directory is missing, damaged, tampered with or from the future
    ├── OutputError               a result could not be written (permissions, full disk, something in the way)
    ├── TrainingError             training cannot start or continue
    │   ├── BusyError             another process is training into the same directory
    │   ├── ResumeError           the options or the data are not those of the run to be resumed
    │   ├── DivergedError         the loss is no longer a number; the last good weights were kept
    │   └── InterruptedTraining   stopped by a signal after saving; the message has the command to resume
    └── ExportError               the exported graph does not answer like the trained network

Every message states what was wrong, where, what would be accepted, what was received, and the next step.
The command line prints the message alone, on standard error, and exits with `exit_code`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RecurraError(Exception):
    """The root of every error that Recurra raises on purpose."""

    exit_code = 1


class OptionError(RecurraError, ValueError):
    """An option, a config key or an argument that cannot be used."""

    exit_code = 2


class DataError(RecurraError, ValueError):
    """The data cannot be used as they are."""


class ReadError(DataError):
    """A file is missing, unreadable, in the wrong encoding or structurally broken."""


class ColumnError(DataError):
    """A column is missing, doubled or ambiguous."""


class LabelError(DataError):
    """The labels cannot be used for training, or do not match the model's."""


class CatalogError(RecurraError):
    """A named data set could not be found or fetched."""


class ArtefactError(RecurraError):
    """A model directory is missing, damaged, tampered with or from the future."""


class OutputError(RecurraError, OSError):
    """A result could not be written."""


class TrainingError(RecurraError):
    """Training cannot start or continue."""


class BusyError(TrainingError):
    """Another process is training into the same directory."""


class ResumeError(TrainingError):
    """The options or the data are not those of the run to be resumed."""


class DivergedError(TrainingError):
    """The loss is no longer a number; the last good weights were kept."""


class InterruptedTraining(TrainingError):
    """Training was stopped by a signal after saving its state."""

    exit_code = 130


class ExportError(RecurraError):
    """The exported graph does not answer like the trained network."""


def brief(value: object, most: int = 80) -> str:
    """Return a value out of a file as it may appear in a message: quoted, escaped, about `most` characters of it."""
    if isinstance(value, str):
        return repr(value if len(value) <= most else f"{value[:most]}...")
    text = repr(value)
    return text if len(text) <= most else f"{text[:most]}..."


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"` for the known word closest to `word`, not itself; nothing if none is close."""
    close = difflib.get_close_matches(word, [other for other in known if other != word], n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


def near_name(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean '--x'?"` for the option that `name` misspells or begins; nothing if none is really near.

    Hyphens in front do not count, and underscores are hyphens.
    """
    plain = {option.lstrip("-"): option for option in known}
    typed = name.lstrip("-").replace("_", "-")
    close = difflib.get_close_matches(typed, list(plain), n=1, cutoff=0.75)
    begun = [option for option in plain if len(typed) > 2 and option.startswith(typed)]
    found = close or (begun if len(begun) == 1 else [])
    return f" Did you mean '{plain[found[0]]}'?" if found else ""


def installation(extra: str) -> str:
    """Return how the packages of an extra are installed, as the end of a message."""
    return f"Install what is missing, in a clone of Recurra, with: pip install '.[{extra}]'"


UPGRADE = "Upgrade, in a clone of Recurra, with: git pull && pip install ."
