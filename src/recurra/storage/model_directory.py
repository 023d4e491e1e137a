"""Write, verify and read a model directory: the border between training and everything else.

    manifest.json        schema, task, labels, network, config, metrics, data; sha256 and size of every other file
    model.onnx           the inference graph
    step.onnx            a second graph, of tasks that write: one step of it
    tokenizer.json       text -> ids
    metrics.json, report.html, curves.png, README.md
    ngrams.safetensors   the n-grams beside the network of a language model
    weights.safetensors  to continue training, and for the kernel; the directory may be used without it

A base, of the kind `base` in place of a task, is such a directory without a graph; it is of no use without its weights.

A directory is refused, before anything but the manifest is parsed, when a file is missing, added, linked, too large, or
does not have the size and digest that the manifest states. What is parsed afterwards are the very bytes that were
checked. The digests find damage and careless edits; they are no signature: who can change a file can change the
manifest too, so everything parsed is plain data (no pickle, no code, no reference to another file).
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recurra.data.model_folder import MANIFEST, check_outside_models
from recurra.errors import UPGRADE, ArtefactError, OutputError, brief
from recurra.storage.files import atomic_write, publish
from recurra.storage.packaged_models import hidden_hint, names_hint
from recurra.storage.shape import Shape
from recurra.storage.sound_json import sound_json
from recurra.storage.version import VERSION

__all__ = ["MANIFEST", "Artefact", "FileEntry", "Label", "Manifest", "atomic_write", "read", "write"]

SCHEMA = 1
MODEL = "model.onnx"
STEP = "step.onnx"
WEIGHTS = "weights.safetensors"
TOKENIZER = "tokenizer.json"
METRICS = "metrics.json"
NGRAMS = "ngrams.safetensors"

_MIB = 2**20
MANIFEST_LIMIT = 4 * _MIB
LIMITS: dict[str, int] = {
    MODEL: 2048 * _MIB,
    STEP: 2048 * _MIB,
    WEIGHTS: 16384 * _MIB,
    TOKENIZER: 64 * _MIB,
    METRICS: 64 * _MIB,
    NGRAMS: 256 * _MIB,
    "report.html": 64 * _MIB,
    "curves.png": 64 * _MIB,
    "README.md": 4 * _MIB,
}
"""The files of a model directory beside the manifest, and the most bytes each may have."""

BASE = "base"
"""What the manifest of a base has in place of a task: see `storage/base.py`."""
_CHUNK = _MIB
_ATTEMPTS = 20

Label = str | bool | int | float
NetworkShape = TypeVar("NetworkShape", bound=Shape)


class FileEntry(BaseModel):
    """The manifest's entry of one file: its digest and its size in bytes."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class Manifest(BaseModel):
    """manifest.json: what the model is, where it comes from, and what belongs to it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    schema_version: Literal[1] = Field(default=1, alias="schema")
    recurra: str
    task: str = Field(default="classify", pattern=r"^[a-z][a-z0-9_-]{0,63}$")
    created: str
    labels: list[Label]
    config: dict[str, Any]
    network: dict[str, Any]
    metrics: dict[str, Any]
    data: dict[str, Any]
    files: dict[str, FileEntry]
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")

    def network_as(self, shape: type[NetworkShape]) -> NetworkShape:
        """Return the network as the shape that its task has.

        Raises ArtefactError where it is not one, or needs another number of labels.
        """
        try:
            network = shape.model_validate(self.network)
        except ValidationError as error:
            unknown = [each["loc"] for each in error.errors(include_url=False) if each["type"] == "extra_forbidden"]
            if unknown:
                field = brief(".".join(map(str, unknown[0])))
                raise ArtefactError(
                    f"{MANIFEST}: this Recurra ({VERSION}) knows no {field} of a network; the model was written by "
                    f"{brief(self.recurra)}. Install that version or a newer one, or copy the whole model again."
                ) from None
            raise ArtefactError(
                f"{MANIFEST} is not as it was written: {_first(error)}. Copy the whole model again, or train it again."
            ) from None
        if network.labels not in (None, len(self.labels)):
            raise ArtefactError(
                f"{MANIFEST} has {len(self.labels)} labels for a network of {network.labels}. "
                "Copy the whole model again, or train it again."
            )
        return network


@dataclass(frozen=True)
class Artefact:
    """A model directory whose every file was checked.

    path: where it is. files: the bytes of the files that `read` was to load.
    """

    path: Path
    manifest: Manifest
    files: Mapping[str, bytes]


def write(
    directory: str | os.PathLike[str],
    files: Mapping[str, bytes],
    *,
    task: str,
    labels: list[Label],
    network: Mapping[str, Any],
    config: Mapping[str, Any],
    metrics: Mapping[str, Any],
    data: Mapping[str, Any],
    overwrite: bool = False,
) -> Manifest:
    """Write a model directory, whole or not at all, and return its manifest.

    files: name -> content for names of `LIMITS`; those of `required` at least.
    task: its name in the registry of tasks, or BASE. network: the shape of the task's network, as plain values.
    config, metrics, data: plain JSON values (no NaN); metrics is a summary, metrics.json has them all.
    overwrite: replace an existing model directory by one exchange; anything but a model is never replaced.
    Raises OutputError, naming the path, the reason and the next step, with what was there before untouched.
    """
    for name, content in files.items():
        if len(content) > LIMITS.get(name, -1):
            reason = f"is larger than {LIMITS[name]:,} bytes" if name in LIMITS else "is not part of a model directory"
            raise OutputError(f"Cannot write the model {directory}: {name!r} {reason}.")
    missing = [name for name in required(task) if name not in files]
    if missing:
        raise OutputError(f"Cannot write the model {directory}: {', '.join(missing)} was not given.")
    try:
        unsigned = Manifest(
            recurra=VERSION,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            task=task,
            labels=labels,
            config=dict(config),
            network=dict(network),
            metrics=dict(metrics),
            data=dict(data),
            files={n: FileEntry(sha256=hashlib.sha256(c).hexdigest(), size=len(c)) for n, c in sorted(files.items())},
            digest="0" * 64,
        )
        manifest = unsigned.model_copy(update={"digest": manifest_digest(unsigned.model_dump(by_alias=True))})
        content = json.dumps(manifest.model_dump(by_alias=True), indent=2, allow_nan=False).encode() + b"\n"
        _parse_manifest(content)
    except (ValueError, TypeError, ArtefactError) as error:
        raise OutputError(f"Cannot write the model {directory}: its manifest would not be sound: {error}") from error
    check_outside_models(Path(directory), "The directory")
    publish(directory, {MANIFEST: content, **files}, replaceable={MANIFEST, *LIMITS} if overwrite else None)
    return manifest


Loaded = Collection[str] | Callable[[Manifest], Collection[str]]
"""Names of files, or a function of the manifest that returns them."""


def read(directory: str | os.PathLike[str], load: Loaded = (MODEL, TOKENIZER)) -> Artefact:
    """Check a model directory and return its manifest and the bytes of the files named by `load` that it has.

    Every file is checked; those that are not loaded are read in pieces. A directory that is replaced while it is read
    gives the old model or the new one, never a mix. Raises ArtefactError, naming the file and the reason.
    """
    path = Path(directory)
    for _ in range(_ATTEMPTS):
        before = _identity(path)
        try:
            return _read_once(path, load)
        except ArtefactError as error:
            if _identity(path) == before:
                raise of_directory(path, error) from error.__cause__
    raise ArtefactError(f"{path} was replaced again and again while it was being read. Try again when that is over.")


def read_manifest(directory: str | os.PathLike[str]) -> Manifest:
    """Return the manifest of a model directory, sound in itself; the other files are not looked at.

    Raises ArtefactError, naming the reason.
    """
    path = Path(directory)
    try:
        with _Folder(path) as folder:
            return _manifest(path, folder, folder.names())
    except ArtefactError as error:
        raise of_directory(path, error) from error.__cause__


def of_directory(path: Path, error: ArtefactError) -> ArtefactError:
    """Return an error of a model directory with a message that names the directory."""
    return error if str(path) in str(error) else ArtefactError(f"{path}: {error}")


def read_metrics(source: Artefact) -> dict[str, Any]:
    """Return what metrics.json holds, where it was loaded; an empty dict where the model has none.

    Raises ArtefactError where it is not a JSON object.
    """
    metrics = sound_json(METRICS, source.files.get(METRICS, b"{}"))
    if not isinstance(metrics, dict):
        raise ArtefactError(f"{METRICS} does not hold a JSON object; the model is damaged. Copy it again.")
    return metrics


def _manifest(path: Path, folder: _Folder, names: Collection[str]) -> Manifest:
    if MANIFEST not in names:
        hint = _training_hint(path) or _models_within(path, names) or hidden_hint(path)
        raise ArtefactError(f"{path} is not a model directory: it has no {MANIFEST}.{hint}")
    return _parse_manifest(folder.content(MANIFEST, MANIFEST_LIMIT))


def _read_once(path: Path, load: Loaded) -> Artefact:
    with _Folder(path) as folder:
        names = folder.names()
        manifest = _manifest(path, folder, names)
        _check_names(path, names, manifest)
        files, kept = {}, load(manifest) if callable(load) else load
        for name, entry in manifest.files.items():
            if name == WEIGHTS and name not in names:
                continue
            content = folder.verify(name, entry, keep=name in kept)
            if content is not None:
                files[name] = content
        return Artefact(path=path, manifest=manifest, files=files)


def _parse_manifest(content: bytes) -> Manifest:
    """Return the manifest, sound as a whole. Raises ArtefactError with the reason."""
    plain = sound_json(MANIFEST, content)
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if type(schema) is not int or schema < 1:
        raise ArtefactError(f"{MANIFEST} states no schema version; this is not a model of Recurra.")
    if schema > SCHEMA:
        raise ArtefactError(
            f"{MANIFEST} has schema version {schema}; this Recurra reads up to {SCHEMA}: the model was written by a "
            f"newer Recurra. {UPGRADE}"
        )
    try:
        manifest = Manifest.model_validate(plain)
    except ValidationError as error:
        raise ArtefactError(
            f"{MANIFEST} is not as it was written: {_first(error)}. Copy the model again, or train it again."
        ) from None
    if plain["digest"] != manifest_digest(plain):
        raise ArtefactError(f"{MANIFEST} was changed after it was written: its digest does not fit. Restore it.")
    if len({(type(label), label) for label in manifest.labels}) != len(manifest.labels):
        raise ArtefactError(f"{MANIFEST} names a label twice. Train the model again.")
    for number, label in enumerate(manifest.labels):
        if isinstance(label, str) and not label.isascii() and _unpaired(label):
            raise ArtefactError(
                f"{MANIFEST}: label {number} holds half a character (a lone surrogate), which no text can hold. "
                "Correct the labels, and train the model again."
            )
    for name, entry in manifest.files.items():
        if name not in LIMITS:
            raise ArtefactError(f"{MANIFEST} lists {brief(name)}, which is not part of a model directory.")
        if entry.size > LIMITS[name]:
            raise ArtefactError(f"{name} is stated to have {entry.size:,} bytes; at most {LIMITS[name]:,} are allowed.")
    for name in required(manifest.task):
        if name not in manifest.files:
            raise ArtefactError(f"{MANIFEST} does not list {name}; a model cannot be without it.")
    return manifest


def required(task: str) -> tuple[str, ...]:
    """Return the files that a model of the task, or a base, cannot be without."""
    return (WEIGHTS, TOKENIZER) if task == BASE else (MODEL, TOKENIZER)


def manifest_digest(plain: Mapping[str, Any]) -> str:
    """Return the digest that a manifest states of itself: of all its fields but `digest`, in canonical JSON."""
    fields = {name: value for name, value in plain.items() if name != "digest"}
    return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _check_names(path: Path, names: Collection[str], manifest: Manifest) -> None:
    extra = sorted(set(names) - manifest.files.keys() - {MANIFEST})
    if extra:
        raise ArtefactError(
            f"{path} holds {brief(extra[0])}, which its {MANIFEST} does not list. Remove it, if it is yours."
        )
    missing = sorted(manifest.files.keys() - set(names) - {WEIGHTS})
    if missing:
        raise ArtefactError(
            f"{missing[0]} is missing from {path}; its {MANIFEST} lists it. Copy the whole directory again."
        )


class _Folder:
    """A directory held open, so that all its files come from the same model even when it is replaced meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None
        try:
            if not path.is_dir():
                if os.path.lexists(path):
                    hint = _training_hint(path) or hidden_hint(path) or _directory_hint(path)
                    raise ArtefactError(f"The model {path} is not a directory.{hint}")
                raise ArtefactError(f"The model {path} does not exist.{_training_hint(path) or names_hint(path)}")
            if os.open in os.supports_dir_fd:
                self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def names(self) -> list[str]:
        try:
            return os.listdir(self.path if self._descriptor is None else self._descriptor)
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def content(self, name: str, limit: int) -> bytes:
        """Return a whole file of at most `limit` bytes."""
        with self._open(name) as (descriptor, size):
            if size > limit:
                raise ArtefactError(f"{name} has {size:,} bytes; at most {limit:,} are allowed.")
            return b"".join(_pieces(descriptor, limit))

    def verify(self, name: str, entry: FileEntry, keep: bool) -> bytes | None:
        """Check a file's size and digest; return its bytes if they are to be kept."""
        digest, received, kept = hashlib.sha256(), 0, bytearray()
        with self._open(name) as (descriptor, size):
            if size != entry.size:
                raise ArtefactError(
                    f"{name} has {size:,} bytes; {MANIFEST} states {entry.size:,}. It is damaged or was changed: "
                    "copy the model again, or train it again."
                )
            for piece in _pieces(descriptor, entry.size):
                digest.update(piece)
                received += len(piece)
                if keep:
                    kept += piece
        if received != entry.size or digest.hexdigest() != entry.sha256:
            raise ArtefactError(
                f"{name} does not have the sha256 digest that {MANIFEST} states. It is damaged or was changed: "
                "copy the model again, or train it again."
            )
        return bytes(kept) if keep else None

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[tuple[int, int]]:
        """Open a regular file that is no link; give its descriptor and its size."""
        where = name if self._descriptor is not None else str(self.path / name)
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            _require_regular(name, os.stat(where, dir_fd=self._descriptor, follow_symlinks=False))
            descriptor = os.open(where, flags, dir_fd=self._descriptor)
            try:
                state = os.fstat(descriptor)
                _require_regular(name, state)
                yield descriptor, state.st_size
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _unreadable(self.path / name, error) from error


def _require_regular(name: str, state: os.stat_result) -> None:
    if stat.S_ISLNK(state.st_mode):
        raise ArtefactError(f"{name} is a link. A model directory holds its files itself: copy the file in its place.")
    if not stat.S_ISREG(state.st_mode):
        raise ArtefactError(f"{name} is not a regular file.")


def _pieces(descriptor: int, limit: int) -> Iterator[bytes]:
    """Read at most one byte more than `limit`, in pieces, so that a file that grows meanwhile is noticed."""
    left = limit + 1
    while left > 0 and (piece := os.read(descriptor, min(_CHUNK, left))):
        left -= len(piece)
        yield piece


def _identity(path: Path) -> tuple[int, int, int] | None:
    """What changes when another directory takes this place; the time is there because inode numbers are used again."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return state.st_dev, state.st_ino, state.st_ctime_ns


def _training_hint(path: Path) -> str:
    unfinished = Path(f"{os.path.normpath(path)}.training")
    if unfinished.is_dir():
        return f" Its training has not ended ({unfinished} exists): run the same command with --resume."
    return ""


def _directory_hint(path: Path) -> str:
    """Return the directory to give in place of a file."""
    if path.name in (MANIFEST, *LIMITS) and (path.parent / MANIFEST).is_file():
        return f" Give the directory that it is in: {path.parent}."
    return " A model is the directory that `recurra train DATA --out DIR` writes."


def _models_within(path: Path, names: Collection[str]) -> str:
    """Return which models a folder of models has."""
    models = sorted(name for name in names if (path / name / MANIFEST).is_file())
    return f" It holds models: give one of them, such as {path / models[0]}." if models else ""


def _unreadable(path: Path, error: Exception) -> ArtefactError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ArtefactError(f"{path} cannot be read: {reason}.")


def _unpaired(text: str) -> bool:
    """Return whether a text holds half of a pair of surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _first(error: ValidationError) -> str:
    """Return the first error of a validation, after the name of its field."""
    complaint = error.errors(include_url=False)[0]
    field = ".".join(map(str, complaint["loc"]))
    return f"{brief(field) if field else 'its content'}: {complaint['msg'][:400]}"
