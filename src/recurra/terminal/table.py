"""Tables and lines on standard output, for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recurra.terminal.output import Output
from recurra.terminal.progress import visible


def console() -> Console:
    """Return standard output, on which nothing is highlighted or wrapped."""
    return Output(highlight=False, soft_wrap=True, emoji=False)


def table(*columns: str) -> Table:
    """Return an empty table without lines; all columns but the first are numbers, aligned to the right."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        made.add_column(column, justify="left" if number == 0 else "right")
    return made


def facts(rows: Mapping[str, object]) -> Table:
    """Return a table of names and values; empty values are left out."""
    made = Table(show_header=False, box=None, pad_edge=False)
    for name, value in rows.items():
        if value not in ("", None):
            made.add_row(name, shown(value))
    return made


def shown(value: object) -> str:
    """Return a value so that nothing in it is taken for mark-up or for a terminal's commands."""
    text = visible(str(value))
    head = text.rstrip("\\")
    if head == text:
        return escape(text)
    # Before a tag a backslash counts as half of one, elsewhere as one: an empty tag behind them makes it half always.
    return escape(head) + "\\" * (2 * (len(text) - len(head))) + "[none][/none]"


def between(ends: Sequence[float] | None, form: str = "{:.1%}", few: str = "too few rows for an interval") -> str:
    """Return "95 % interval LOW to HIGH", or `few` where there is none."""
    return few if ends is None else f"95 % interval {interval(ends, form)}"


def interval(ends: Sequence[float] | None, form: str = "{:.1%}") -> str:
    """Return an interval as "LOW to HIGH", each end written by `form`; a dash where there is none."""
    return "-" if ends is None else f"{form.format(ends[0])} to {form.format(ends[1])}"
