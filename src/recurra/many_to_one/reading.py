"""Open the table of a path or a data set, with its columns of text and label, and report what was guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recurra.data.catalog import resolve
from recurra.data.source import Source
from recurra.data.tables.header import check_lines, header_hint, unsplit_hint
from recurra.data.tables.learnt import Learnt, check_width, learnt_by, open_like_training
from recurra.data.tables.stated import check_heeded
from recurra.data.tables.table import Table
from recurra.errors import ColumnError
from recurra.many_to_one.columns import (
    LABEL,
    LABEL_NAMES,
    TARGET_NAMES,
    TEXT_NAMES,
    Answer,
    TrainedColumns,
    choose_columns,
)
from recurra.many_to_one.options import TextOptions
from recurra.storage.model_directory import Manifest
from recurra.terminal.progress import Reporter

USUAL_NAMES = frozenset(TEXT_NAMES + LABEL_NAMES + TARGET_NAMES)
ONE_TEXT_A_PIECE = ("txt", "fasttext", "folder")
"""Formats whose texts are always in the column `text`."""


@dataclass(frozen=True)
class Opened:
    """A table with the columns to use. label is None where the data need none. notes: what people should know of how
    the file is read, in sentences."""

    source: Source
    table: Table
    text: str
    label: str | None
    notes: tuple[str, ...] = ()

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
    options: TextOptions,
    reporter: Reporter,
    *,
    answer: Answer = LABEL,
    label_needed: bool = True,
    rejects: Path | None = None,
    manifest: Manifest | None = None,
    also: Sequence[str | None] = (),
    usual_text: str | None = None,
) -> Opened:
    """Return the table for a path or a catalog name. Raises CatalogError, ReadError, ColumnError or OptionError.

    answer: what the column beside the texts holds, which the options name. manifest: that of the model which is to
    answer: what it was trained on says what the options leave open. rejects: the file that broken rows go to where the
    options skip them; each pass writes it again. also: other files that the options are for. usual_text: the column
    with the texts where it is there and the options name none.
    """
    source = resolve(data)
    reporter.info(f"Reading {source.how if source.text else data}.")
    given = Path(data) if source.text else source.path
    check_heeded(options, [given, *filter(None, also)], {given: "named"} if source.text else None)
    to_learn = manifest is None and (label_needed or usual_text is not None)
    trained = None if to_learn else _trained_columns(manifest, answer)
    learnt = learnt_by(manifest)
    if source.text:
        table = source.open(bad_rows=options.bad_rows, rejects_path=rejects)
    else:
        table = open_like_training(
            source.path,
            options,
            learnt,
            lambda columns: trained is None or _fits(columns, options.text, trained, learnt),
            reporter,
            rejects=rejects,
        )
    try:
        chosen = choose_columns(
            table.columns,
            options.text or source.text or _text_column(table, usual_text),
            getattr(options, answer.what, None) or (source.label if answer is LABEL else None),
            label_needed=label_needed,
            trained=trained,
            answer=answer,
        )
    except ColumnError as error:
        if table.format == "txt" and label_needed and answer is not LABEL:
            raise ColumnError(
                f"{data} is read as one text a line and has no {answer.what}s. Give a table with a column of "
                f"{answer.what}s.{unsplit_hint(table)}"
            ) from None
        if table.format == "txt" and label_needed:
            raise ColumnError(
                f"{data} is read as one text a line and has no labels. Give a table with a column of labels, a folder "
                f"with a folder for each class, or lines that begin with __label__NAME.{unsplit_hint(table)} To train "
                "a model that writes such text, give --task generate."
            ) from None
        known = () if source.text else USUAL_NAMES
        raise ColumnError(f"{error}{unsplit_hint(table)}{header_hint(table, known)}") from None
    check_lines(table, [trained.text] if trained else TEXT_NAMES)
    if trained is not None and not source.text and options.text is None:
        _check_without_header(table, learnt, reporter)
    if chosen.guessed:
        names = {"text": chosen.text, answer.what: chosen.label}
        reporter.info(f"Columns guessed: {', '.join(f'{what} is {names[what]!r}' for what in chosen.guessed)}.")
    if table.format == "txt" and (hint := unsplit_hint(table)):
        reporter.info(f"Reading {data} as one text a line.{hint}")
    known_header = trained is not None or source.text or not chosen.guessed or "header" in options.model_fields_set
    note = "" if known_header else header_hint(table, USUAL_NAMES).strip()
    return Opened(source, table, chosen.text, chosen.label, (note,) if note else ())


def _text_column(table: Table, usual: str | None) -> str | None:
    """Return the column with the texts where the format or `usual` says it."""
    if table.format in ONE_TEXT_A_PIECE:
        return "text"
    return usual if usual in table.columns else None


def _trained_columns(manifest: Manifest | None, answer: Answer) -> TrainedColumns:
    """Return the columns of a model's training, as far as its manifest knows them."""
    names = [manifest.data.get(what) if manifest else None for what in ("text", answer.what)]
    text, label = (name if isinstance(name, str) else None for name in names)
    return TrainedColumns(text, label)


def _fits(columns: Sequence[str], text: str | None, trained: TrainedColumns, learnt: Learnt) -> bool:
    """Return whether a table of these columns holds the texts where the options or the training say."""
    if text is not None:
        return text in columns
    if columns[0] == "column0" and not learnt.width_fits(len(columns)):
        return False
    plain = trained.text.strip().casefold() if trained.text else None
    return any(column.strip().casefold() == plain for column in columns)


def _check_without_header(table: Table, learnt: Learnt, reporter: Reporter) -> None:
    """Raise ColumnError where a table without a header cannot be like the training's; report a first row that looks
    like a header."""
    if table.dialect.header or "header" not in table.heeds:
        return
    check_width(table, learnt, "--text")
    first = table.head(1)
    if first and any((value or "").strip().casefold() in USUAL_NAMES for value in first[0]):
        reporter.info("The first row is read as a row, as in training; if it names the columns, give --header.")
