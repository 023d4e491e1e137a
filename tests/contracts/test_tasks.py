"""What every registered task keeps: options that are defined once, commands that work or name another, parts that fit.

The models are those that version 0.1.0 wrote; a new task adds one to `tests/fixtures` and a file to
`support/written_models.py`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo
from rich.console import Console
from typer.testing import Result

import recurra
from recurra.errors import ArtefactError, OptionError
from recurra.options.base import Options, flag
from recurra.options.training import TaskOptions
from recurra.tasks.chat.options import TalkOptions
from recurra.tasks.classify.options import ComparisonOptions
from recurra.tasks.generate.options import WriteOptions
from recurra.tasks.registry import TASKS, all_tasks, get_task
from recurra.tasks.task import Task
from recurra.training.trainer import Trainer
from support.written_models import FILES, MODELS, write_data, write_inputs, written_metrics

Cli = Callable[..., Result]
TEXT = "the film was good"
SEEDS = {"seed": "of a training run it may not exceed what the generators take; of a text it may be anything"}
"""Names that two commands give to different things, and why."""


@pytest.fixture(params=TASKS)
def task(request: pytest.FixtureRequest) -> Task[Any]:
    return get_task(request.param)


def option_classes(tasks: list[Task[Any]]) -> Iterator[type[Options]]:
    """Yield the classes of options of all commands that take a model or make one."""
    for task in tasks:
        yield from (task.options, task.evaluate_options, task.predict_options)
    yield from (WriteOptions, TalkOptions, ComparisonOptions)


def values(field: FieldInfo) -> tuple[Any, ...]:
    """Return the types and choices that a field accepts besides None."""
    accepted = get_args(field.annotation) or (field.annotation,)
    kinds = [kind for kind in accepted if kind is not type(None)]
    return tuple(choice for kind in kinds for choice in (get_args(kind) if get_origin(kind) is Literal else (kind,)))


def test_every_task_has_a_written_model_and_data() -> None:
    assert TASKS.keys() == FILES.keys() == {path.name for path in MODELS.iterdir() if path.is_dir()}


def test_a_name_of_a_task_is_its_key_and_its_folder(task: Task[Any]) -> None:
    assert TASKS[task.name] == f"recurra.tasks.{task.name}.task:TASK"
    assert task.takes and task.gives and "{directory}" in task.command
    with pytest.raises(OptionError, match="There is no task"):
        get_task(task.name + "x")


def test_every_option_has_a_default_and_a_sentence() -> None:
    for options in option_classes(all_tasks()):
        options()
        for name, field in options.model_fields.items():
            assert field.description and field.description.endswith("."), f"{options.__name__}.{name}"


def test_an_option_is_defined_once() -> None:
    known: dict[str, tuple[str, FieldInfo]] = {}
    for options in option_classes(all_tasks()):
        for name, field in options.model_fields.items():
            first, other = known.setdefault(name, (options.__name__, field))
            if name == "task" or name in SEEDS:
                continue
            where = f"{flag(name)} in {first} and {options.__name__}"
            assert field.description == other.description, where
            assert field.metadata == other.metadata, where
            assert values(field) == values(other), where


def test_the_training_options_name_their_task(task: Task[Any]) -> None:
    assert issubclass(task.options, TaskOptions)
    assert task.options().task == task.name
    assert values(task.options.model_fields["task"]) == (task.name,)


def test_the_trainer_and_the_served_task_are_of_the_task(task: Task[Any]) -> None:
    trainer, served = task.trainer(), task.served()
    assert issubclass(trainer, Trainer) and not trainer.__abstractmethods__
    assert trainer.summary_scores
    assert served.name == task.name and served.routes and served.tabs
    assert (served.folder / "page.html").is_file() and (served.folder / "page.js").is_file()
    assert task.name in served.usage


def test_help_lists_every_option_of_every_task(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = cli("train", "--help").stdout
    for options in (task.options for task in all_tasks()):
        for name in options.model_fields:
            assert flag(name) in shown, name


def test_a_model_is_loaded_with_and_without_its_task(task: Task[Any]) -> None:
    directory = MODELS / task.name
    assert type(recurra.load(directory)) is type(recurra.load(directory, task=task.name))  # type: ignore[call-overload]
    for other in TASKS.keys() - {task.name}:
        with pytest.raises(ArtefactError, match=f"is a model of the task {task.name}, not {other}"):
            recurra.load(directory, task=other)  # type: ignore[call-overload]


def test_inspect_prints_and_gives_json(task: Task[Any], cli: Cli, only_json: Callable[[str], dict[str, Any]]) -> None:
    printed = cli("inspect", MODELS / task.name)
    assert printed.exit_code == 0, printed.stderr
    assert f"{task.name}: " in printed.stdout and "0.1.0" in printed.stdout
    result = only_json(cli("inspect", MODELS / task.name, "--json").stdout)
    assert result["task"] == task.name and result["parameters"] > 0
    for value in task.terminal().inspection(result).values():
        assert value in printed.stdout or "\n" in value


def test_evaluate_prints_and_gives_json(
    task: Task[Any], cli: Cli, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    words = ("evaluate", MODELS / task.name, write_data(task.name, tmp_path))
    printed = cli(*words)
    assert printed.exit_code == 0, printed.stderr
    result = only_json(cli(*words, "--json").stdout)
    assert result["rows"] > 0
    for name, ends in result.items():
        if name.endswith("_ci95") and ends is not None:
            assert ends[0] <= result[name.removesuffix("_ci95")] <= ends[1], name
    console = Console(file=io.StringIO(), width=200)
    task.terminal().print_evaluation(console, result)
    assert f"{result['rows']:,}" in console.file.getvalue()  # type: ignore[attr-defined]


def test_what_training_prints_holds_the_score_and_the_baseline(task: Task[Any]) -> None:
    metrics = written_metrics(task.name)
    for shown in (metrics, {**metrics, "baseline": None}):
        console = Console(file=io.StringIO(), width=200)
        task.terminal().print_training(console, shown)
        printed = console.file.getvalue()  # type: ignore[attr-defined]
        assert printed.count("Held-out") >= 1
        assert (metrics["baseline"]["name"] in printed) == (shown["baseline"] is not None)


def refused(result: Result, task: Task[Any], verb: str) -> bool:
    """Return whether a command does not go with a task; then it must say so in one line and name another command."""
    if result.exit_code == 0:
        return False
    assert result.exit_code == 2 and result.stdout == "" and result.stderr.count("\n") == 1, result.stderr
    assert f"a model of the task {task.name}, which has no `recurra {verb}`. Try: recurra " in result.stderr
    return True


def test_predict_answers_or_names_another_command(
    task: Task[Any], cli: Cli, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    inputs = write_inputs(task.name, tmp_path)
    printed = cli("predict", MODELS / task.name, *inputs)
    assert refused(printed, task, "predict") == (task.predict_options is Options)
    if printed.exit_code == 0:
        answers = only_json(cli("predict", MODELS / task.name, *inputs, "--json").stdout)["predictions"]
        assert len(answers) == 2
        assert printed.stdout.count("\n") == sum(len(answer.get("forecast", [0])) for answer in answers)


def test_predict_answers_every_row_of_a_file(
    task: Task[Any], cli: Cli, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    data = write_data(task.name, tmp_path)
    output = tmp_path / f"answers{data.suffix}"
    result = cli("predict", MODELS / task.name, "--input", data, "--output", output, "--json")
    assert refused(result, task, "predict") == (not output.exists())
    if output.exists():
        assert only_json(result.stdout)["rows"] == 12
        assert output.read_text(encoding="utf-8").count("\n") >= 12


def test_explain_answers_or_names_another_command(
    task: Task[Any], cli: Cli, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    page = tmp_path / "page.html"
    text = write_inputs(task.name, tmp_path)[0]
    printed = cli("explain", MODELS / task.name, text, "--html", page)
    assert refused(printed, task, "explain") == (type(task).explain is Task.explain) == (not page.exists())
    if page.exists():
        assert "<script" not in page.read_text(encoding="utf-8")
        assert only_json(cli("explain", MODELS / task.name, text, "--json").stdout)


def test_the_command_that_a_task_names_is_there(task: Task[Any], cli: Cli) -> None:
    words = task.next_command(str(MODELS / task.name)).split()
    assert words[0] == "recurra" and str(MODELS / task.name) in words
    shown = cli(words[1], "--help").stdout
    for option in (word for word in words if word.startswith("--")):
        assert option in shown


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_an_option_of_another_task_is_refused(task: Task[Any], command: str, cli: Cli, tmp_path: Path) -> None:
    own = getattr(task, f"{command}_options")
    foreign = {
        name for other in all_tasks() for name, field in getattr(other, f"{command}_options").model_fields.items()
        if name not in own.model_fields and str in values(field)
    }  # fmt: skip
    if own is Options or not foreign:
        pytest.skip(f"{command} has no option that {task.name} lacks")
    words = (write_data(task.name, tmp_path),) if command == "evaluate" else (TEXT,)
    for name in foreign:
        result = cli(command, MODELS / task.name, *words, flag(name), "x")
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{flag(name)} does not go with a model of the task {task.name}" in result.stderr
