"""How a command reports while it works: on standard error, so that standard output holds results alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from recurra.terminal.history import SHARES, metric_names, title
from recurra.terminal.output import Messages

Item = TypeVar("Item")


@dataclass(frozen=True)
class TrainingProgress:
    """The progress of a training run after a step or an epoch.

    step: steps done, of `steps`; epoch: epochs done, of `epochs`; rows: of this step's batch; loss: the mean training
    loss of the epoch so far; finished_epoch: its entry of the history, where an epoch has just ended; stage: what is
    trained, in a run that trains several networks; batch_loss, learning_rate: of this step.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    rows: int
    loss: float
    finished_epoch: Mapping[str, Any] | None = None
    stage: str = ""
    batch_loss: float | None = None
    learning_rate: float | None = None


class Reporter:
    """Reports what a command is doing. quiet: print nothing but errors."""

    def __init__(self, quiet: bool = False) -> None:
        self.console = Messages(stderr=True, quiet=quiet, highlight=False, emoji=False)

    def info(self, sentence: str) -> None:
        """Print a plain sentence; nothing in it is taken for mark-up or for a terminal's commands."""
        self.console.print(visible(sentence), markup=False, soft_wrap=True)

    def heading(self, words: str) -> None:
        self.console.print(visible(words), markup=False, style="bold", soft_wrap=True)

    def track(self, items: Iterable[Item], what: str) -> Iterator[Item]:
        """Yield `items` while a line counts them."""
        with self._bar(TextColumn("{task.completed:,.0f} rows"), TextColumn("{task.fields[rate]}")) as bar:
            line = bar.add_task(what, total=None, rate="")
            for count, item in enumerate(items, 1):
                yield item
                if count % 256 == 0:
                    speed = bar.tasks[line].speed
                    bar.update(line, completed=count, rate=f"{speed:,.0f} rows/s" if speed else "")

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[int, float | None], None]]:
        """Show a bar with rate and time left; it takes (rows so far, share of the work done, None if unknown)."""
        columns = (
            BarColumn(bar_width=24),
            TextColumn("{task.fields[rows]:,} rows  {task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        with self._bar(*columns) as bar:
            line = bar.add_task(what, total=None, rows=0, rate="")
            first: int | None = None

            def advance(rows: int, share: float | None) -> None:
                nonlocal first
                first = rows if first is None else first  # those of an earlier run do not count for the rate
                seconds = bar.tasks[line].elapsed or 0
                rate = f"{(rows - first) / seconds:,.0f} rows/s" if seconds and rows > first else ""
                bar.update(line, total=share and 1.0, completed=share or 0, rows=rows, rate=rate)

            yield advance

    @contextmanager
    def training(self) -> Iterator[Watcher]:
        """Show a progress bar with rate, loss and time left, and a line for each finished epoch."""
        with self._bar(
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}  loss {task.fields[loss]} "),
            TimeRemainingColumn(),
            TextColumn("left"),
        ) as bar:
            yield Watcher(bar)

    def _bar(self, *columns: ProgressColumn) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            *columns,
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )


class Watcher:
    """Draws the steps of a training loop on a progress bar."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._line = bar.add_task("Training", total=None, rate="", loss="")
        self._rows = 0
        self._headed = False
        self._stage = ""

    def __call__(self, step: TrainingProgress) -> None:
        if step.stage != self._stage:
            self._rows, self._headed, self._stage = 0, False, step.stage
            self._bar.reset(self._line)
            self._bar.console.print(f"{step.stage.capitalize() or 'All together'}:", markup=False, soft_wrap=True)
        self._rows += step.rows
        task = self._bar.tasks[self._line]
        rate = self._rows / task.elapsed if task.elapsed else 0
        self._bar.update(
            self._line,
            total=step.steps,
            completed=step.step,
            description=f"{step.stage} epoch {step.epoch + 1}/{step.epochs}".strip().capitalize(),
            rate=f"{rate:,.0f} rows/s",
            loss=f"{step.loss:.4f}",
        )
        if entry := step.finished_epoch:
            if not self._headed:
                self._bar.console.print(epoch_header(entry), soft_wrap=True)
                self._headed = True
            self._bar.console.print(epoch_line(entry, step.epochs), soft_wrap=True)


def epoch_header(entry: Mapping[str, Any]) -> str:
    """Return the heading of the lines of epochs, with a column for each metric that `entry` holds."""
    columns = [f"  {heading:>{width}}" for _, heading, width in _columns(entry)]
    return f"{'Epoch':>9}{''.join(columns)}  {'Time':>10}"


def epoch_line(entry: Mapping[str, Any], epochs: int) -> str:
    """Return the line of one finished epoch of `epochs`, from its entry of the history."""
    count = f"{entry['epoch']}/{epochs}"
    columns = [f"  {_written(key, entry[key]):>{width}}" for key, _, width in _columns(entry)]
    return f"{count:>9}{''.join(columns)}  {entry['seconds']:8.1f} s"


def _columns(entry: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """Return (key of the entry, heading, width) of each column."""
    names = metric_names([entry])
    return [
        (key, heading, max(8, len(heading)))
        for part, loss in (("train", "Training loss"), ("valid", "Validation loss"))
        for key, heading in [(f"{part}_loss", loss), *((f"{part}_{name}", title(name)) for name in names)]
        if key in entry
    ]


def _written(key: str, value: float) -> str:
    return f"{value:.1%}" if key.partition("_")[2] in SHARES else f"{value:.4f}"


def visible(text: str, keep: str = "") -> str:
    """Return `text` with control characters, those in `keep` apart, spelled as escapes: \\n, \\x1b ..."""
    return "".join(
        c if c in keep or c.isprintable() or c == " " or c == "\u3000" else c.encode("unicode_escape").decode("ascii")
        for c in text
    )
