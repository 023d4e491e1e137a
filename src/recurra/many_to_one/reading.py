"""Open the table of a path or a data set, with its columns of text and label, and report what was guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recurra.data.catalog import resolve
from recurra.data.source import Source
from recurra.data.tables.header import check_lines, header_hint, unsplit_hint
from recurra.data.tables.learnt import Learnt, check_width, learnt_by, open_like_training
from recurra.data.tables.stated import check_heeded
from recurra.data.tables.table import Table, listed
from recurra.errors import ColumnError
from recurra.many_to_one.columns import (
    LABEL,
    LABEL_NAMES,
    TARGET_NAMES,
    TEXT_NAMES,
    Answer,
    TrainedColumns,
    alike,
    choose_columns,
)
from recurra.many_to_one.given import text_facts
from recurra.many_to_one.options import TextOptions
from recurra.options.columns import Kind, as_named, feature_columns, named_columns
from recurra.storage.model_directory import Manifest
from recurra.terminal.progress import Reporter
from recurra.text.text_columns import joined

USUAL_NAMES = frozenset(TEXT_NAMES + LABEL_NAMES + TARGET_NAMES)
ONE_TEXT_A_PIECE = ("txt", "fasttext", "folder")
"""Formats whose texts are always in the column `text`."""


@dataclass(frozen=True)
class Opened:
    """A table with the columns to use. texts: whose texts are joined, one or more. label is None where the data need
    none. notes: what people should know of how the file is read, in sentences. features: columns beside the texts;
    kinds: what some of them hold, where it was said."""

    source: Source
    table: Table
    texts: tuple[str, ...]
    label: str | None
    notes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The columns of the texts as `--text` names them."""
        return as_named(self.texts)

    def facts(self) -> dict[str, Any]:
        """Return what a manifest states of where the texts are: text, and texts where they are in several columns."""
        return text_facts(self.texts, self.features)

    def text_of(self, cells: Sequence[str | None]) -> str | None:
        """Return the text of a row, of the cells of `texts`."""
        return joined(cells) if len(self.texts) > 1 else cells[0]

    def rows(self, more: Sequence[str] = ()) -> Iterator[tuple[str | None, ...]]:
        """Yield (text, label if there is one, *more) of each row in file order."""
        columns = [*self.texts, *([self.label] if self.label else []), *more]
        names, count = self.source.label_names, len(self.texts)
        for batch in self.table.batches(columns):
            if count > 1:
                batch = [(joined(row[:count]), *row[count:]) for row in batch]
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
    features, kinds = _features(table.columns, options, manifest)
    try:
        chosen = choose_columns(
            table.columns,
            options.text or source.text or _text_column(table, usual_text),
            getattr(options, answer.what, None) or (source.label if answer is LABEL else None),
            label_needed=label_needed,
            trained=trained,
            answer=answer,
            features=features,
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
    check_lines(table, (trained.texts or (None,)) if trained else TEXT_NAMES)
    if trained is not None and not source.text and options.text is None:
        _check_without_header(table, learnt, reporter)
    if chosen.guessed:
        names = {"text": chosen.text, answer.what: chosen.label}
        reporter.info(f"Columns guessed: {', '.join(f'{what} is {names[what]!r}' for what in chosen.guessed)}.")
    if table.format == "txt" and (hint := unsplit_hint(table)):
        reporter.info(f"Reading {data} as one text a line.{hint}")
    known_header = trained is not None or source.text or not chosen.guessed or "header" in options.model_fields_set
    note = "" if known_header else header_hint(table, USUAL_NAMES).strip()
    texts = (chosen.text, *chosen.further)
    joins = f"The texts of the columns {listed(texts)} are joined, with a mark between them." if chosen.further else ""
    return Opened(source, table, texts, chosen.label, tuple(filter(None, (note, joins))), features, kinds)


def _features(
    columns: Sequence[str], options: TextOptions, manifest: Manifest | None
) -> tuple[tuple[str, ...], dict[str, Kind]]:
    """Return the columns to read beside the texts, as the options or a training name them, and what they hold."""
    given = getattr(options, "features", None)
    if given is not None:
        return feature_columns(given, columns)
    learnt = manifest.data.get("features") if manifest else None
    names = [str(name) for name in learnt] if isinstance(learnt, list) else []
    return tuple(alike(name, columns) or name for name in names), {}


def _text_column(table: Table, usual: str | None) -> str | None:
    """Return the column with the texts where the format or `usual` says it."""
    if table.format in ONE_TEXT_A_PIECE:
        return "text"
    return usual if usual in table.columns else None


def _trained_columns(manifest: Manifest | None, answer: Answer) -> TrainedColumns:
    """Return the columns of a model's training, as far as its manifest knows them."""
    data = manifest.data if manifest else {}
    text, several, label = data.get("text"), data.get("texts"), data.get(answer.what)
    texts = tuple(map(str, several)) if isinstance(several, list) else (text,) if isinstance(text, str) else ()
    return TrainedColumns(texts, label if isinstance(label, str) else None)


def _fits(columns: Sequence[str], text: str | None, trained: TrainedColumns, learnt: Learnt) -> bool:
    """Return whether a table of these columns holds the texts where the options or the training say."""
    if text is not None:
        return all(name in columns for name in named_columns(text, columns))
    if columns[0] == "column0" and not learnt.width_fits(len(columns)):
        return False
    found = {column.strip().casefold() for column in columns}
    return bool(trained.texts) and all(name.strip().casefold() in found for name in trained.texts)


def _check_without_header(table: Table, learnt: Learnt, reporter: Reporter) -> None:
    """Raise ColumnError where a table without a header cannot be like the training's; report a first row that looks
    like a header."""
    if table.dialect.header or "header" not in table.heeds:
        return
    check_width(table, learnt, "--text")
    first = table.head(1)
    if first and any((value or "").strip().casefold() in USUAL_NAMES for value in first[0]):
        reporter.info("The first row is read as a row, as in training; if it names the columns, give --header.")
