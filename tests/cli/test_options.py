"""Options of commands out of classes of options: each once, with its tasks, its default and its heading."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from recurra.cli.options import EVERY_TASK, PANELS, Flag, flags_by_task, flags_of, takes
from recurra.options.base import Options
from recurra.options.sampling import SamplingOptions
from recurra.tasks.registry import all_tasks
from recurra.tasks.task import Task


def training(task: Task[Any]) -> type[Options]:
    return task.options


def test_each_option_of_the_tasks_is_there_once() -> None:
    flags = flags_by_task(all_tasks(), training)
    names = [flag.name for flag in flags]
    assert len(names) == len(set(names))
    assert set(names) == {name for task in all_tasks() for name in task.options.model_fields}


def test_an_option_names_its_tasks_and_their_defaults() -> None:
    flags = {flag.name: flag for flag in flags_by_task(all_tasks(), training)}
    for name, flag in flags.items():
        owners = {
            task.name: task.options.model_fields[name] for task in all_tasks() if name in task.options.model_fields
        }
        assert list(flag.tasks) == list(owners)
        assert flag.defaults == {task: field.default for task, field in owners.items()}
        everyone = len(owners) == len(all_tasks())
        assert flag.panel == f"Only {', '.join(owners)}" or (everyone and flag.panel in {*PANELS.values(), EVERY_TASK})


def test_help_gives_one_default_or_one_for_each_task() -> None:
    field = SamplingOptions.model_fields["temperature"]
    sentence = field.description
    assert Flag("t", field).help == f"{sentence} [default: 1.0]"
    assert Flag("t", field, defaults={"a": 2, "b": 2}).help == f"{sentence} [default: 2]"
    assert Flag("t", field, defaults={"a": True, "b": None}).help == f"{sentence} [default: a on, b none]"
    assert Flag("t", SamplingOptions.model_fields["seed"]).help == SamplingOptions.model_fields["seed"].description


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {}),
        (["--top-k", "0"], {"top_k": 0}),
        (["--seed", "3", "--temperature", "1"], {"seed": 3, "temperature": 1}),
    ],
)
def test_a_command_learns_what_was_given_and_no_default(words: list[str], expected: dict[str, Any]) -> None:
    received: list[dict[str, Any]] = []

    @takes(flags_of(SamplingOptions, leave_out=["top_p"]))
    def run(*, given: dict[str, Any]) -> None:
        received.append(given)

    app = typer.Typer()
    app.command()(run)
    assert CliRunner().invoke(app, words).exit_code == 0
    assert received == [expected]
    assert CliRunner().invoke(app, ["--top-p", "0.5"]).exit_code == 2
