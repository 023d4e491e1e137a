"""The record of a run as two CSV files: `metrics.csv`, a row for each figure, and `run.csv`, what was run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from recurra.storage.files import atomic_write
from recurra.terminal.progress import visible
from recurra.training.records.recorder import Ending, Parameter, Point, Recorder, Token

COLUMNS = ("time", "step", "name", "value")


class CsvRecorder(Recorder):
    """Appends to `metrics.csv`, which is opened for each write alone, and writes `run.csv` anew when it changes."""

    name = "csv"

    def __init__(self, folder: Path, run: str) -> None:
        super().__init__(folder, run)
        self.metrics, self.about = folder / "metrics.csv", folder / "run.csv"
        self._about: dict[str, Parameter] = {}

    def files(self) -> list[Path]:
        return [path for path in (self.metrics, self.about) if path.exists()]

    def begin(self) -> Token:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.about.unlink(missing_ok=True)
        atomic_write(self.metrics, _lines([COLUMNS]))
        return {"folder": str(self.folder)}

    def resume(self, token: Token) -> dict[str, int]:
        content = self.metrics.read_bytes()
        whole = content.rpartition(b"\n")[0] + b"\n"  # the rest is half of a line, of a process that was killed
        if whole != content:
            atomic_write(self.metrics, whole)
        last: dict[str, int] = {}
        for row in csv.DictReader(io.StringIO(whole.decode(), newline="")):
            last[row["name"]] = max(int(row["step"]), last.get(row["name"], 0))
        return last

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        self._about |= values
        rows = ((visible(name), visible(str(value))) for name, value in self._about.items())
        atomic_write(self.about, _lines([("name", "value"), *rows]))

    def write(self, points: Sequence[Point]) -> None:
        rows = ((_utc(point.time), point.step, point.name, repr(point.value)) for point in points)
        with self.metrics.open("ab", buffering=0) as file:
            file.write(_lines(rows))

    def finish(self, facts: Mapping[str, str]) -> None:
        self.parameters(facts)

    def close(self, ending: Ending) -> None:
        pass


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
