"""Open the table of a path or a data set, with its columns of text and label, and report what was guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recurra.data.catalog import Source, resolve
from recurra.data.tables.table import Dialect, Table
from recurra.tasks.classify.columns import choose_columns
from recurra.tasks.classify.options import ReadOptions
from recurra.terminal.progress import Reporter


@dataclass(frozen=True)
class Opened:
    """A table with the columns to use. label is None where the data need none."""

    source: Source
    table: Table
    text: str
    label: str | None

    def rows(self, more: Sequence[str] = ()) -> Iterator[tuple[str | None, ...]]:
        """Yield (text, label if there is one, *more) of each row in file order."""
        columns = [self.text, *([self.label] if self.label else []), *more]
        names = self.source.label_names
        for batch in self.table.batches(columns):
            if names and self.label:
                yield from ((text, names.get(label or "", label), *rest) for text, label, *rest in batch)
            else:
                yield from batch


def open_data(
    data: str,
    options: ReadOptions,
    reporter: Reporter,
    *,
    label_needed: bool = True,
    rejects: Path | None = None,
    usual: tuple[str | None, str | None] = (None, None),
) -> Opened:
    """Return the table for a path or a catalog name. Raises CatalogError, ReadError or ColumnError.

    usual: (text, label) columns that are used where none are given and the table has them: those of the training.
    rejects: the file that broken rows go to where the options skip them; each pass writes it again.
    """
    source = resolve(data)
    reporter.info(f"Reading {source.how if source.text else data}.")
    dialect = Dialect(options.delimiter, options.quote, options.header, options.encoding)
    table = source.open(dialect, options.bad_rows, rejects)
    known = [name if name in table.columns else None for name in usual]
    chosen = choose_columns(
        table.columns,
        options.text or source.text or known[0],
        options.label or source.label or known[1],
        label_needed=label_needed,
    )
    if chosen.guessed:
        names = {"text": chosen.text, "label": chosen.label}
        reporter.info(f"Columns guessed: {', '.join(f'{what} is {names[what]!r}' for what in chosen.guessed)}.")
    return Opened(source, table, chosen.text, chosen.label)
