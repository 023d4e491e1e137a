"""What names data on the command line: a path, several of them, or a pattern such as `parts/*.csv`; in a ZIP archive
`archive.zip::inner.csv`; `-` for standard input.

A path that exists is meant as it is, whatever characters it has. Several files are one name, with ` + ` between their
paths, so that the name of the data stays one string wherever it is passed on, shown or recorded.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from recurra.data.tables.bytes_check import check_is_file
from recurra.data.tables.packed import INSIDE, members, on_disk, parted
from recurra.errors import OptionError, ReadError, did_you_mean

BETWEEN = " + "
MOST_NAMED = 20
"""Files that are named one by one; of more a pattern is a name that can be read."""


def joined(paths: Sequence[str]) -> str:
    """Return several paths as one name of data. Raises OptionError for too many, and for a path that looks like two."""
    if len(paths) > MOST_NAMED:
        raise OptionError(
            f"{len(paths):,} files are named; at most {MOST_NAMED} are. Put a pattern that matches them in quotes, so "
            "that it is not the shell that expands it: 'parts/*.csv'."
        )
    for path in paths if len(paths) > 1 else ():
        if BETWEEN in path:
            raise OptionError(f"{path!r} cannot be one of several files: its name holds {BETWEEN!r}. Rename it.")
    return BETWEEN.join(paths)


def there(path: Path) -> bool:
    """Return whether a path exists as it is written, or the archive whose member it names."""
    try:
        return path.exists() or parted(path)[0].exists()
    except (OSError, ValueError):  # too long for a name, or a NUL in it
        return False


def is_several(path: Path) -> bool:
    """Return whether a name stands for several files, or for those that match a pattern."""
    try:
        if path.exists():
            return False
    except (OSError, ValueError):
        return False
    return BETWEEN in str(path) or _is_pattern(path)


def files_of(path: Path) -> list[Path]:
    """Return the files that a name stands for, in order: those of a pattern sorted by name.

    Raises ReadError for a pattern without a match, for a file that is there twice, and for a folder among them.
    """
    if not is_several(path):
        return [path]
    files: list[Path] = []
    for part in map(Path, str(path).split(BETWEEN)):
        files += _matches(part) if not part.exists() and _is_pattern(part) else [part]
    return _checked(path, files)


def _is_pattern(path: Path) -> bool:
    file, member = parted(path)
    if member is None or not file.is_file():
        return glob.has_magic(str(path))
    return glob.has_magic(member) and member not in members(file)


def _matches(pattern: Path) -> list[Path]:
    archive, inside = parted(pattern)
    if inside is not None and archive.is_file():
        names = [name for name in sorted(members(archive)) if PurePosixPath(name).match(inside)]
        found = [Path(f"{archive}{INSIDE}{name}") for name in names]
    else:
        paths = map(Path, glob.iglob(str(pattern), recursive=True))  # noqa: PTH207 - any pattern, absolute ones too
        found = sorted(paths)
    files = [path for path in found if not path.is_dir()]
    if not files:
        folders = " It matches folders; name the files in them, as in 'parts/*/*.csv'." if found else ""
        raise ReadError(f"No file matches {pattern}.{folders} Correct the pattern, or name a file.")
    return files


def _checked(path: Path, files: Iterable[Path]) -> list[Path]:
    """Return the files. Raises ReadError where one is missing, a folder, or there twice."""
    known: dict[tuple[Path, str | None], Path] = {}
    for file in files:
        if not there(file):
            raise ReadError(f"{file} does not exist.{did_you_mean(file.name, names_beside(file))}")
        if file.is_dir():
            raise ReadError(f"{file} is a folder, and several data are read from files. Name files: '{file}/*.csv'.")
        check_is_file(file)
        real = (on_disk(file).resolve(), parted(file)[1])
        if real in known:
            same = f"{known[real]} and {file} are one file" if known[real] != file else f"{file} is named twice"
            raise ReadError(f"{path}: {same}, and its rows would count twice. Name it once.")
        known[real] = file
    return list(known.values())


def names_beside(path: Path) -> list[str]:
    """Return the names of the files in the folder of `path`, as far as that can be read."""
    try:
        return [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return []
