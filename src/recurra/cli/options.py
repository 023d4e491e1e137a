"""From classes of options to the options of a command."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from recurra.options.base import flag as spelled
from recurra.options.holdout import HoldoutOptions
from recurra.options.network import RecurrentOptions
from recurra.options.reading import EncodingOptions
from recurra.options.training import FitOptions, RecordOptions
from recurra.storage.packaged_models import find_model
from recurra.tasks.task import Task
from recurra.terminal.progress import Reporter

Data = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA...",
        help="A file, several of them or a pattern in quotes, a folder of class folders or of recordings, or a name "
        "from the catalog: imdb; of speech mini-librispeech, speech-commands; of series m4-yearly to m4-hourly, "
        "etth1 to ettm2, japanese-vowels.",
        show_default=False,
    ),
]


def found_model(name: str) -> Path:
    """Return the directory of the model that is meant; tell on standard error what it hides."""
    found = find_model(name)
    if found.note:
        Reporter().info(found.note)
    return found.path


Directory = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL",
        help="A model directory, or the name of a model that comes with Recurra (`recurra models` lists them).",
        parser=found_model,
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output and nothing else there.")]
Out = Annotated[Path, typer.Option("--out", help="Where the model directory is written.", show_default=False)]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE.toml", help="Options from a TOML file; those given here win.")
]


@dataclass(frozen=True)
class Flag:
    """One option of a command. panel: the heading it has in the help; tasks: those that it goes with."""

    name: str
    field: FieldInfo
    panel: str = ""
    tasks: tuple[str, ...] = ()
    defaults: Mapping[str, Any] | None = None

    @property
    def help(self) -> str:
        """The option's sentence and its default, by task where they differ."""
        return (self.field.description or "") + _default(self.field.default, self.defaults or {})


def _default(first: Any, by_task: Mapping[str, Any]) -> str:
    values = list(by_task.values()) or [first]
    if all(value == values[0] for value in values):
        return "" if values[0] is None else f" [default: {_shown(values[0])}]"
    return f" [default: {', '.join(f'{task} {_shown(value)}' for task, value in by_task.items())}]"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def flags_of(model: type[BaseModel], panel: str = "", leave_out: Iterable[str] = ()) -> list[Flag]:
    """Return an option for each field of a class."""
    left_out = set(leave_out)
    return [Flag(name, field, panel) for name, field in model.model_fields.items() if name not in left_out]


PANELS: dict[type[BaseModel], str] = {
    FitOptions: "Training",
    RecordOptions: "Records of training",
    RecurrentOptions: "Network",
    HoldoutOptions: "Held-out data and baseline",
    EncodingOptions: "Reading",
}
"""The headings of options that every task has, by the class that defines them."""

EVERY_TASK = "All tasks"


def flags_by_task(tasks: Iterable[Task[Any]], options: Callable[[Task[Any]], type[BaseModel]]) -> list[Flag]:
    """Return an option for each field that some task has: those of all tasks first, then those of fewer, by task."""
    classes = {task.name: options(task) for task in tasks}
    owners: dict[str, list[str]] = {}
    for name, model in classes.items():
        for field in model.model_fields:
            owners.setdefault(field, []).append(name)
    flags = []
    for field, names in owners.items():
        first, everyone = classes[names[0]], len(names) == len(classes)
        flags.append(
            Flag(
                field,
                first.model_fields[field],
                panel=_panel(field, classes) if everyone else f"Only {', '.join(names)}",
                tasks=tuple(names),
                defaults={name: classes[name].model_fields[field].default for name in names},
            )
        )
    panels = list(dict.fromkeys([*PANELS.values(), EVERY_TASK, *(flag.panel for flag in flags)]))
    return sorted(flags, key=lambda flag: panels.index(flag.panel))


def _panel(field: str, tasks: Collection[str]) -> str:
    """Return the heading of an option that all of `tasks` have."""
    own = EVERY_TASK if len(tasks) > 1 else f"Task {next(iter(tasks))}"
    return next((panel for base, panel in PANELS.items() if field in base.model_fields), own)


def takes(flags: Iterable[Flag]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command options; those that the user gave arrive as the dict `given`."""
    fields = {flag.name: flag for flag in flags}

    def wrap(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "given"]

        def run(**values: Any) -> None:
            given = {name: values.pop(name) for name in fields}
            command(**values, given={name: value for name, value in given.items() if value is not None})

        parameters = own + [_parameter(flag) for flag in fields.values()]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        return run

    return wrap


def _parameter(flag: Flag) -> inspect.Parameter:
    """Return the command line's parameter for an option. It defaults to None, so that what was given is known."""
    field = flag.field
    names = [spelled(flag.name)] if flag.name.endswith("_") else []  # a word that Python reserves
    option = typer.Option(
        *names, help=flag.help.replace("[", "\\["), show_default=False, rich_help_panel=flag.panel or None
    )
    kind = field.annotation if field.default is None else field.annotation | None  # type: ignore[operator]
    return inspect.Parameter(
        flag.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind, option],
    )


def print_json(result: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of standard output."""
    typer.echo(json.dumps(result, allow_nan=False))


def example_row(data: Mapping[str, Any]) -> dict[str, str | None]:
    """Return a row of a model of named columns as an example, by what is stated of its data; nothing where a text alone
    is a row."""
    texts, features = (names if isinstance(names, list) else [] for names in (data.get("texts"), data.get("features")))
    return {**dict.fromkeys(map(str, texts), "..."), **dict.fromkeys(map(str, features))} if data.get("text") else {}
