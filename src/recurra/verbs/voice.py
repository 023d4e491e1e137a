"""How a verb speaks while it works: to standard error, so that standard output holds results alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from recurra.training.loop import Progress as TrainingProgress

Item = TypeVar("Item")


class Voice:
    """Says what happens. quiet: say nothing but errors."""

    def __init__(self, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)

    def say(self, sentence: str) -> None:
        """Say a plain sentence; nothing in it is taken for mark-up."""
        self.console.print(escape(sentence), soft_wrap=True)

    def heading(self, words: str) -> None:
        self.console.print(f"[bold]{escape(words)}[/bold]", soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show a table; the first column is set left, the others right."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for i, column in enumerate(columns):
            table.add_column(escape(column), justify="left" if i == 0 else "right")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.console.print(table)

    def counting(self, items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
        """Yield `items` while a line counts them."""
        with self._bar(TextColumn("{task.fields[rate]}")) as bar:
            line = bar.add_task(what, total=total, rate="")
            for count, item in enumerate(items, 1):
                yield item
                if count % 256 == 0:
                    speed = bar.tasks[line].speed
                    bar.update(line, completed=count, rate=f"{speed:,.0f} rows/s" if speed else "")

    @contextmanager
    def training(self) -> Iterator[Watcher]:
        """Show a progress bar with rate, loss and time left, and a line for each finished epoch."""
        with self._bar(TextColumn("{task.fields[rate]}  loss {task.fields[loss]}")) as bar:
            yield Watcher(bar)

    def _bar(self, *more: TextColumn) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            *more,
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
        )


class Watcher:
    """Draws the steps of a training loop on a progress bar."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._line = bar.add_task("Training", total=None, rate="", loss="")
        self._rows = 0

    def __call__(self, step: TrainingProgress) -> None:
        self._rows += step.rows
        task = self._bar.tasks[self._line]
        rate = self._rows / task.elapsed if task.elapsed else 0
        self._bar.update(
            self._line,
            total=step.steps,
            completed=step.step,
            description=f"Epoch {step.epoch + 1}/{step.epochs}",
            rate=f"{rate:,.0f} rows/s",
            loss=f"{step.loss:.4f}",
        )
        if entry := step.finished_epoch:
            self._bar.console.print(
                f"Epoch {entry['epoch']}/{step.epochs}: train loss {entry['train_loss']:.4f}, "
                f"accuracy {entry['train_accuracy']:.1%}; validation loss {entry['valid_loss']:.4f}, "
                f"accuracy {entry['valid_accuracy']:.1%}; {entry['seconds']:.1f} s"
            )
