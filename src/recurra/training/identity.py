"""What must be the same when a training run is resumed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from recurra.errors import ResumeError
from recurra.options.base import flag
from recurra.options.training import TaskOptions
from recurra.storage.model_directory import BASE
from recurra.training.setup import machine
from recurra.training.word_vectors import digest_of


def run_identity(options: TaskOptions, data: Mapping[str, Any], division: bytes) -> dict[str, Any]:
    """Return what decides the weights of a run, as plain JSON.

    data: what `Trainer.read` returned; division: the bytes that `Trainer.split` returned.
    """
    return {
        "options": options.model_dump(),
        "data": data["fingerprint"],
        "rows": data["rows"],
        "machine": machine(options),
        "split": hashlib.sha256(division).hexdigest(),
        "word_vectors": digest_of(options),
        "unlabelled": (data.get("unlabelled") or {}).get("fingerprint"),
        "from": (data.get("from") or {}).get("digest"),
    }


def check_same_command(state: Mapping[str, Any], now: TaskOptions) -> None:
    """Raise ResumeError where the run that was stopped is one of another command or task.

    state: what its newest checkpoint states, unchecked.
    """
    identity = state.get("identity")
    options = identity.get("options") if isinstance(identity, dict) else None
    then = options.get("task") if isinstance(options, dict) else None
    if isinstance(then, str) and then != now.task:
        raise ResumeError(
            f"Cannot resume: the run that was stopped is one of `{_command(then)}`, and this is "
            f"`{_command(now.task)}`. Give that command with --resume, another --out, or start over with --overwrite "
            "instead of --resume."
        )


def _command(task: str) -> str:
    """Return the command that trains such a model."""
    return {BASE: "recurra pretrain", "classify": "recurra train"}.get(task, f"recurra train --task {task}")


def check_same_run(saved: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise ResumeError, with every difference, where a saved run had another identity than this one."""
    changes = [
        f"{flag(name)} was {saved['options'].get(name)!r} and is now {value!r}"
        for name, value in now["options"].items()
        if saved["options"].get(name) != value
    ]
    changes += [
        f"the {name} was {saved['machine'].get(name)} and is now {value}"
        for name, value in now["machine"].items()
        if saved["machine"].get(name) != value
    ]
    if saved["data"] != now["data"]:
        changes.append(
            f"the data were {saved['rows']:,} rows with fingerprint {saved['data'][:12]} and are now "
            f"{now['rows']:,} rows with fingerprint {now['data'][:12]}"
        )
    elif saved["split"] != now["split"]:
        changes.append("the rows are divided differently into training, validation and held-out rows")
    if saved.get("word_vectors") != now.get("word_vectors"):
        changes.append("the file of --word-vectors has another content")
    if saved.get("unlabelled") != now.get("unlabelled"):
        changes.append("the texts of --unlabelled are others")
    if saved.get("from") != now.get("from"):
        changes.append("the base of --from is another one")
    if changes:
        raise ResumeError(
            f"Cannot resume: {'; '.join(changes)}. Give the same options and data, or start over "
            "with --overwrite instead of --resume."
        )
