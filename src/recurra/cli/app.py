"""The command line: which commands there are, and how they end. One file beside this one for each command."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

from recurra.cli.stop import STOPPED, end_with, stop_in_order, stop_requested

# Between the short steps of a recurrence, OpenMP's threads wait for each other by spinning. When another program wants
# the processor, long spinning makes training several times slower; this bounds it. It must be set before torch loads.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

import typer
from typer.core import TyperGroup

from recurra.cli.command import Command, UsageError, check_encoding
from recurra.errors import RecurraError, did_you_mean
from recurra.storage.version import VERSION
from recurra.terminal.output import discard_output
from recurra.terminal.progress import visible

COMMANDS = (
    "train",
    "tune",
    "pretrain",
    "evaluate",
    "predict",
    "explain",
    "generate",
    "inspect",
    "compare",
    "chat",
    "serve",
    "export",
    "models",
    "probe",
    "vectors",
)
"""The commands in the order of `recurra --help`; each is `command()` in the module of its name."""


class Commands(TyperGroup):
    """The commands. An expected failure is one message on standard error and an exit status, whoever raises it."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line. Returns the command's result, or where `standalone_mode` ends the process."""
        run = super().main
        if not standalone_mode:
            return run(args, prog_name, complete_var, False, windows_expand_args, **extra)
        for name in ("stdout", "stderr"):  # closed by whoever started the process (`>&-`): Python has None there then
            if getattr(sys, name) is None:
                setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (open until the process ends)
        for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a letter gets its escape
            if callable(again := getattr(stream, "reconfigure", None)):
                again(errors="backslashreplace")
        try:
            status = _status(lambda: run(args, prog_name, complete_var, False, windows_expand_args, **extra), args)
        except BrokenPipeError:  # the reader of the output has ended, as `head` does
            discard_output()
            status = CLOSED
        except KeyboardInterrupt:
            status = STOPPED
        end_with(status)
        if status == STOPPED:
            with suppress(BrokenPipeError):
                typer.echo("Stopped.", err=True)
        if status:
            discard_output()  # what could not be written would end the process with a status of Python's own
        sys.exit(status)


def _status(run: Callable[[], Any], args: Sequence[str] | None) -> int:
    """Run a command, tell what goes wrong, and return the exit status. Raises BrokenPipeError and KeyboardInterrupt."""
    try:
        check_encoding(sys.argv[1:] if args is None else args)
        result = run()
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except RecurraError as error:
        typer.echo(f"Error: {visible(str(error), keep=chr(10))}", err=True)
        return error.exit_code
    except UsageError as error:
        return _explained(error)
    except typer.Abort:
        return STOPPED
    except SystemExit as ended:  # with which typer answers a BrokenPipeError
        if isinstance(ended.__context__, BrokenPipeError):
            raise ended.__context__ from None
        raise
    except BrokenPipeError:
        raise
    except (OSError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not _is_of_memory(error):
            if stop_requested():
                return STOPPED
            raise
        typer.echo(f"Error: {visible(_system_error(error))}", err=True)
        return 1
    except Exception:
        if stop_requested():  # an interrupt while a module was imported may become an error of another kind
            return STOPPED
        raise


def _explained(error: Exception) -> int:
    """Print what is wrong with a command line, with a suggestion. Returns the exit status."""
    context = getattr(error, "ctx", None)
    message: str = error.format_message()  # type: ignore[attr-defined]
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(message)
        return 0
    if choice := re.search(r"'([^']*)' is not one of ('[^']*'(?:, '[^']*')*)\.$", message):
        message += did_you_mean(choice[1], re.findall("'([^']*)'", choice[2]))
    for technical, plain in _PLAIN_WORDS:
        message = re.sub(technical, plain, message)
    typer.echo(f"Error: {visible(message if message.endswith(('.', '?')) else f'{message}.')}", err=True)
    if context:
        typer.echo(f"{context.get_usage()}\nMore: {context.command_path} --help", err=True)
    return 2


_PLAIN_WORDS = (
    ("Value error, ", ""),
    ("Input should be a valid integer.*", "it must be a whole number"),
    ("Input should be a valid number.*", "it must be a number"),
    ("Input should be a finite number.*", "it must be a finite number"),
    ("Input should be greater than or equal to", "it must be at least"),
    ("Input should be less than or equal to", "it must be at most"),
    ("Input should be", "it must be"),
)
"""What typer says of a value, and how a message says it."""


def _system_error(error: Exception) -> str:
    if not isinstance(error, OSError):
        return "There is not enough memory. Close other programs, or give a smaller --batch, --hidden or --vocabulary."
    where = f" {error.filename}:" if error.filename else ""
    return (
        f"The operating system reports an error:{where} {error.strerror or error}. Check the disk and the permissions."
    )


def _is_of_memory(error: RuntimeError) -> bool:
    """Return whether PyTorch or ONNX Runtime reports that memory is lacking."""
    return re.search(r"not enough memory|can't allocate memory|out of memory|bad_alloc", str(error)) is not None


CLOSED = 141
"""The exit status of a command whose output nobody reads any more: that of a program that SIGPIPE ends, in a shell."""


def app(commands: Sequence[str] = COMMANDS) -> typer.Typer:
    """Return the command line; the options of `train`, `evaluate` and `predict` are those of the registered tasks.

    commands: which of `COMMANDS` it has; the modules of the others are not imported.
    """
    made = typer.Typer(
        cls=Commands,
        help="Train, evaluate and serve recurrent sequence models (RNN, GRU, LSTM).",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback(invoke_without_command=True)(_main_options)
    for name in commands:
        module = import_module(f"recurra.cli.{name}")
        made.command(name, cls=getattr(module, "Command", Command))(module.command())
    return made


def _main_options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and whether the kernel is built, and stop.", is_eager=True),
    ] = False,
) -> None:
    if version:
        from recurra.kernel.library import state

        typer.echo(f"recurra {VERSION}\n{state()}")
        raise typer.Exit


def main() -> None:
    """Run the command line and end the process."""
    stop_in_order()
    named = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        command_line = app((named,) if named in COMMANDS else COMMANDS)
    except KeyboardInterrupt:  # while the command is being imported
        end_with(STOPPED)
        typer.echo("Stopped.", err=True)
        sys.exit(STOPPED)
    command_line()
