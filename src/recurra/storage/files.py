"""Files and folders that appear whole or not at all: written beside, made durable, then put in place by one rename.

A writer that fails takes away what it staged. A writer that is killed cannot; it leaves a hidden entry
`.NAME.TOKEN.partial`, which the next writer of the same name removes. A living writer holds a lock on its own, so
nobody removes it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import glob
import hashlib
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from recurra.data.model_folder import check_outside_models
from recurra.errors import OutputError

if sys.platform != "win32":
    import fcntl

_SUFFIX = ".partial"
_ASIDE = ".old"
_MOST_TRIES = 100
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
UNCHANGED = "Nothing was changed."
"""The last sentence of an error while something is written: what was there before is as it was."""

_NEXT_STEP = {
    errno.ENOSPC: "Free some space there, or write to another disk.",
    errno.EDQUOT: "Your quota there is used up: free some space, or write to another disk.",
    errno.EACCES: "Choose a place that you may write to.",
    errno.EPERM: "Choose a place that you may write to.",
    errno.EROFS: "That file system is read-only: choose another place.",
    errno.EFBIG: "Files may not grow larger there (`ulimit -f`): raise that limit, or write to another disk.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ENOTDIR: "A part of that path is a file: choose another place.",
    errno.EISDIR: "That is a directory: choose another name.",
}


def atomic_write(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to `path` so that a reader, or a crash, finds the old file or the new one, never a part.

    Missing parent directories are made; a symbolic link is written through. Raises OutputError with the path, the
    reason and the next step; the old file is then as it was, and nothing is left beside it.
    """
    with _replacing(path) as descriptor:
        _write_all(descriptor, content)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Give a file to stream to, which takes the place of `path` at the end of the block, as with `atomic_write`.

    Where the block raises, the old file stays as it was. Raises OutputError as `atomic_write` does.
    """
    with _replacing(path) as descriptor, os.fdopen(descriptor, "wb", closefd=False) as file:
        yield file


@contextlib.contextmanager
def _replacing(path: str | os.PathLike[str]) -> Iterator[int]:
    target = Path(os.path.realpath(path))
    with os_errors_as_output_error(target), _parents(target.parent):
        with _staged(target, directory=False) as (staging, descriptor):
            yield descriptor
            os.fsync(descriptor)
            staging.replace(target)
        sync_directory(target.parent)


def publish(
    directory: str | os.PathLike[str],
    files: Mapping[str, bytes],
    *,
    replaceable: Collection[str] | None = None,
    what: str = "a model",
) -> None:
    """Make `directory` hold exactly `files`, appearing by one rename.

    replaceable: an existing, non-empty directory is replaced only when every entry in it has one of these names
    (None: never). The old directory is whole and in place until the instant of the exchange. what: what the files
    are together, for messages.
    Raises OutputError with the path, the reason and the next step; what was there before is then untouched.
    """
    with publishing(directory, replaceable=replaceable, what=what) as staging:
        for name, content in files.items():
            opened = os.open(staging / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                _write_all(opened, content)
            finally:
                os.close(opened)


@contextlib.contextmanager
def publishing(directory: str | os.PathLike[str], *, replaceable: Collection[str] | None, what: str) -> Iterator[Path]:
    """Give an empty directory to write files and folders into, which becomes `directory` by one rename at the end of
    the block.

    replaceable, what: as for `publish`. Where the block raises, what was there before stays as it was. Raises
    OutputError as `publish` does.
    """
    target = Path(os.path.realpath(directory))
    with os_errors_as_output_error(target), _parents(target.parent):
        _restore(target)
        replace = _may_replace(target, replaceable, what)
        with _staged(target, directory=True) as (staging, descriptor):
            yield staging
            for folder, _, names in os.walk(staging, topdown=False):
                for name in names:
                    sync_file(Path(folder) / name)
                sync_directory(Path(folder))
            os.fsync(descriptor)
            if replace:
                _swap(staging, target)
            else:
                staging.rename(target)
            try:
                sync_directory(target.parent)
            except BaseException:
                with contextlib.suppress(OSError):
                    _swap(staging, target) if replace else target.rename(staging)
                raise


def check_publishable(directory: str | os.PathLike[str], *, replaceable: Collection[str] | None, what: str) -> None:
    """Find out, before the work whose result it would be, whether `publish` could write `directory`.

    Stages an entry beside the directory and takes it away again, with every parent directory made for it. A disk that
    fills later, or somebody who writes there meanwhile, is still found by `publish` alone.

    replaceable: as for `publish`. what: what is to be written, as in "a comparison", for messages.
    Raises OutputError with the path, the reason and the next step.
    """
    target = Path(os.path.realpath(directory))
    with os_errors_as_output_error(target), _parents(target.parent, keep=False):
        if os.path.ismount(target):
            raise OutputError(
                f"Cannot write {what} to {target}: it is a mounted file system, which no rename can put in place. "
                "Choose a folder in it."
            )
        _restore(target)
        _may_replace(target, replaceable, what)
        with _staged(target, directory=True):
            pass


def check_new_file(path: Path, option: str, *, replace: bool) -> Path:
    """Find out, before the work whose result it would be, whether a file may be written to `path`; make nothing.

    Returns where the path leads: a symbolic link is written through. option: what gave the path, for messages.
    replace: whether a file that is there already may be replaced.
    Raises OutputError with the path, the reason and the next step.
    """
    check_outside_models(path, option)
    target = Path(os.path.realpath(path))
    with os_errors_as_output_error(target):
        if target.is_symlink():
            raise OutputError(f"{option} {path} is a link that leads round in a circle. Choose another name.")
        try:
            if not stat.S_ISDIR(target.parent.stat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        except FileNotFoundError:
            raise OutputError(
                f"{option} {path}: there is no folder {target.parent}. Make it first (`mkdir -p`)."
            ) from None
        try:
            mode = target.stat().st_mode
        except FileNotFoundError:
            return target
    if stat.S_ISDIR(mode):
        raise OutputError(f"{option} {path} is a folder. Choose the name of a file.")
    if not stat.S_ISREG(mode):
        raise OutputError(f"{option} {path} is a device or a pipe, not a file. Choose the name of a file.")
    if not replace:
        raise OutputError(f"{option} {path} exists already. Choose another name, or replace it with --overwrite.")
    return target


def _may_replace(target: Path, replaceable: Collection[str] | None, what: str) -> bool:
    """Return whether there is something to replace; raise OutputError where it must not be replaced."""
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(mode):
        raise OutputError(f"Cannot write the directory {target}: a file is in the way. Choose another name.")
    entries = sorted(os.listdir(target))
    if not entries:
        return False
    if replaceable is None:
        raise OutputError(
            f"Cannot write the directory {target}: it exists and is not empty. "
            "Choose another name, remove it, or overwrite it with --overwrite."
        )
    foreign = [name for name in entries if name not in replaceable]
    if foreign:
        raise OutputError(
            f"Cannot overwrite {target}: it holds {foreign[0]!r}, which is not part of {what}. Choose another name."
        )
    return True


@contextlib.contextmanager
def os_errors_as_output_error(target: Path) -> Iterator[None]:
    """Turn an OSError raised while `target` is written into an OutputError: the path, the reason, the next step."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        step = _NEXT_STEP.get(error.errno or 0, "Check the path and its permissions, or choose another place.")
        failure = OutputError(f"Cannot write {target}: {reason}. {step} {UNCHANGED}")
        failure.errno = error.errno
        raise failure from error


@contextlib.contextmanager
def _parents(parent: Path, *, keep: bool = True) -> Iterator[None]:
    """Make the missing directories down to `parent`; on failure, or if not to `keep`, remove those that were made."""
    made = []
    done = False
    try:
        for folder in [*reversed(parent.parents), parent]:
            with contextlib.suppress(FileExistsError):
                if not folder.is_dir():
                    folder.mkdir()
                    made.append(folder)
        yield
        done = keep
    finally:
        for folder in [] if done else reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()


@contextlib.contextmanager
def _staged(target: Path, *, directory: bool) -> Iterator[tuple[Path, int]]:
    """Give a fresh, locked place beside `target` and its descriptor; take away whatever is at that place afterwards."""
    stem = target.name if len(os.fsencode(target.name)) <= 200 else hashlib.sha256(os.fsencode(target.name)).hexdigest()
    prefix = f".{stem}."
    _sweep(target.parent, prefix)
    staging, descriptor = _open_staging(target.parent, prefix, directory)
    try:
        yield staging, descriptor
    finally:
        os.close(descriptor)
        _remove(staging)


def _open_staging(parent: Path, prefix: str, directory: bool) -> tuple[Path, int]:
    tries = 0
    while True:
        tries += 1
        staging = parent / f"{prefix}{secrets.token_hex(8)}{_SUFFIX}"
        try:
            if directory:
                staging.mkdir()
                descriptor = os.open(staging, os.O_RDONLY)
            else:
                descriptor = os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileNotFoundError:
            # Swept by another writer before it could be locked: stage anew. Some directories (/proc) always raise this.
            if parent.is_dir() and tries < _MOST_TRIES:
                continue
            raise
        except BaseException:
            _remove(staging)
            raise
        _lock(descriptor)
        if os.path.lexists(staging):
            return staging, descriptor
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock without waiting; False where another process holds the lock or the file system has none."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sweep(parent: Path, prefix: str) -> None:
    """Remove what killed writers of the same name left behind."""
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):
            token = name.removeprefix(prefix).removesuffix(_SUFFIX)
            if name != f"{prefix}{token}{_SUFFIX}" or len(token) != 16 or not set(token) <= set("0123456789abcdef"):
                continue
            with contextlib.suppress(OSError):
                descriptor = os.open(parent / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
                try:
                    if _lock(descriptor):
                        _remove(parent / name)
                finally:
                    os.close(descriptor)


def _restore(target: Path) -> None:
    """Put back a directory that a writer killed inside `_swap` left aside, or remove it if replaced."""
    with contextlib.suppress(OSError):
        for aside in target.parent.glob(f".{glob.escape(target.name)}.*{_SUFFIX}{_ASIDE}"):
            if os.path.lexists(target):
                _remove(aside)
            else:
                aside.rename(target)


def _remove(path: Path) -> None:
    """Remove a file or a directory; quietly leave what cannot be removed."""
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view[: 1 << 24]) :]


def sync_file(path: Path) -> None:
    """Make the content of a file durable. Raises OSError where it cannot be."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable, where its file system can. Raises OSError where that fails."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


def _swap(staging: Path, target: Path) -> None:
    """Exchange two directories: in one step where the kernel can, else in two with a way back."""
    try:
        _exchange(staging, target)
    except OSError as error:
        if error.errno not in _NO_EXCHANGE:
            raise
    else:
        return
    aside = staging.with_name(f"{staging.name}{_ASIDE}")
    target.rename(aside)
    try:
        staging.rename(target)
    except BaseException:
        aside.rename(target)
        raise
    aside.rename(staging)


def _exchange(first: Path, second: Path) -> None:
    """Linux's renameat2 with RENAME_EXCHANGE. Raises OSError ENOSYS where there is none."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        raise OSError(errno.ENOSYS, "no renameat2 here") from None
    result = renameat2(
        ctypes.c_int(_AT_FDCWD),
        ctypes.c_char_p(os.fsencode(first)),
        ctypes.c_int(_AT_FDCWD),
        ctypes.c_char_p(os.fsencode(second)),
        ctypes.c_uint(_RENAME_EXCHANGE),
    )
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(second))
