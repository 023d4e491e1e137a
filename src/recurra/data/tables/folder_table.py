"""A folder with a folder for each class, as in aclImdb: `pos/*.txt`, `neg/*.txt`, perhaps under `train/` and `test/`.

Rows come in the order split (as in SPLITS), class, file name. A class folder named `unsup` (unlabelled) is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from pathlib import Path

from recurra.data.tables.bytes_check import codec_name
from recurra.data.tables.table import PLAIN, BadRows, Dialect, Row, Table
from recurra.data.tables.text_lines import ROW_LIMIT
from recurra.errors import ReadError

SPLITS = ("train", "valid", "validation", "val", "dev", "test")
UNLABELLED = "unsup"


class FolderTable(Table):
    """A folder of text files. Columns: text, label (the class folder's name), path (below the folder), and split."""

    format = "folder"

    def __init__(
        self, path: Path, dialect: Dialect = PLAIN, bad_rows: BadRows = "stop", rejects_path: Path | None = None
    ) -> None:
        super().__init__(path, dialect, bad_rows, rejects_path)
        self._codec = codec_name(dialect.encoding)
        splits = [name for name in SPLITS if (path / name).is_dir() and _class_folders(path / name)]
        roots = [(name, path / name) for name in splits] or [("", path)]
        self._classes = [(split, name) for split, root in roots for name in _class_folders(root)]
        if not self._classes:
            raise ReadError(
                f"{path} is a folder without class folders that hold .txt files. Expected {path}/pos/*.txt and "
                f"{path}/neg/*.txt (any names), or the same below {path}/train and {path}/test; or name one file."
                f"{_of_two_files(path)}"
            )
        self.columns = ("text", "label", "path", "split") if splits else ("text", "label", "path")

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield files as rows; see Table. Raises ReadError for a file that is not text in the stated encoding."""
        positions = self.positions(columns)
        with_text = "text" in columns
        with self.rejecting() as rejects:
            for split, label in self._classes:
                folder = self.path / split / label
                for name in _text_files(folder):
                    file = Path(split, label, name).as_posix()
                    try:
                        text = self._read(folder / name) if with_text else ""
                    except ReadError as error:
                        if not self._skip:
                            raise
                        rejects.add(1, str(error), file)
                        self.rejected = rejects.count
                        continue
                    row = (text, label, file, split)
                    yield tuple([row[p] for p in positions])

    def _read(self, path: Path) -> str:
        hint = "`--bad-rows skip` sets such files aside."
        try:
            with path.open("rb") as file:
                content = file.read(4 * ROW_LIMIT + 1)
            text = content.decode(self._codec).removeprefix("\ufeff")
        except OSError as error:
            raise ReadError(f"Cannot read {path}: {os.strerror(error.errno or 0)}.") from None
        except UnicodeDecodeError as error:
            raise ReadError(
                f"{path}, byte {error.start:,}: not valid {self._codec}. Give its encoding with `--encoding`. {hint}"
            ) from None
        if len(text) > ROW_LIMIT:
            raise ReadError(f"{path} is longer than {ROW_LIMIT:,} characters, the most that is read. {hint}")
        if "\0" in text:
            raise ReadError(f"{path} holds a NUL character, so it is not text. {hint}")
        return text


def _of_two_files(path: Path) -> str:
    """Return what to give instead of a folder that holds one file to train on and one to test on."""
    with os.scandir(path) as entries:
        names = sorted(entry.name for entry in entries if entry.is_file())
    parts = [next((name for name in names if name.lower().startswith(part)), None) for part in ("train", "test")]
    if None in parts:
        return ""
    return f" It holds {parts[0]} and {parts[1]}: give `{path / (parts[0] or '')} --test {path / (parts[1] or '')}`."


def _class_folders(root: Path) -> list[str]:
    with os.scandir(root) as entries:
        names = sorted(e.name for e in entries if e.is_dir() and not e.name.startswith(".") and e.name != UNLABELLED)
    return [name for name in names if _has_text_file(root / name)]


def _has_text_file(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return any(_is_text_file(entry) for entry in entries)


def _text_files(folder: Path) -> list[str]:
    """Return the sorted names of one class's files: the only thing held that grows with the data."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if _is_text_file(entry))


def _is_text_file(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(".txt") and not entry.name.startswith(".") and entry.is_file()
