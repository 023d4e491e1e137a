"""`recurra chat`: a dialogue with a trained model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from recurra.cli.options import Directory, flags_of, print_json, takes
from recurra.errors import OptionError
from recurra.options.base import flag, validated
from recurra.options.sampling import SamplingOptions
from recurra.tasks.chat.options import TalkOptions
from recurra.tasks.registry import open_as
from recurra.terminal.input import lines
from recurra.terminal.progress import Reporter, visible


def command() -> Callable[..., None]:
    """Return the command."""

    @takes(flags_of(TalkOptions))
    def chat(
        *,
        directory: Directory,
        json_: Annotated[bool, typer.Option("--json", help="Print a JSON object for each reply, one a line.")] = False,
        given: dict[str, Any],
    ) -> None:
        """Talk with a model of the task chat; /reset begins a new dialogue, /quit ends.

        Example: recurra chat model
        """
        from recurra.tasks.chat import command
        from recurra.tasks.chat.model import beam_conflict

        sampling = [flag(name) for name in SamplingOptions.model_fields if name in given]
        if "beam" in given and sampling:
            raise OptionError(beam_conflict(sampling, "--beam"))
        options = validated(TalkOptions, given)
        turns = command.typed() if sys.stdin.isatty() else lines(sys.stdin.buffer, "Send UTF-8 text.")
        for answer in command.chat(open_as("chat", directory), turns, options, Reporter()):
            if json_:
                print_json(answer)
            else:
                typer.echo(visible(answer["reply"]))
            sys.stdout.flush()

    return chat
