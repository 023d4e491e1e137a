"""The command line: one thin function for each verb. Options come from `config.py`, work is done in `verbs/`."""

from __future__ import annotations

import inspect as signatures
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

# Between the short steps of a recurrence, OpenMP's threads wait for each other by spinning. When another program wants
# the processor, long spinning makes training several times slower; this bounds it. It must be set before torch loads.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

import typer
from pydantic import BaseModel
from typer.core import TyperGroup

from recurra.errors import OptionError, RecurraError, did_you_mean
from recurra.http.options import ServeOptions
from recurra.options.everything import (
    TEMPERATURE,
    ApplyOptions,
    ChatOptions,
    ClassifyOptions,
    NetworkOptions,
    ReadOptions,
    SplitOptions,
    TaggingOptions,
    TaskOptions,
    TrainOptions,
    TranslateOptions,
    WritingOptions,
    task_options,
    train_options,
    validated,
)
from recurra.probe import budget
from recurra.storage.version import VERSION
from recurra.terminal.progress import Reporter, visible

PROBE_RATES = ", ".join(f"{rate:g} {cell}" for cell, rate in budget.LEARNING_RATES.items())

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What typer raises for a wrong command line: its own class or click's, by its version."""


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
        for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a letter gets its escape
            if callable(again := getattr(stream, "reconfigure", None)):
                again(errors="backslashreplace")
        try:
            status = run(args, prog_name, complete_var, False, windows_expand_args, **extra)
            sys.stdout.flush()
        except RecurraError as error:
            typer.echo(f"Error: {visible(str(error), keep=chr(10))}", err=True)
            sys.exit(error.exit_code)
        except UsageError as error:
            sys.exit(_explained(error))
        except (KeyboardInterrupt, typer.Abort):
            status = STOPPED
        except BrokenPipeError:  # whoever read the output has gone; what is left of it must not fail at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            typer.echo(f"Error: {visible(_unforeseen(error))}", err=True)
            sys.exit(1)
        if status == STOPPED:
            typer.echo("Stopped.", err=True)
        sys.exit(status if isinstance(status, int) else 0)


def _explained(error: Exception) -> int:
    """Say what is wrong with a command line, and what may have been meant. Returns the exit status."""
    context = getattr(error, "ctx", None)
    message: str = error.format_message()  # type: ignore[attr-defined]
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(message)
        return 0
    option = getattr(error, "option_name", "")
    if option and type(error).__name__ == "NoSuchOption":
        known = [name for parameter in context.command.params for name in parameter.opts] if context else []
        message = f"There is no option '{option}'.{did_you_mean(option, known)}"
    elif choice := re.search(r"'([^']*)' is not one of (.*)\.$", message):
        message += did_you_mean(choice[1], re.findall("'([^']*)'", choice[2]))
    typer.echo(f"Error: {visible(message.replace('Value error, ', ''))}", err=True)
    if context:
        typer.echo(f"{context.get_usage()}\nMore: {context.command_path} --help", err=True)
    return 2


def _unforeseen(error: OSError) -> str:
    where = f" {error.filename}:" if error.filename else ""
    return f"The system refuses to go on:{where} {error.strerror or error}. Check the disk and the permissions there."


STOPPED = 130

app = typer.Typer(
    cls=Commands,
    help="Recurrent sequence models made practical: from a CSV to a model you can believe.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
PANELS: dict[type[BaseModel], str] = {
    TaskOptions: "Task",
    ReadOptions: "Reading",
    SplitOptions: "Rows and judgement",
    NetworkOptions: "Network",
    ClassifyOptions: "Training",
    WritingOptions: "Writing",
    TaggingOptions: "Tagging",
    TranslateOptions: "Translating",
    ChatOptions: "Translating and chatting",
    ApplyOptions: "Reading",
    ServeOptions: "Serving",
}

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA", help="A file, a folder of class folders, or a name from the catalog: imdb.", show_default=False
    ),
]
Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The model directory.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output and nothing else there.")]
Out = Annotated[Path, typer.Option("--out", help="Where the model directory is written.", show_default=False)]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE.toml", help="Options from a TOML file; those given here win.")
]


def takes(
    *models: type[BaseModel], leave_out: tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command one option for each field of `models`; those that the user gave arrive as the dict `given`."""

    def wrap(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in signatures.signature(command, eval_str=True).parameters.values() if p.name != "given"]
        fields = {name: model for model in models for name in model.model_fields if name not in leave_out}
        fields = dict(sorted(fields.items(), key=lambda field: list(PANELS).index(field[1])))

        def run(**values: Any) -> None:
            given = {name: values.pop(name) for name in fields}
            command(**values, given={name: value for name, value in given.items() if value is not None})

        parameters = own + [_parameter(name, model) for name, model in fields.items()]
        run.__signature__ = signatures.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        return run

    return wrap


def _parameter(name: str, model: type[BaseModel]) -> signatures.Parameter:
    """Return the command line's parameter for a field. It defaults to None, so that what was given is known."""
    field = model.model_fields[name]
    default = field.default
    text = field.description or ""
    if default is not None:
        text += f" [default: {default if not isinstance(default, bool) else ('on' if default else 'off')}]"
    option = typer.Option(help=text.replace("[", "\\["), show_default=False, rich_help_panel=PANELS.get(model))
    kind = field.annotation if default is None else field.annotation | None  # type: ignore[operator]
    return signatures.Parameter(
        name,
        signatures.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind, option],
    )


@app.callback(invoke_without_command=True)
def main_options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"recurra {VERSION}")
        raise typer.Exit


@app.command()
@takes(
    TranslateOptions,
    ChatOptions,
    TaskOptions,
    ReadOptions,
    SplitOptions,
    NetworkOptions,
    ClassifyOptions,
    TaggingOptions,
    WritingOptions,
)
def train(
    *,
    data: Data,
    out: Out,
    recipe: Annotated[str | None, typer.Option(help=str(TrainOptions.model_fields["recipe"].description))] = None,
    config: Config = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that was stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in --out.")] = False,
    json_: Json = False,
    given: dict[str, Any],
) -> None:
    """Train a model and write its directory with a report: a classifier, or by --task another shape of problem.

    Example: recurra train reviews.csv --text review --label sentiment --out model
    """
    from recurra.cli.train import train as run
    from recurra.tasks.by_task import VERBS
    from recurra.training.memory import prepare_memory

    prepare_memory()

    if recipe is not None:
        given["recipe"] = recipe
    reporter = Reporter()
    metrics = run(
        data,
        out,
        task_options(given, config),
        resume=resume,
        overwrite=overwrite,
        command=shlex.join(["recurra", *sys.argv[1:]]),
        reporter=reporter,
    )
    if json_:
        _print_json({"out": str(out), **metrics})
    else:
        VERBS[metrics["task"]].trained(metrics, out)


@app.command()
@takes(ApplyOptions)
def evaluate(*, directory: Directory, data: Data, json_: Json = False, given: dict[str, Any]) -> None:
    """Judge a model on data that it has not seen, labelled as in training.

    Example: recurra evaluate model new-reviews.csv --text review --label sentiment
    """
    from recurra.tasks.by_task import fitting, verbs_of

    verbs = verbs_of(directory)
    said = {name: getattr(validated(ApplyOptions, given), name) for name in given}
    result = verbs.evaluate(directory, data, fitting(said, verbs.evaluate_options, f"a model of the task {verbs.task}"))
    if json_:
        _print_json(result)
    else:
        verbs.evaluated(result)


@app.command()
@takes(ApplyOptions, leave_out=("label", "target", "target_file", "turns"))
def predict(
    *,
    directory: Directory,
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="Texts to label.", show_default=False)
    ] = None,
    input: Annotated[str | None, typer.Option("--input", help="File of any readable format.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write: .csv, .tsv, .jsonl or .parquet.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run for --output that was stopped.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file in --output, and drop a run that was stopped.")
    ] = False,
    escape_formulas: Annotated[
        bool,
        typer.Option(
            "--escape-formulas",
            help="In .csv and .tsv, put an apostrophe before cells that a spreadsheet would run: those that begin "
            "with = + - @ or a tab or line end. Numbers stay.",
        ),
    ] = False,
    json_: Json = False,
    given: dict[str, Any],
) -> None:
    """Answer texts: from the arguments, from a file, or from standard input, one a line.

    A classifier labels them, a tagger tags their words, a translator translates them.

    Example: recurra predict model "A wonderful film."
    """
    from recurra.tasks.by_task import fitting, verbs_of
    from recurra.terminal.input import lines

    verbs = verbs_of(directory)
    what = f"a model of the task {verbs.task}"
    said = {name: getattr(validated(ApplyOptions, given), name) for name in given}
    said = fitting(said, verbs.predict_options, what)
    flags = {"resume": resume, "overwrite": overwrite, "escape_formulas": escape_formulas}
    flags = fitting({name: value for name, value in flags.items() if value}, verbs.file_flags or flags, what)
    if input is not None:
        if texts:
            raise OptionError("Give texts or --input, not both.")
        if output is None:
            raise OptionError("--input needs --output, the file to write.")
        result = verbs.predict_file(directory, input, output, said, **flags)
        if json_:
            _print_json(result)
        else:
            typer.echo(f"{result['rows']:,} rows done, into {result['output']}", err=True)
        return
    if output is not None or flags or any(name in ReadOptions.model_fields for name in said):
        raise OptionError(
            "--output, --resume, --overwrite, --escape-formulas and the reading options go with --input, "
            "the file to read."
        )
    if not texts and sys.stdin.isatty():
        typer.echo("Reading texts from standard input, one a line; end with Ctrl-D.", err=True)
    answers = verbs.predict_texts(directory, texts or lines(sys.stdin.buffer), said)
    if json_:
        _print_json({"predictions": list(answers)})
    else:
        verbs.predicted(answers)


@app.command()
def explain(
    *,
    directory: Directory,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The text; none: all of standard input.", show_default=False)
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="LABEL", help="The label to explain, instead of the answer.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Words that are given with their numbers.")] = 10,
    json_: Json = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with the coloured text.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file in --html.")] = False,
) -> None:
    """Show what each word and each sentence of a text contributes to the answer.

    Example: recurra explain model "A wonderful film, if a little long."
    """
    from recurra.tasks.by_task import verbs_of
    from recurra.terminal.input import whole_text

    verbs = verbs_of(directory)
    if text is None:
        if sys.stdin.isatty():
            typer.echo("Reading the text from standard input; end with Ctrl-D.", err=True)
        text = whole_text(sys.stdin.buffer)
    explanation = verbs.explain(directory, text, target=target, top=top, html=html, overwrite=overwrite)
    if json_:
        _print_json(verbs.plain_explanation(explanation, html))
    elif html is not None:
        typer.echo(f"Page    {visible(str(html))}", err=True)
    else:
        verbs.explained(explanation, top)


@app.command()
def generate(
    *,
    directory: Directory,
    prompt: Annotated[
        str, typer.Option("--prompt", help="Text to write on from; without one, it begins as a line does.")
    ] = "",
    tokens: Annotated[int, typer.Option("--tokens", help="Symbols to write: characters, words or pieces.")] = 400,
    temperature: Annotated[float, typer.Option("--temperature", help=TEMPERATURE)] = 0.8,
    top_k: Annotated[
        int | None, typer.Option("--top-k", help="Draw from so many of the likeliest symbols.", show_default=False)
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option("--top-p", help="Draw from the fewest symbols that hold this share.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Seed; the same one writes the same text.", show_default=False)
    ] = None,
    json_: Json = False,
) -> None:
    """Write text with a model of the task generate, as it comes.

    Example: recurra generate model --prompt "ROMEO:" --tokens 400 --temperature 0.8
    """
    from recurra.tasks.generate.command import generate as run

    writing = run(directory, prompt, tokens, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)
    if not json_:
        typer.echo(visible(prompt, keep="\n\t"), nl=False)
    for piece in writing:
        if not json_:
            sys.stdout.write(visible(piece, keep="\n\t"))
            sys.stdout.flush()
    if json_:
        _print_json(writing.result)
    else:
        typer.echo()


@app.command()
def inspect(*, directory: Directory, json_: Json = False) -> None:
    """Show what a model is, what it was trained on and how it scored.

    Example: recurra inspect model
    """
    from recurra.cli.inspect import inspect as run
    from recurra.tasks.by_task import VERBS

    result = run(directory)
    if json_:
        _print_json(result)
    else:
        VERBS[result["task"]].inspected(result)


@app.command()
@takes(ReadOptions, SplitOptions, NetworkOptions, ClassifyOptions, leave_out=("cell", "baseline", "quantise"))
def compare(
    *,
    data: Data,
    out: Out,
    cell: Annotated[str, typer.Option("--cell", help="Cells to compare, with commas between.")] = "rnn,gru,lstm",
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, max=100, help="Times to train each, from different weights.")
    ] = 1,
    config: Config = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in --out.")] = False,
    json_: Json = False,
    given: dict[str, Any],
) -> None:
    """Train several cells on one split: accuracy with error bars, time, size and latency in one table and one plot.

    Example: recurra compare imdb --out comparison --cell rnn,gru,lstm --rows 10000
    """
    from recurra.tasks.classify import terminal
    from recurra.tasks.classify.learn.compare import compare as run
    from recurra.training.memory import prepare_memory

    prepare_memory()

    result = run(
        data,
        out,
        [name.strip() for name in cell.split(",")],
        train_options(given, config),
        seeds=seeds,
        overwrite=overwrite,
        command=shlex.join(["recurra", *sys.argv[1:]]),
    )
    if json_:
        _print_json(result)
    else:
        terminal.compared(result, out)


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


@app.command()
def chat(
    context: typer.Context,
    *,
    directory: Directory,
    temperature: Annotated[float, typer.Option("--temperature", help=TEMPERATURE)] = 0.7,
    top_k: Annotated[
        int | None, typer.Option("--top-k", help="Draw from so many of the likeliest pieces.", show_default=False)
    ] = None,
    top_p: Annotated[float, typer.Option("--top-p", help="Draw from the fewest pieces that hold this share.")] = 0.9,
    beam: Annotated[
        int | None,
        typer.Option("--beam", help="Search for the likeliest reply, keeping so many ways on.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Seed; the same one gives the same replies.", show_default=False)
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print a JSON object for each reply, one a line.")] = False,
) -> None:
    """Talk with a model of the task chat; /reset begins anew, /quit ends.

    Example: recurra chat model
    """
    from recurra.tasks.chat import command as verb
    from recurra.tasks.chat.model import beam_conflict
    from recurra.terminal.input import lines

    drawing = [name for name in ("temperature", "top_k", "top_p", "seed") if _was_given(context, name)]
    if beam is not None and drawing:
        options = [f"--{name.replace('_', '-')}" for name in drawing]
        raise OptionError(beam_conflict(options, "--beam"))
    said = verb.asked() if sys.stdin.isatty() else lines(sys.stdin.buffer, "Send UTF-8 text.")
    for answer in verb.chat(
        directory, said, temperature=temperature, top_k=top_k, top_p=top_p, beam=beam, seed=seed, reporter=Reporter()
    ):
        if json_:
            _print_json(answer)
        else:
            typer.echo(visible(answer["reply"]))
        sys.stdout.flush()


@app.command()
@takes(ServeOptions)
def serve(*, directory: Directory, json_: Json = False, given: dict[str, Any]) -> None:
    """Answer over HTTP with a model of any task: its routes, streams of what it writes, and a page to try it.

    Example: recurra serve model --port 8000
    """
    from recurra.server.start import serve as run

    def ready(address: str) -> None:
        if json_:
            _print_json({"address": address, "process": os.getpid()})
            sys.stdout.flush()

    run(directory, validated(ServeOptions, given), on_ready=ready)
    from recurra.server.process import end_process

    end_process()


@app.command()
def probe(
    *,
    out: Annotated[Path, typer.Option("--out", help="Where table and plot are written.", show_default=False)],
    cell: Annotated[str, typer.Option("--cell", help="Cells to probe, with commas between.")] = "rnn,gru,lstm",
    length: Annotated[str, typer.Option("--length", help="Steps to look back, with commas between.")] = "10,30,100,300",
    tasks: Annotated[
        str, typer.Option("--tasks", help="Problems, with commas between: adding, copy, agreement.")
    ] = "adding,copy,agreement",
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=100, help="Times to train each.")] = budget.SEEDS,
    first_seed: Annotated[
        int, typer.Option("--first-seed", min=0, max=2**31, help="Seed of the first; the others follow it.")
    ] = 0,
    steps: Annotated[
        int, typer.Option("--steps", min=1, help="Most training steps, each on 32 fresh rows.")
    ] = budget.STEPS,
    hidden: Annotated[int, typer.Option("--hidden", min=1, max=8192, help="Width of the state.")] = budget.HIDDEN,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--learning-rate", min=1e-9, max=10, help=f"Adam's rate (default: {PROBE_RATES}).", show_default=False
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes", min=1, max=1024, help="Trainings at once (default: one a core).", show_default=False
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in --out.")] = False,
    json_: Json = False,
) -> None:
    """Measure how far back each cell remembers, and at what cost: on made-up tasks, several seeds, one plot.

    Example: recurra probe --cell rnn,gru,lstm --length 10,30,100 --out probe
    """
    from recurra.probe.run import markdown, parse_lengths
    from recurra.probe.run import probe as run

    result = run(
        [name.strip() for name in cell.split(",")],
        parse_lengths(length),
        out,
        problems=[name.strip() for name in tasks.split(",")],
        seeds=seeds,
        first_seed=first_seed,
        budget=budget.Budget(steps, hidden, learning_rate),
        processes=processes,
        overwrite=overwrite,
        command=shlex.join(["recurra", *sys.argv[1:]]),
    )
    if json_:
        _print_json({"out": str(out), **result})
    else:
        typer.echo(markdown(result))


def _print_json(result: dict[str, Any]) -> None:
    typer.echo(json.dumps(result, allow_nan=False))


def main() -> None:
    """Run the command line and end the process."""
    app()


if __name__ == "__main__":
    main()
