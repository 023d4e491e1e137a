"""Pairs of texts: two files aligned line by line, or two columns of one table.

Pairs come in file order, with both texts unaltered. In aligned files an empty line is an empty text, so that it
keeps its row; two files with different numbers of lines are refused, since every pair after the first missing line
would be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

from recurra.data.tables.header import delimiter_hint, header_hint, looks_like_data, unsplit_hint
from recurra.data.tables.learnt import check_width, learnt_by, learnt_encoding, open_like_training
from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.location import names_beside
from recurra.data.tables.readers import open_table
from recurra.data.tables.stated import check_heeded, named
from recurra.data.tables.table import BadRows, Dialect, Table, listed
from recurra.errors import ColumnError, OptionError, ReadError, did_you_mean
from recurra.storage.model_directory import Manifest
from recurra.tasks.translate.options import ParallelOptions
from recurra.terminal.progress import Reporter

SOURCE_NAMES = ("source", "src", "question", "input", "from")
TARGET_NAMES = ("target", "tgt", "translation", "answer", "output", "to")
"""Names that make a column obvious, in rising order of doubt."""

ParallelRow = tuple[str | None, str | None]


@dataclass(frozen=True)
class ParallelTable:
    """Where pairs come from. tables: one with both columns, or two aligned files; columns: source and target.

    guessed: whether the columns were guessed.
    """

    tables: tuple[Table, ...]
    columns: tuple[str, str]
    guessed: bool = False

    @property
    def by_place(self) -> bool:
        """Whether the columns were guessed as the only two, not by their names."""
        return self.guessed and not any(_obvious(self.columns, names, None) for names in (SOURCE_NAMES, TARGET_NAMES))

    @property
    def rejected(self) -> int:
        """Broken rows that the latest pass skipped."""
        return sum(table.rejected for table in self.tables)

    @property
    def rejects_path(self) -> Path | None:
        """Where these rows are written, if anywhere."""
        return self.tables[0].rejects_path

    @property
    def how(self) -> str:
        """The files and columns, in words."""
        if len(self.tables) == 2:
            return " and ".join(str(table.path) for table in self.tables)
        return f"{self.tables[0].path}, from {self.columns[0]!r} to {self.columns[1]!r}"

    def rows(self) -> Iterator[ParallelRow]:
        """Yield (source, target). Raises ReadError for a broken row, or files whose lines do not pair off."""
        if len(self.tables) == 1:
            for batch in self.tables[0].batches(self.columns):
                yield from ((row[0], row[1]) for row in batch)
        else:
            yield from _aligned(*self.tables)


def open_parallel(
    data: str,
    dialect: Dialect,
    *,
    target_file: str | None = None,
    source: str | None = None,
    target: str | None = None,
    bad_rows: BadRows = "stop",
    rejects: Path | None = None,
) -> ParallelTable:
    """Return the pairs in `data`: line by line with `target_file`, else in two of its columns.

    source, target: the names of the columns; guessed where they are obvious, or the only two.
    Raises ReadError for what cannot be read, OptionError for options that do not go together, ColumnError.
    """
    if target_file is None:
        table = open_table(data, dialect, bad_rows, rejects)
        return ParallelTable((table,), *_columns(table.columns, source, target))
    if source or target:
        raise OptionError(
            "--source and --target name columns of one table; with --target-file there are none, since each line is a "
            "text. Leave them out."
        )
    if bad_rows == "skip":
        raise OptionError(
            "--bad-rows skip would move the lines of aligned files against each other. Correct the files instead."
        )
    for path in (data, target_file):
        if not Path(path).is_file():
            near = did_you_mean(Path(path).name, names_beside(Path(path)))
            raise ReadError(f"{path} does not exist, or is no file.{near}")
    lines = Dialect(encoding=dialect.encoding)
    return ParallelTable((LinesTable(Path(data), lines), LinesTable(Path(target_file), lines)), ("text", "text"))


def open_pairs(
    data: str,
    options: ParallelOptions,
    reporter: Reporter,
    *,
    target_file: str | None,
    rejects: Path,
    manifest: Manifest | None = None,
    also: str | None = None,
) -> ParallelTable:
    """Return the pairs in `data`, read as the options say and, where they do not, as in the training of a model.

    manifest: that of the model to be judged; None where one is trained. also: another file that the options are for.
    Raises as `open_parallel` does.
    """
    path, learnt = Path(data), learnt_by(manifest)
    files: list[Path | str] = [path, *([also] if also else [])]
    if target_file is not None:
        for file in (data, target_file):
            if named(file) not in (None, "txt"):
                raise OptionError(
                    f"{file} is named as a table, and --target-file is for two files with one text a line. Name the "
                    "columns of a table by --source and --target, or write its texts into files of lines."
                )
        check_heeded(options, files, dict.fromkeys(map(Path, files), "lines"))
        encoding = learnt_encoding(path, options, learnt, reporter)
        return open_parallel(
            data,
            Dialect(encoding=encoding),
            target_file=target_file,
            source=options.source,
            target=options.target,
            bad_rows=options.bad_rows,
        )
    if path.is_dir():
        raise ReadError(f"{data} is a folder. Give a table with a column for each language, or two aligned files.")
    if path.exists() and named(path) is None:
        raise _one_side(path)
    check_heeded(options, files)
    trained = trained_columns(manifest)

    def needed(columns: Sequence[str]) -> list[str | None]:
        given = (options.source, options.target)
        return [name or like(learned, columns) for name, learned in zip(given, trained, strict=True)]

    def fits(columns: Sequence[str]) -> bool:
        if columns[0] == "column0" and not learnt.width_fits(len(columns)):
            return False
        return manifest is None or all(name in columns for name in needed(columns))

    table = open_like_training(path, options, learnt, fits, reporter, rejects=rejects)
    if table.format in ("txt", "fasttext"):
        raise _one_side(path, unsplit_hint(table))
    if manifest is not None and options.source is None:
        check_width(table, learnt, "--source")
    asked = needed(table.columns)
    try:
        chosen, guessed = _columns(table.columns, *asked)
    except ColumnError as error:
        raise ColumnError(f"{error}{header_hint(table, SOURCE_NAMES + TARGET_NAMES)}") from None
    if guessed and "header" not in options.model_fields_set:
        _check_header(table, chosen)
    if None not in trained and table.columns[0] != "column0":
        _check_like_training(table.columns, asked, trained)
    return ParallelTable((table,), chosen, guessed)


def trained_columns(manifest: Manifest | None) -> tuple[str | None, str | None]:
    """Return the columns of a model's training; None for each where it had aligned files, which have none."""
    names = [manifest.data.get(what) if manifest else None for what in ("source", "target")]
    source, target = (name if isinstance(name, str) else None for name in names)
    return (None, None) if source == target else (source, target)


def like(name: str | None, columns: Sequence[str]) -> str | None:
    """Return the column called `name`, else the one of that name but for case and white space around it."""
    if name is None or name in columns:
        return name
    alike = [column for column in columns if column.strip().casefold() == name.strip().casefold()]
    return alike[0] if len(alike) == 1 else None


def _check_like_training(columns: Sequence[str], asked: Sequence[str | None], trained: Sequence[str | None]) -> None:
    """Raise ColumnError where two columns are neither asked for, nor those of training, nor have obvious names: which
    is the source is not known then.
    """
    obvious = any(_obvious(columns, names, None) for names in (SOURCE_NAMES, TARGET_NAMES))
    if len(columns) == 2 and not any(asked) and not obvious:
        raise ColumnError(
            f"There are no columns '{trained[0]}' and '{trained[1]}', which held the pairs in training. Columns found: "
            f"{listed(columns)}. Name them with `--source COL --target COL`."
        )


def _one_side(path: Path, hint: str = "") -> OptionError:
    return OptionError(
        f"{path} is read as one text a line, so their translations are in another file: give it with --target-file."
        f"{hint}"
    )


def _check_header(table: Table, chosen: Sequence[str]) -> None:
    """Raise ColumnError where the names of the columns, which were guessed by their places, look like a pair."""
    sentences = all(name.rstrip().endswith((".", "!", "?", "…")) for name in chosen)
    if (sentences and "header" in table.heeds) or looks_like_data(table, SOURCE_NAMES + TARGET_NAMES):
        raise ColumnError(
            f"The first row of {table.path} looks like a pair of texts, not like names of columns. If it is one, give "
            f"--no-header (the columns are then column0 to column{len(table.columns) - 1}); if it names the columns, "
            "give --header."
        )


def _aligned(sources: Table, targets: Table) -> Iterator[ParallelRow]:
    """Yield the lines of two files side by side. Raises ReadError where one has more of them."""
    first_gap = 0
    rows = [chain.from_iterable(table.batches(["text"])) for table in (sources, targets)]
    for number, (source, target) in enumerate(zip_longest(*rows), 1):
        if source is None or target is None:
            longer, shorter = (sources, targets) if target is None else (targets, sources)
            total = number + sum(1 for _ in rows[0 if target is None else 1])
            gap = f" The first line that is empty in one file alone is line {first_gap:,}." if first_gap else ""
            raise ReadError(
                f"{longer.path} has {total:,} lines and {shorter.path} has {number - 1:,}: from line {number:,} on "
                f"there is nothing to pair with.{gap} Line n of one file must be the translation of line n of the "
                "other; an unknown one is an empty line."
            )
        if not first_gap and (not (source[0] or "").strip()) != (not (target[0] or "").strip()):
            first_gap = number
        yield source[0], target[0]


def _columns(columns: Sequence[str], source: str | None, target: str | None) -> tuple[tuple[str, str], bool]:
    """Return ((source, target), whether one of them was guessed)."""
    for name, option in ((source, "--source"), (target, "--target")):
        if name is not None and name not in columns:
            raise ColumnError(
                f"There is no column '{name}' ({option}).{did_you_mean(name, columns)} "
                f"Columns found: {listed(columns)}.{delimiter_hint(columns)}"
            )
    if source is not None and source == target:
        raise ColumnError(
            f"--source and --target both name the column {source!r}. Name the one with the texts by --source, the one "
            f"with their translations by --target. Columns found: {listed(columns)}."
        )
    chosen = (source or _obvious(columns, SOURCE_NAMES, target), target or _obvious(columns, TARGET_NAMES, source))
    if chosen[0] is None and chosen[1] is None and len(columns) == 2:
        chosen = (columns[0], columns[1])
    elif len(columns) == 2 and None in chosen:
        known = chosen[0] or chosen[1]
        other = next((name for name in columns if name != known), None)
        chosen = (chosen[0] or other, chosen[1] or other)
    if chosen[0] is None or chosen[1] is None or chosen[0] == chosen[1]:
        raise ColumnError(
            f"It is not obvious which columns hold the source and the target. Columns found: {listed(columns)}. Name "
            "them with `--source COL --target COL`, or give aligned files with --target-file."
            f"{delimiter_hint(columns)}"
        )
    return (chosen[0], chosen[1]), not (source and target)


def _obvious(columns: Sequence[str], names: Sequence[str], taken: str | None) -> str | None:
    plain = {column.strip().casefold(): column for column in columns if column != taken}
    return next((plain[name] for name in names if name in plain), None)
