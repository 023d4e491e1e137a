"""What training learnt of how its file is written: the default for the files that its model answers and is judged on.

What is stated with the command wins. What was learnt is given up, and that is reported, where the file plainly is
written another way: where it is UTF-8 although the training's was not, or where the delimiter of training does not
lead to the columns that are needed and the usual one does.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from recurra.data.tables.bytes_check import BLOCK, codec_name, open_bytes
from recurra.data.tables.header import unsplit_hint
from recurra.data.tables.location import files_of, there
from recurra.data.tables.readers import READERS, format_of, open_table
from recurra.data.tables.stated import FIELDS, OF_ONE_FILE, dialect_of, named, stated
from recurra.data.tables.table import PLAIN, Dialect, Table
from recurra.errors import ArtefactError, ColumnError, ReadError, brief
from recurra.options.base import flag
from recurra.options.reading import EncodingOptions, TableOptions
from recurra.terminal.progress import Reporter

_LEARNT = tuple(name for name in FIELDS if name not in OF_ONE_FILE)

Fits = Callable[[Sequence[str]], bool]
"""Whether the columns of a table are such as are needed."""


class Facts(Protocol):
    """The parts of a manifest that say what a model was trained on."""

    @property
    def config(self) -> Mapping[str, Any]: ...

    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Learnt:
    """What a model knows of the file that it was trained on.

    dialect: the fields of a Dialect that training was told. columns: how many the table had. format: what its name
    promised, as in SUFFIXES. Both are None where that is not known.
    """

    dialect: Mapping[str, Any] = field(default_factory=dict)
    columns: int | None = None
    format: str | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any], data: Mapping[str, Any]) -> Learnt:
        """Return what `config` and `data` of a manifest say. Raises ArtefactError for values that cannot be."""
        told = {
            name: config[name] for name in _LEARNT if config.get(name, getattr(PLAIN, name)) != getattr(PLAIN, name)
        }
        try:
            dialect_of(TableOptions.model_validate(told, strict=True))
            codec_name(told.get("encoding", "utf-8"))
        except (ValidationError, ValueError):
            raise ArtefactError(
                f"manifest.json: the model cannot have been trained on a table of {brief(told)}."
            ) from None
        columns, form = data.get("columns"), data.get("format")
        return cls(told, columns if type(columns) is int else None, form if isinstance(form, str) else None)

    def width_fits(self, width: int) -> bool:
        """Return whether a table without a header may be like the training's: it has as many columns."""
        return self.columns in (None, width)


NOTHING = Learnt()


def learnt_by(manifest: Facts | None) -> Learnt:
    """Return what the manifest of a model says; NOTHING where it has none."""
    return NOTHING if manifest is None else Learnt.of(manifest.config, manifest.data)


def facts(table: Table) -> dict[str, Any]:
    """Return what a manifest says of the table that a model was trained on, beside the options: see `Learnt.of`."""
    return {"columns": len(table.columns), "format": named(table.path) or table.format}


def learnt_encoding(path: Path | str, options: EncodingOptions, learnt: Learnt, reporter: Reporter) -> str:
    """Return the encoding to read a file in: as stated, else as in training unless the file plainly is UTF-8."""
    kept = learnt.dialect.get("encoding")
    if kept is None or "encoding" in stated(options) or not Path(path).is_file():
        return options.encoding
    if _is_utf8(Path(path), kept):
        reporter.info(f"{path} is in UTF-8, unlike the training's file ({kept}); it is read as such.")
        return "utf-8"
    reporter.info(f"Reading as in training: --encoding {kept}.")
    return str(kept)


def open_like_training(
    path: Path | str,
    options: TableOptions,
    learnt: Learnt,
    fits: Fits,
    reporter: Reporter,
    *,
    rejects: Path | None = None,
) -> Table:
    """Open a table as the options state and, where they do not, as training read its own.

    fits: whether columns are those that are needed. A learnt dialect that leads to others is given up for the usual
    one where that one leads to them. Raises as `open_table` does.
    """
    path, plain = Path(path), dialect_of(options)
    learnt_here = {name: value for name, value in learnt.dialect.items() if name not in stated(options)}
    if named(path) == "txt" and learnt.format != "txt":
        learnt_here.pop("delimiter", None)
    told = replace(plain, **learnt_here)
    heeded = READERS[format_of(path, told)].heeds if there(files_of(path)[0]) else ()
    told = replace(plain, **{name: value for name, value in learnt_here.items() if name in heeded})
    if told.encoding != plain.encoding and _is_utf8(path, told.encoding):
        reporter.info(f"{path} is in UTF-8, unlike the training's file ({told.encoding}); it is read as such.")
        told = replace(told, encoding=plain.encoding)
    dialects = dict.fromkeys([told, replace(told, delimiter=plain.delimiter), replace(plain, encoding=told.encoding)])
    first: Table | ReadError | None = None
    for dialect in dialects:
        try:
            table = open_table(path, dialect, options.bad_rows, rejects)
        except ReadError as error:
            first = first or error
            continue
        if fits(table.columns) or (table.format in ("txt", "fasttext") and not _all_hold(table, told.delimiter)):
            break
        first = first or table
    else:
        if not isinstance(first, Table):
            raise first or ReadError(f"{path} cannot be read.")
        table = first
    _report(table, told, plain, reporter)
    return table


def check_width(table: Table, learnt: Learnt, option: str) -> None:
    """Raise ColumnError where the number of columns of a table without a header shows that they are other ones than
    in training: numbers are all the names that they have. option: what names the column of the texts.
    """
    if table.dialect.header or "header" not in table.heeds:
        return
    width, hint = len(table.columns), unsplit_hint(table)
    if learnt.width_fits(width) and not (hint and learnt.columns != 1):
        return
    expected = f"the training's had {learnt.columns}" if learnt.columns else "the training's had more"
    raise ColumnError(
        f"{table.path} has {width} column{'s'[: width != 1]} and no header, and {expected}, so it is not clear which "
        f"holds the texts. Name it, as in `{option} column0`, or give --header if the first row names the "
        f"columns.{hint}"
    )


def _all_hold(table: Table, delimiter: str | None) -> bool:
    """Return whether the first lines of a text file all hold the delimiter of the training's."""
    return delimiter is not None and all(delimiter in (row[0] or "") for row in table.head(20))


def _report(table: Table, told: Dialect, plain: Dialect, reporter: Reporter) -> None:
    """Say which part of the training's dialect is used, and that its delimiter is not."""
    used = {name: getattr(table.dialect, name) for name in FIELDS if name in table.heeds}
    as_learnt = {name: value for name, value in used.items() if value != getattr(plain, name)}
    if as_learnt:
        shown = ("--no-header" if name == "header" else f"{flag(name)} {value!r}" for name, value in as_learnt.items())
        reporter.info(f"Reading as in training: {' '.join(shown)}.")
    if table.dialect.delimiter != told.delimiter and "delimiter" in table.heeds:
        reporter.info(
            f"With the delimiter of the training's file, {told.delimiter!r}, {table.path} has no such columns; it is "
            "read with the usual one."
        )


def _is_utf8(path: Path, instead_of: str) -> bool:
    """Return whether a file, or each of several, is text in UTF-8 and could not be so by chance: there are characters
    beyond ASCII, or what is expected has two bytes or four for each of those."""
    wide = codec_name(instead_of).startswith(("utf-16", "utf-32"))
    beyond = False
    try:
        for one in files_of(path):
            decoder = codecs.getincrementaldecoder("utf-8")()
            with open_bytes(one) as file:
                while block := file.read(BLOCK):
                    if b"\0" in block:
                        return False
                    beyond = beyond or not block.isascii()
                    decoder.decode(block)
                decoder.decode(b"", final=True)
    except (UnicodeDecodeError, OSError, ReadError):
        return False
    return beyond or wide
