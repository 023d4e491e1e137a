"""The record of a run as event files, which TensorBoard shows: scalars, and the options as its hyperparameters.

The files are written by tensorboardX, but not by its SummaryWriter: that one hands events to a thread, which ends where
the disk is full, and then training would wait for it for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import time
from typing import Any

from recurra.training.records.recorder import Ending, Parameter, Point, Recorder, Token

PATTERN = "events.out.tfevents.*"
HEAD, CHECK = 12, 4
"""Bytes before and after an event: its length with a checksum, and a checksum of it."""


class TensorBoardRecorder(Recorder):
    """Writes an event file for each process that takes part in the run."""

    name = "tensorboard"
    modules = ("tensorboardX",)
    extra = "tensorboard"

    def __init__(self, folder: Path, run: str) -> None:
        super().__init__(folder, run)
        self._writer: Any = None

    def files(self) -> list[Path]:
        return sorted(self.folder.glob(PATTERN))

    def begin(self) -> Token:
        for path in self.files():
            path.unlink()
        self._open()
        return {"folder": str(self.folder)}

    def resume(self, token: Token) -> dict[str, int]:
        last: dict[str, int] = {}
        for path in self.files():
            for event in _events(path.read_bytes()):
                for value in event.summary.value:
                    if value.HasField("simple_value"):
                        last[value.tag] = max(event.step, last.get(value.tag, 0))
        self._open()
        return last

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        from tensorboardX.summary import hparams

        _, start, _ = hparams(dict(values), {})
        self._add(start, 0, time())
        self._writer.flush()

    def write(self, points: Sequence[Point]) -> None:
        from tensorboardX.summary import scalar

        for point in points:
            self._add(scalar(point.name, point.value), point.step, point.time)
        self._writer.flush()

    def finish(self, facts: Mapping[str, str]) -> None:
        from tensorboardX.summary import hparams, text

        _, _, end = hparams({}, {})
        self._add(end, 0, time())
        for name, value in facts.items():
            self._add(text(name, value), 0, time())

    def close(self, ending: Ending) -> None:
        if self._writer is not None:
            self._writer.close()

    def _open(self) -> None:
        from tensorboardX.event_file_writer import EventsWriter

        self.folder.mkdir(parents=True, exist_ok=True)
        # The name has the second alone; a number keeps a run that is resumed at once from writing over its own file.
        self._writer = EventsWriter(str(self.folder / "events"), f".{len(self.files())}")
        self._writer.flush()

    def _add(self, summary: Any, step: int, seconds: float) -> None:
        from tensorboardX.proto.event_pb2 import Event

        self._writer.write_event(Event(wall_time=seconds, step=step, summary=summary))


def _events(content: bytes) -> Iterator[Any]:
    """Yield the events of a file, up to the first that is not whole: the last one of a process that was killed."""
    from tensorboardX.proto.event_pb2 import Event

    place = 0
    while place + HEAD <= len(content):
        start = place + HEAD
        end = start + int.from_bytes(content[place : place + 8], "little")
        if end + CHECK > len(content):
            return
        yield Event.FromString(content[start:end])
        place = end + CHECK
