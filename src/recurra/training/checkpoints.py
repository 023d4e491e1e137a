"""The state of a training run on disk: whole files or none, the two newest kept, plain data only.

A checkpoint is one safetensors file: weights, best weights, Adam's moments and the random generators as tensors, and
everything else as JSON in the file's own header, beside a digest of it all: training never goes on from damage.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from recurra.errors import BusyError, OutputError, ResumeError
from recurra.storage.model_directory import atomic_write

KEPT = 2
_CHECKPOINTS = "checkpoint-*.safetensors"
FORMAT = 2
"""Of the plain state. The first, that of 0.1.0, counted right answers instead of named sums."""


def training_directory(out: Path) -> Path:
    """Return where the state of a run lies while it writes the model `out`: beside it."""
    return out.with_name(out.name + ".training")


_UNREADABLE = (SafetensorError, OSError, KeyError, ValueError, TypeError, RecursionError)
"""What reading a damaged checkpoint raises."""


class CheckpointStore:
    """The checkpoints of one run, in `directory`.

    A run of several stages keeps those of the earlier ones in folders there, and its own only once the last has begun;
    so does each stage.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory for this process alone. Raises BusyError where another process holds it."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputError(
                f"Cannot write to {self.directory}: {error.strerror}. Choose another place with --out."
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_nlink == 0:  # the run that held it has just ended and taken it away
                raise BlockingIOError
        except OSError:
            os.close(lock)
            raise BusyError(
                f"Another process is training in {self.directory}. Wait for it, or choose another --out."
            ) from None
        try:
            yield
        finally:
            os.close(lock)  # releases the lock; the kernel does the same for a killed process

    def paths(self) -> list[Path]:
        """Return the checkpoint files, oldest first; those of earlier stages are not among them."""
        return sorted(self.directory.glob(_CHECKPOINTS))

    def stage(self, name: str) -> CheckpointStore:
        """Return the store of an earlier stage. Names sort in the order of the stages."""
        return CheckpointStore(self.directory / name)

    def newest_step(self) -> int:
        """Return the step of the newest checkpoint; 0 where there is none."""
        return max((int(path.stem.removeprefix("checkpoint-")) for path in self.paths()), default=0)

    def latest_stage(self) -> CheckpointStore:
        """Return the store with the newest checkpoints: this one, or that of the latest stage that has some."""
        return next(self._stages(), self)

    def _stages(self) -> Iterator[CheckpointStore]:
        """Yield this store and those of its stages that have checkpoints, the latest stage first."""
        if self.paths():
            yield self
        for folder in sorted((path for path in self.directory.glob("*") if path.is_dir()), reverse=True):
            yield from CheckpointStore(folder)._stages()

    def without_damaged_stages(self) -> CheckpointStore:
        """Return the store of the latest stage of which a checkpoint is sound, and remove those of the stages after it.

        Where no stage has a sound one, nothing is removed, and it is `latest_stage`. Raises ResumeError for a
        checkpoint of another format.
        """
        damaged: list[CheckpointStore] = []
        for stage in self._stages():
            if stage._sound() is not None:
                for later in damaged:
                    for path in later.paths():
                        path.unlink(missing_ok=True)
                return stage
            damaged.append(stage)
        return self.latest_stage()

    @property
    def begun(self) -> bool:
        """Whether there is a checkpoint to continue from, of whatever stage."""
        return bool(self.latest_stage().paths())

    def save(self, step: int, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Write a checkpoint after `step` steps, then forget all but the newest two."""
        plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        text = json.dumps({"format": FORMAT, **state})
        content = save(plain, metadata={"state": text, "digest": _digest(text, plain)})
        atomic_write(self.directory / f"checkpoint-{step:010d}.safetensors", content)
        for old in self.paths()[:-KEPT]:
            old.unlink(missing_ok=True)

    def newest(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Return (tensors, state) of the newest sound checkpoint, or None where there is none at all.

        Raises ResumeError where there are checkpoints and none is sound, or the newest has another format.
        """
        found = self._sound()
        if found is None and self.paths():
            raise self.damaged()
        return found

    def _sound(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Return what `newest` does, and None too where no checkpoint is sound."""
        for path in reversed(self.paths()):
            try:
                with safe_open(path, framework="pt") as file:
                    header = file.metadata() or {}
                    tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no dict)
                state = json.loads(header["state"])
                written = _format(state)
            except _UNREADABLE:
                continue
            if ("digest" in header or written == FORMAT) and header.get("digest") != _digest(header["state"], tensors):
                continue
            if written != FORMAT:
                raise self._of_another_version()
            return tensors, state
        return None

    def check_format(self) -> dict[str, Any]:
        """Return what the newest readable checkpoint states, before anything is prepared to continue from it; {} where
        none is readable.

        Raises ResumeError where it has another format. `newest` checks everything else.
        """
        for path in reversed(self.paths()):
            try:
                with safe_open(path, framework="pt") as file:
                    header = file.metadata() or {}
                state = json.loads(header["state"])
                written = _format(state)
            except _UNREADABLE:
                continue
            if written != FORMAT and "digest" not in header:  # with a digest, it may as well be damaged
                raise self._of_another_version()
            return dict(state)
        return {}

    def damaged(self) -> ResumeError:
        """Return the error for checkpoints that no run can continue from."""
        return ResumeError(
            f"None of the checkpoints in {self.directory} can be read as it was written. Start over with --overwrite."
        )

    def _of_another_version(self) -> ResumeError:
        return ResumeError(
            f"The checkpoints in {self.directory} were written by another version of Recurra, and this one "
            "cannot continue from them. Start over with --overwrite, or finish the run with that version."
        )

    def forget(self) -> None:
        """Remove the checkpoints, those of earlier stages too."""
        for path in self.directory.rglob(_CHECKPOINTS):
            path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove the whole directory."""
        shutil.rmtree(self.directory, ignore_errors=True)


def _format(state: Any) -> Any:
    """Return the format that a state names; None where it names none, as 0.1.0 wrote it. Raises TypeError."""
    if not isinstance(state, dict):
        raise TypeError("the state of a checkpoint is an object")
    return state.get("format")


def _digest(state: str, tensors: Mapping[str, Tensor]) -> str:
    """Return the sha256 digest of everything in a checkpoint."""
    digest = hashlib.sha256(state.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"\0{name} {tensor.dtype} {tuple(tensor.shape)}\0".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Return the state of torch's generators as tensors."""
    states = {"random.cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["random.cuda"] = torch.cuda.get_rng_state(device)
    return states


def restore_random_state(tensors: Mapping[str, Tensor], device: torch.device) -> None:
    """Set torch's generators to what `random_state` returned."""
    torch.set_rng_state(tensors["random.cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"], device)
