"""What every kind of record is: a place that takes the parameters, the points and the end of a run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, TypeAlias

from recurra.errors import OutputError

Parameter: TypeAlias = str | int | float | bool
Token: TypeAlias = dict[str, str]
"""What a resumed run needs to find its record again."""
Ending = Literal["finished", "stopped", "failed"]


@dataclass(frozen=True)
class Point:
    """One figure of a run. name: such as `epoch/valid_loss`; time: when it was known, in seconds since 1970."""

    name: str
    step: int
    value: float
    time: float


class Recorder(ABC):
    """One kind of record of one run. Methods are called in the order of this class; each may raise anything.

    name: as in --log. modules: that it imports beyond what training does; extra: what installs them.
    """

    name: ClassVar[str]
    modules: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = ""

    def __init__(self, folder: Path, run: str) -> None:
        """folder: that of --log-dir; run: the name of the model."""
        self.folder = folder
        self.run = run

    def continues(self, token: Token) -> bool:
        """Return whether a record that was begun with `token` is still there, to go on with."""
        return token.get("folder") == str(self.folder) and bool(self.files())

    @abstractmethod
    def files(self) -> list[Path]:
        """Return the files in the folder that are of such a record, and that a new one would replace."""

    def check(self, *, replace: bool) -> None:
        """Find out, before any work, whether a new record may be begun here. replace: an earlier one may go.

        Raises OutputError.
        """
        if not replace and (files := self.files()):
            raise OutputError(
                f"--log {self.name}: {files[0]} is the record of an earlier run. Replace it with --overwrite, or "
                "choose another --log-dir."
            )

    @abstractmethod
    def begin(self) -> Token:
        """Begin a new record in place of an earlier one."""

    @abstractmethod
    def resume(self, token: Token) -> dict[str, int]:
        """Go on with the record that was begun with `token`. Returns the last step of each name in it."""

    @abstractmethod
    def parameters(self, values: Mapping[str, Parameter]) -> None:
        """Write parameters; the same ones may come again."""

    @abstractmethod
    def write(self, points: Sequence[Point]) -> None:
        """Write points, so that they are there when the process is killed afterwards."""

    @abstractmethod
    def finish(self, facts: Mapping[str, str]) -> None:
        """Write what is known of the finished model."""

    @abstractmethod
    def close(self, ending: Ending) -> None:
        """Close what was begun."""


def reason(error: Exception) -> str:
    """Return what an error says first, as a sentence of one line."""
    said = next(iter(str(error).splitlines()), "") or type(error).__name__
    return said if said.endswith(".") else f"{said}."
