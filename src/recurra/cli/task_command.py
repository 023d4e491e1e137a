"""A command with the options of several tasks, whose help shows only those of the task that is named beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from recurra.cli import command
from recurra.cli.options import Flag, flags_by_task
from recurra.options.training import TaskOptions
from recurra.tasks.registry import get_task
from recurra.tasks.task import Task


class TaskCommand(command.Command):
    """A command that takes `--task`. tasks: those that it knows, by name."""

    left_out: ClassVar[frozenset[str]] = frozenset()
    """Options of a task that the command does not take, or takes in a way of its own."""

    @classmethod
    def tasks(cls) -> dict[str, Task[Any]]:
        """Return the tasks that the command knows, by name."""
        raise NotImplementedError

    @classmethod
    def options(cls, task: Task[Any]) -> type[BaseModel]:
        """Return the options that the command takes for a task."""
        raise NotImplementedError

    def sentence(self, task: Task[Any]) -> str:
        """Return the help of the command for one task."""
        raise NotImplementedError

    @classmethod
    def flags(cls, tasks: Iterable[Task[Any]]) -> list[Flag]:
        """Return the options of the command for some tasks."""
        return [flag for flag in flags_by_task(tasks, cls.options) if flag.name not in cls.left_out]

    @classmethod
    def all_flags(cls) -> list[Flag]:
        """Return all options of the command, `--task` the first of them."""
        sentence = f"{TaskOptions.model_fields['task'].description} One of: {', '.join(cls.tasks())}."
        field = FieldInfo(annotation=str, default="classify", description=f"{sentence} [default: classify]")
        rest = [flag for flag in cls.flags(cls.tasks().values()) if flag.name != "task"]
        return [Flag("task", field, "Task", defaults={"": None}), *rest]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if (name := _named_task(args)) and get_task(name).name in self.tasks():
            task = self.tasks()[name]
            self.help = self.sentence(task)
            shown_here = {flag.name: flag for flag in self.flags([task])}
            elsewhere = self.elsewhere(args)
            for parameter in self.params:
                if flag := shown_here.get(parameter.name or ""):
                    if flag.name != "task":
                        parameter.help = flag.help.replace("[", "\\[")  # type: ignore[attr-defined]
                        parameter.rich_help_panel = flag.panel  # type: ignore[attr-defined]
                elif parameter.name in elsewhere:
                    parameter.hidden = True  # type: ignore[attr-defined]
        return super().parse_args(ctx, args)

    def elsewhere(self, args: Sequence[str]) -> set[str]:
        name = _named_task(args) or ("" if any(word.startswith("--config") for word in args) else "classify")
        if name not in self.tasks():
            return set()
        return self._fields(self.tasks().values()) - self._fields([self.tasks()[name]])

    def _fields(self, tasks: Collection[Task[Any]]) -> set[str]:
        return {field for task in tasks for field in self.options(task).model_fields}


def _named_task(args: Sequence[str]) -> str | None:
    """Return the task that the arguments name, if they name one."""
    for index, word in enumerate(args):
        if word == "--task" and index + 1 < len(args):
            return args[index + 1]
        if word.startswith("--task="):
            return word.removeprefix("--task=")
    return None
