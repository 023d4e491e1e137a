"""What every command is: each of its options is given once, and a mistyped one is answered with a near name."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from recurra.errors import OptionError, near_name
from recurra.storage.model_directory import MANIFEST
from recurra.tasks.registry import TASKS, get_task

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What typer raises for a wrong command line: its own class or click's, by its version."""


PATHS = (
    "directory",
    "out",
    "log_dir",
    "from_",
    "config",
    "output",
    "input",
    "html",
    "api_key_file",
    "test",
    "target_file",
    "write",
)
"""Parameters whose values are paths."""


class Command(TyperCommand):
    """A command that refuses an option with one value that is given twice, instead of taking the last in silence."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            try:
                values, _, order = self.make_parser(ctx).parse_args(args=list(args))
            except UsageError as error:
                if type(error).__name__ != "NoSuchOption":
                    raise
                option: str = error.option_name  # type: ignore[attr-defined]
                raise UsageError(
                    f"There is no option '{option}'.{near_name(option, self._names(self.elsewhere(args)))}", ctx
                ) from None
            _check_given_once(ctx, order)
            _check_paths(ctx, order, values)
        return super().parse_args(ctx, args)

    def elsewhere(self, args: Sequence[str]) -> set[str]:
        """Return the names of the options that only go with other tasks than that of the command line."""
        task = next((name for word in args if (name := _task_of(word)) is not None), None)

        def options(name: str) -> set[str]:
            found = get_task(name)
            return {*found.predict_options.model_fields, *found.evaluate_options.model_fields}

        return set() if task is None else {option for name in TASKS for option in options(name)} - options(task)

    def _names(self, elsewhere: Collection[str]) -> list[str]:
        """Return the options as they are written, apart from those in `elsewhere`."""
        return [
            name
            for parameter in self.params
            if parameter.param_type_name == "option" and parameter.name not in elsewhere
            for name in (*parameter.opts, *parameter.secondary_opts)
        ]


def _check_given_once(ctx: Any, order: Iterable[Any]) -> None:
    """Raise UsageError where one of the parameters in `order`, those that were given, is an option given twice."""
    counts = Counter(order)
    if any(parameter.is_eager for parameter in counts):  # --help and --version: nothing else is done
        return
    for parameter, times in counts.items():
        if times > 1 and parameter.param_type_name == "option" and not parameter.multiple:
            name = "/".join([*_long(parameter.opts), *_long(parameter.secondary_opts)])
            often = "twice" if times == 2 else f"{times} times"
            raise UsageError(f"The option {name} is given {often}; only one can count. Give it once.", ctx)


def _check_paths(ctx: Any, order: Iterable[Any], values: Mapping[str, Any]) -> None:
    """Raise UsageError for an empty path, which would mean the current directory: an unset variable of a shell."""
    for parameter in order:
        if parameter.name in PATHS and values.get(parameter.name) == "":
            name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar
            raise UsageError(f"{name} is empty; it must be a path. `.` is the current directory.", ctx)


def _long(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith("--")] or list(names)


def check_encoding(words: Sequence[str]) -> None:
    """Raise OptionError for an argument with bytes that are not UTF-8, or with a NUL."""
    for number, word in enumerate(words, 1):
        if "\0" in word:
            raise OptionError(f"Argument {number} holds a NUL character. Give it without.")
        try:
            word.encode()
        except UnicodeEncodeError:
            bytes_shown = re.sub("[\udc80-\udcff]", lambda byte: f"\\x{ord(byte[0]) - 0xDC00:02x}", word)
            shown = bytes_shown.encode("utf-8", "backslashreplace").decode()
            raise OptionError(
                f"Argument {number}, '{shown}', is not valid UTF-8. Give it in UTF-8; "
                "a file of such a name can be given by a link to it (`ln -s`)."
            ) from None


def _task_of(word: str) -> str | None:
    """Return the task of the model in the directory `word`; None where that is not certain."""
    try:
        with (Path(word) / MANIFEST).open("rb") as file:
            task = json.loads(file.read(1 << 20)).get("task")
    except (OSError, ValueError, AttributeError):
        return None
    return task if task in TASKS else None
