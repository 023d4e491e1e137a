"""The options of a training run, from the command line, a config file, the task and its recipe."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from recurra.errors import OptionError, brief, near_name
from recurra.options.base import field_name, flag, validated
from recurra.options.training import TaskOptions
from recurra.tasks.registry import all_tasks, get_task
from recurra.tasks.task import Task


def task_options(
    flags: Mapping[str, Any],
    config_file: Path | None = None,
    defaults: Callable[[Task[Any]], Mapping[str, Any]] = lambda task: {},
) -> TaskOptions:
    """Return the options of a training run, of the class that its task has.

    `flags` win over the config file, that over the recipe, that over the defaults of the task.
    flags: only what was given on the command line, by field name. defaults: those of a command that differ from the
    task's. Raises OptionError for an unknown name or a value out of range, and names the option, what was given and
    what is accepted.
    """
    configured = read_config(config_file) if config_file else {}
    given = {**configured, **flags}
    names = {name: f"The config file {config_file}: {name.rstrip('_')}" for name in configured if name not in flags}
    for other in ("split_column", "test"):
        if given.get("split") is not None and given.get(other) is not None:
            raise OptionError(f"{flag('split')} and {flag(other)} both name the held-out rows; give one of them.")
    task = get_task(str(given.get("task", "classify")))
    for name in given:
        if name not in task.options.model_fields and name in known_options():
            tasks = [other.name for other in all_tasks() if name in other.options.model_fields]
            called = names.get(name, flag(name))
            raise OptionError(f"{called} does not go with --task {task.name}; it goes with {', '.join(tasks)}.")
    for name in COLUMNS:
        if isinstance(value := given.get(name), str) and not value.strip(' ,"'):
            raise OptionError(
                f"{names.get(name, flag(name))} is {value!r}, which names no column. Name one, or leave the option out."
            )
    return validated(task.options, {**defaults(task), **given}, names)


COLUMNS = (
    "text", "label", "target", "features", "group", "weight", "slice", "split_column", "split_by_time",
    "unlabelled_text",
)  # fmt: skip
"""Options that name a column, or several."""


COMMAND_LINE_ONLY = ("data", "out", "config", "resume", "overwrite", "json")
"""What a command takes besides the options of its task, and no config file holds."""


LARGEST_CONFIG = 2**20
"""Most bytes that are read of a config file."""


def known_options() -> set[str]:
    """Return the names of the options of all tasks."""
    return {name for task in all_tasks() for name in task.options.model_fields}


def read_toml(path: Path, called: str) -> dict[str, Any]:
    """Return the content of a TOML file of options. called: the file in messages.

    Raises OptionError for what is too large, unreadable or not TOML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_CONFIG + 1)
        if len(content) > LARGEST_CONFIG:
            raise OptionError(f"{called} has more than {LARGEST_CONFIG:,} bytes. Give one of options.")
        return tomllib.loads(content.decode())
    except OSError as error:
        raise OptionError(f"{called} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{called} is not valid TOML: {error}.") from None


def read_config(path: Path, known: Collection[str] | None = None) -> dict[str, Any]:
    """Return the options in a TOML file, by field name. Raises OptionError for what is unreadable or unknown.

    known: the names of all options (None: those of the tasks).
    """
    plain = read_toml(path, f"The config file {path}")
    known = known_options() if known is None else known
    options: dict[str, Any] = {}
    for key, value in plain.items():
        name = field_name(key, known)
        if name in COMMAND_LINE_ONLY:
            raise OptionError(
                f"The config file {path} has '{key}', which is given on the command line alone: {flag(name)}."
                if name != "data"
                else f"The config file {path} has 'data', which is given on the command line alone, without a name."
            )
        if name not in known:
            written = sorted(each.rstrip("_") for each in known)
            hint = near_name(name, written) or f" Known options: {', '.join(written)}."
            raise OptionError(f"The config file {path} has an unknown option {brief(key)}.{hint}")
        if name in options:
            raise OptionError(
                f"The config file {path} gives the option {brief(key)} twice, with a hyphen and an underscore."
            )
        options[name] = value
    return options
