"""Write what the documentation derives from the code and from recorded runs.

    python docs/generate.py            # write the files that are stale
    python docs/generate.py --check    # write nothing; exit 1 and name the stale ones
    python docs/generate.py --pictures # also draw docs/assets/how-far-back.png from the recorded probe

    docs/reference/cli.md       from the commands of recurra.cli
    docs/reference/options.md   from the options of the registered tasks
    docs/reference/tasks.md     from the registered tasks
    docs/reference/errors.md    from recurra.errors
    docs/reference/python.md    from the docstrings of the public names
    README.md, docs/index.md, docs/decisions/0004-..., docs/explanation/performance.md, how-far-back.md,
    docs/how-to/chat.md ...
                                the tables between the markers `numbers`, `tokens` and those named in BENCH and PROBE,
                                from benchmarks/results/*.json

A recorded run is an object {"name", "command", "machine", "metrics"}; benchmarks/README.md describes it. A row whose
file is absent is left out: no number is ever typed by hand.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer.main
from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

import recurra
from recurra import errors
from recurra.cli.app import app
from recurra.cli.options import Flag, flags_by_task
from recurra.kernel.layout import CELL_NAMES
from recurra.many_to_one.explain import Contribution, Explanation
from recurra.many_to_one.stream import Running, StreamSession
from recurra.options.base import flag
from recurra.tasks.classify.model import Predictions
from recurra.tasks.classify.options import RECIPES, ClassifyOptions
from recurra.tasks.multilabel.explain import LabelExplanation
from recurra.tasks.multilabel.model import MultilabelPredictions
from recurra.tasks.registry import all_tasks
from recurra.tasks.regress.explain import NumberExplanation
from recurra.tasks.regress.model import NumberPredictions
from recurra.tasks.transcribe.recording import Recording, Samples
from recurra.tasks.transcribe.stream import TranscriptStream
from recurra.tasks.transcribe.transcript import Transcript

DOCS = Path(__file__).parent
ROOT = DOCS.parent
RESULTS = ROOT / "benchmarks" / "results"
RUNS = {"imdb": "IMDB, Recurra's defaults", "imdb_tutorial": "IMDB, recipe `tutorial`"}
COMPARISON = "compare"
CELLS = {"compare_trec": "TREC, kind of question", "compare_vowels": "JapaneseVowels, speaker"}
"""Recorded comparisons of the minimal cells with a GRU and an LSTM, and what each is of."""
BENCH = ("bars", "training", "inference", "latency", "wall", "stages", "memory", "growth", "conditions")
"""The tables of docs/explanation/performance.md, which benchmarks/peers/tables.py writes from bench.json."""
PROBE = {"scores": "probe", "says": "probe", "command": "probe", "setting": "probe_setting"}
"""The parts of docs/explanation/how-far-back.md, which benchmarks/probe_tables.py writes, and the run of each."""
KERAS = {"start": "keras_steps", "steps": "keras_steps", "seeds": "tutorial"}
"""The parts of docs/explanation/beside-keras.md, which benchmarks/tutorial_tables.py writes, and the run of each."""

ACCURACY = {"accuracy": "accuracy", "folds": "accuracy_folds", "vectors": "accuracy_vectors"}
"""The parts of docs/explanation/small-and-large-data.md, by benchmarks/accuracy_tables.py, and the run of each."""

NOTE = "<!-- Written by docs/generate.py. Change the code it is made from, then run `make docs`. -->"


def main() -> int:
    """Write the stale files, or only name them. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    parser.add_argument("--pictures", action="store_true", help="also draw the pictures of recorded runs")
    given = parser.parse_args()
    check = given.check
    stale = [path for path, content in generated().items() if _old(path) != content]
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(generated()[path], encoding="utf-8")
    if given.pictures:
        draw_pictures()
    if check and stale:
        print("Run `make docs` and commit what it writes.", file=sys.stderr)
    return 1 if check and stale else 0


def generated() -> dict[Path, str]:
    """Return what each derived file should hold."""
    reference = DOCS / "reference"
    files = {
        reference / "cli.md": cli_page(),
        reference / "tasks.md": tasks_page(),
        reference / "options.md": options_page(),
        reference / "errors.md": errors_page(),
        reference / "python.md": python_page(),
    }
    for path, marker, table in (
        (ROOT / "README.md", "numbers", against_keras()),
        (DOCS / "index.md", "numbers", numbers()),
        (DOCS / "decisions" / "0004-plain-regex-tokens.md", "tokens", tokens_table()),
        (DOCS / "explanation" / "explanations.md", "faithfulness", faithfulness_table()),
        (DOCS / "decisions" / "0011-streaming.md", "streaming", streaming_table()),
        (DOCS / "explanation" / "minimal-cells.md", "accuracy", cells_table()),
        (DOCS / "explanation" / "minimal-cells.md", "speed", cells_speed()),
        (DOCS / "how-to" / "chat.md", "chat", chat_table()),
        (DOCS / "how-to" / "multilabel.md", "multilabel", multilabel_table()),
        (DOCS / "how-to" / "translate.md", "translate", translate_table()),
        *((DOCS / "explanation" / "performance.md", part, bench_table(part)) for part in BENCH),
        *((DOCS / "explanation" / "how-far-back.md", part, probe_part(part)) for part in PROBE),
        *((DOCS / "explanation" / "beside-keras.md", part, keras_part(part)) for part in KERAS),
        *((DOCS / "explanation" / "small-and-large-data.md", part, accuracy_part(part)) for part in ACCURACY),
    ):
        files[path] = with_table(files.get(path) or path.read_text(encoding="utf-8"), marker, table)
    return files


def _old(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


# ---------------------------------------------------------------------------------------------- command line


def cli_page() -> str:
    """Return the page of every command: what it does, an example, its arguments and options."""
    parts = [
        "# Command line",
        NOTE,
        "Options that several commands share mean the same everywhere. Every option of `train` may also be in a "
        "[config file](../how-to/config-files.md); [Options](options.md) gives their ranges and the defaults of each "
        "recipe.",
        "Results go to standard output, progress and messages to standard error. An expected failure is one "
        "message on standard error; the [exit status](errors.md#exit-status) shows its kind.",
        _options_table("`recurra`", typer.main.get_command(app()).params, {}),
    ]
    annotations = {
        command.name: inspect.signature(command.callback, eval_str=True).parameters
        for command in app().registered_commands
        if command.callback
    }
    for name, command in typer.main.get_command(app()).commands.items():  # type: ignore[attr-defined]
        summary, _, example = (command.help or "").partition("Example:")
        parts += [f"## recurra {name}", " ".join(summary.split())]
        parts.append(f"```console\n$ {' '.join(example.split())}\n```")
        parts.append(_usage(name, command.params))
        panels: dict[str, list[Any]] = {}
        for parameter in command.params:
            if parameter.name == "help":
                continue
            kind = "Arguments" if parameter.param_type_name == "argument" else parameter.rich_help_panel or "Options"
            panels.setdefault(kind, []).append(parameter)
        for panel in dict.fromkeys(("Arguments", "Options", *panels)):
            if panel in panels:
                parts.append(_options_table(panel, panels[panel], annotations[name]))
    return "\n\n".join(parts) + "\n"


def _usage(name: str, parameters: list[Any]) -> str:
    words = [f"recurra {name}"]
    words += [_argument(p) for p in parameters if p.param_type_name == "argument"]
    words += [f"{p.opts[0]} {p.name.upper()}" for p in parameters if p.param_type_name == "option" and p.required]
    return f"Usage: `{' '.join(words)} [OPTIONS]`"


def _argument(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name.upper()).strip("[]{}").removesuffix("]...")
    return name if parameter.required else f"[{name}{' ...' if parameter.nargs == -1 else ''}]"


def _options_table(title: str, parameters: list[Any], annotations: Any) -> str:
    lines = [f"| {title} | value | meaning |", "|---|---|---|"]
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            written, value = f"`{_argument(parameter)}`", ""
        else:
            written = ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))
            hint = annotations.get(parameter.name)
            value = "" if parameter.is_flag or hint is None else accepted(hint.annotation)
        meaning = (parameter.help or "").replace("\\[", "[").replace("|", "\\|")
        lines.append(f"| {written} | {value} | {meaning}{' Required.' if parameter.required else ''} |")
    return "\n".join(lines)


def accepted(kind: Any) -> str:
    """Return in words what an annotation accepts: "`rnn`, `gru`, `lstm`", "whole number", "text"."""
    if get_origin(kind) is typing.Annotated:
        return accepted(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    if get_origin(kind) in (typing.Union, types.UnionType):
        return " or ".join(accepted(one) for one in get_args(kind) if one is not type(None))
    words = {bool: "yes or no", int: "whole number", float: "number", str: "text", Path: "path"}
    return words[kind]


# ---------------------------------------------------------------------------------------------- tasks


def tasks_page() -> str:
    """Return the page of the registered tasks: what goes in, what comes out, and what can be done with a model."""
    heads = ["task", "from", "to", "commands beside `train`, `inspect` and `serve`", "routes", "Python"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for task in all_tasks():
        commands = [f"`{verb}`" for verb in ("evaluate", "predict", "explain") if task.can(verb)]
        own = task.command.split()[1]
        commands += [f"`{own}`"] if f"`{own}`" not in commands else []
        routes = ", ".join(f"`{path}`" for path in task.served().routes)
        loaded = type(task).open.__annotations__["return"]
        cells = [f"`{task.name}`", task.takes, task.gives, ", ".join(commands), routes, f"`recurra.{loaded}`"]
        lines.append(f"| {' | '.join(cells)} |")
    parts = [
        "# Tasks",
        NOTE,
        "What `--task` may be. The [options](options.md) of a task are listed by `recurra train --task NAME --help`; "
        "the class in the last column is what `recurra.load` returns.",
        "\n".join(lines),
        "[Add a task](../how-to/add-a-task.md) leads through a further one.",
    ]
    return "\n\n".join(parts) + "\n"


# ---------------------------------------------------------------------------------------------- options


def options_page() -> str:
    """Return the page of every option of a training run: those of all tasks first, then those of fewer."""
    parts = [
        "# Options",
        NOTE,
        "Each option has one name, one range and one sentence, in `recurra.options` or in the `options.py` of its "
        "task. On the command line it is written `--max-tokens`, in a [config file](../how-to/config-files.md) "
        "`max-tokens` or `max_tokens`, in Python `max_tokens`. The command line wins over the config file, that over "
        "the recipe, that over the task's defaults. An unknown name is an error that suggests the right one.",
    ]
    panels: dict[str, list[Flag]] = {}
    for option in flags_by_task(all_tasks(), lambda task: task.options):
        if option.name != "recipe":
            panels.setdefault(option.panel, []).append(option)
    for title, options in panels.items():
        parts += [f"## {title}", _fields_table(options)]
    recipe = ClassifyOptions.model_fields["recipe"]
    parts += ["## Recipe", f"`recipe`: {accepted(recipe.annotation)}. {recipe.description}"]
    parts += [f"`{name}` sets:\n\n{_recipe_table(name)}" for name in RECIPES if name != "default"]
    return "\n\n".join(parts) + "\n"


def _fields_table(options: list[Flag]) -> str:
    heads = ["option", "accepted", "default", "meaning"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for option in options:
        kinds = list(all_tasks()) if option.name == "task" else []
        names = ", ".join(f"`{task.name}`" for task in kinds)
        kind = names or accepted(option.field.annotation) + _bounds(option.field)
        cells = [f"`{flag(option.name)}`", kind, "`classify`" if kinds else _defaults(option)]
        lines.append(f"| {' | '.join([*cells, (option.field.description or '').replace('|', chr(92) + '|')])} |")
    return "\n".join(lines)


def _defaults(option: Flag) -> str:
    """Return the default, or that of each task where they differ."""
    values = option.defaults or {"": option.field.default}
    shown = {_shown(value) for value in values.values()}
    if len(shown) == 1:
        return shown.pop()
    return ", ".join(f"{task} {_shown(value)}" for task, value in values.items())


def _recipe_table(recipe: str) -> str:
    lines = ["| option | value | instead of |", "|---|---|---|"]
    for name, value in RECIPES[recipe].items():
        default = ClassifyOptions.model_fields[name].default
        if value != default:
            lines.append(f"| `{flag(name)}` | {_shown(value)} | {_shown(default)} |")
    return "\n".join(lines)


def _bounds(field: FieldInfo) -> str:
    """Return a field's range in words: ", 1 to 16", ", above 0 and below 1"."""
    low = next((f"at least {_number(m.ge)}" for m in field.metadata if isinstance(m, Ge)), "")
    low = next((f"above {_number(m.gt)}" for m in field.metadata if isinstance(m, Gt)), low)
    high = next((f"at most {_number(m.le)}" for m in field.metadata if isinstance(m, Le)), "")
    high = next((f"below {_number(m.lt)}" for m in field.metadata if isinstance(m, Lt)), high)
    said = " and ".join(part for part in (low, high) if part)
    return f", {said}" if said else ""


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


# ---------------------------------------------------------------------------------------------- errors


def errors_page() -> str:
    """Return the page of the exception tree and the exit status of each."""
    tree, _, rest = inspect.getdoc(errors).partition("Every message")  # type: ignore[union-attr]
    heading, _, drawing = tree.partition("\n\n")
    lines = ["| error | exit status | also a | meaning |", "|---|---|---|---|"]
    for name, error in vars(errors).items():
        if isinstance(error, type) and issubclass(error, errors.RecurraError):
            builtin = [base.__name__ for base in error.__mro__ if base.__module__ == "builtins"]
            kind = next((base for base in builtin if base not in ("Exception", "BaseException", "object")), "")
            meaning = inspect.getdoc(error)
            lines.append(f"| `{name}` | {error.exit_code} | {f'`{kind}`' if kind else ''} | {meaning} |")
    parts = [
        "# Errors",
        NOTE,
        heading,
        f"```text\n{inspect.cleandoc(drawing)}\n```",
        " ".join(f"Every message{rest}".split()),
        "The classes live in `recurra.errors`; `recurra.RecurraError` catches them all. A name in the column "
        '"also a" is a built-in exception that catches the error too.',
        "## Exit status",
        "`0` is success, `2` also means a command line that could not be understood, `130` for a run that was "
        "stopped from the keyboard.",
        "\n".join(lines),
    ]
    return "\n\n".join(parts) + "\n"


# ---------------------------------------------------------------------------------------------- Python


def python_page() -> str:
    """Return the page of the public Python names, from their signatures and docstrings."""
    parts = [
        "# Python",
        NOTE,
        f"The public names are {', '.join(f'`recurra.{name}`' for name in recurra.__all__)}. Everything else may "
        "change between versions.",
    ]
    parts.append(_callable("recurra.load", recurra.load, "##"))
    methods = ("predict", "predict_proba", "predict_iter", "encode", "explain", "session")
    parts += _class("recurra.Classifier", recurra.Classifier, methods)
    parts += _class("Predictions", Predictions, ())
    parts += _class("Explanation", Explanation, ("top", "to_dict"))
    parts += _class("Contribution", Contribution, ())
    methods = ("predict", "predict_interval", "predict_iter", "explain")
    parts += _class("recurra.TextRegressor", recurra.TextRegressor, methods)
    parts += _class("NumberPredictions", NumberPredictions, ())
    parts += _class("NumberExplanation", NumberExplanation, ("top", "to_dict"))
    parts += _class("StreamSession", StreamSession, ("feed", "prediction", "finish", "state"))
    parts += _class("Running", Running, ("to_dict",))
    methods = ("predict", "predict_proba", "predict_indicator", "predict_iter", "with_thresholds", "explain")
    parts += _class("recurra.MultilabelClassifier", recurra.MultilabelClassifier, methods)
    parts += _class("MultilabelPredictions", MultilabelPredictions, ())
    parts += _class("LabelExplanation", LabelExplanation, ("top", "to_dict"))
    parts += _class("recurra.Generator", recurra.Generator, ("generate", "surprisals", "score"))
    parts += _class("recurra.Tagger", recurra.Tagger, ("tag", "tag_iter"))
    parts += _class("recurra.Translator", recurra.Translator, ("translate", "translate_iter", "align"))
    parts += _class("recurra.Chatter", recurra.Chatter, ("reply", "rank"))
    methods = ("transcribe", "transcribe_iter", "session", "repeated_session")
    parts += _class("recurra.Transcriber", recurra.Transcriber, methods)
    parts += _class("Recording", Recording, ())
    parts += _class("Samples", Samples, ())
    parts += _class("Transcript", Transcript, ())
    parts += _class("TranscriptStream", TranscriptStream, ("feed", "finish"))
    methods = ("fit", "predict", "predict_proba", "save")
    parts += _class("recurra.SequenceClassifier", recurra.SequenceClassifier, methods)
    methods = ("fit", "predict", "predict_interval", "save")
    parts += _class("recurra.SequenceRegressor", recurra.SequenceRegressor, methods)
    parts.append(
        "`score`, `get_params` and `set_params` are scikit-learn's. The parameters are described in "
        "[Options](options.md)."
    )
    methods = ("fit", "predict", "predict_labels", "predict_proba", "score", "save")
    parts += _class("recurra.SequenceMultilabelClassifier", recurra.SequenceMultilabelClassifier, methods)
    parts += ["## recurra.RecurraError", "The root of every error raised on purpose: see [Errors](errors.md)."]
    return "\n\n".join(parts) + "\n"


LOADED = {f"recurra.{name}" for name in ("Classifier", "Generator", "Tagger", "Translator", "Chatter", "Transcriber")}
"""Classes that `recurra.load` makes: how they are constructed is not public."""


def _class(name: str, cls: type, methods: tuple[str, ...]) -> list[str]:
    parts = [f"## {name}", _docstring(cls)]
    if "__init__" in vars(cls) and name not in LOADED:
        parts.insert(1, _code(name, inspect.signature(cls.__init__)))  # type: ignore[misc]
    return parts + [_callable(f"{name.rpartition('.')[2]}.{m}", getattr(cls, m), "###") for m in methods]


def _callable(name: str, function: Any, level: str) -> str:
    return f"{level} {name}\n\n{_code(name, inspect.signature(function))}\n\n{_docstring(function)}"


def _code(name: str, signature: inspect.Signature) -> str:
    """Return a signature as a block of code; one parameter a line where it is long."""
    words: list[str] = []
    for item in signature.parameters.values():
        if item.name == "self":
            continue
        if item.kind is item.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        default = "" if item.default is item.empty else f" = {item.default!r}"
        words.append(f"{item.name}: {item.annotation}{default}")
    returns = "" if signature.return_annotation in (signature.empty, "None") else f" -> {signature.return_annotation}"
    line = f"{name}({', '.join(words)}){returns}"
    if len(line) > 100:
        line = f"{name}(\n" + "".join(f"    {word},\n" for word in words) + f"){returns}"
    return f"```text\n{line}\n```"


def _docstring(thing: Any) -> str:
    """Return a docstring as Markdown: an indented block becomes code."""
    blocks = (inspect.getdoc(thing) or "").split("\n\n")
    for i, block in enumerate(blocks):
        if block.startswith("    "):
            code = re.sub(r"(?<=\S) {2,}#", "  #", inspect.cleandoc(chr(10) + block))  # as the formatter wants it
            blocks[i] = f"```python\n{code}\n```"
    return "\n\n".join(blocks)


# ---------------------------------------------------------------------------------------------- numbers


def with_table(page: str, marker: str, table: str) -> str:
    """Return `page` with `table` between the marker's two comments. Raises ValueError unless each occurs once."""
    begin, end = f"<!-- {marker}: begin -->", f"<!-- {marker}: end -->"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the markers {begin} and {end} must each occur once")
    before, rest = page.split(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.split(end)[1]}"


def numbers(results: Path = RESULTS) -> str:
    """Return the tables of the recorded runs in `results` as Markdown; one sentence where there is none."""
    runs = [run | {"name": title} for name, title in RUNS.items() if (run := _recorded(results / f"{name}.json"))]
    comparison = _recorded(results / f"{COMPARISON}.json")
    parts = []
    if runs:
        heads = "| run | held-out accuracy | baseline | difference | training accuracy | wall time |"
        lines = [heads, "|" + "---|" * 6]
        parts.append("\n".join(lines + [_run_row(run) for run in runs]))
    if comparison:
        cells = comparison["metrics"]["cells"]
        lines = ["| cell | held-out accuracy | training time | weights | one text, median |", "|" + "---|" * 5]
        parts.append("\n".join(lines + [_cell_row(cell) for cell in cells]))
    everything = runs + ([comparison | {"name": "Cells"}] if comparison else [])
    if not everything:
        return "No run is recorded yet."
    parts.append("In brackets: 95 % intervals. The difference is the model's lead over the baseline on the same rows.")
    parts.append("\n".join(f"- {run['name']}: `{run['command']}` on {run['machine']}" for run in everything))
    return "\n\n".join(parts)


def against_keras(results: Path = RESULTS) -> str:
    """Return one sentence on speed beside Keras's fastest ways, from the recorded comparison."""
    run = _recorded(results / "bench.json")
    if run is None:
        return "No run is recorded yet."
    times = next(bar["figure"] for bar in run["bars"] if bar["bar"].startswith("Training, LSTM, best of each"))
    rows = run["metrics"]["latency"]["rows"]
    own = next(r["p50_ms"]["median"] for r in rows if (r["engine"], r["variant"]) == ("recurra", "tutorial"))
    keras = min(r["p50_ms"]["median"] for r in rows if r["engine"] == "keras")
    return (
        f"A bidirectional LSTM trains **{times:g} times as fast as in Keras**, and answers one review in {own:.2f} ms "
        f"(Keras: {keras:.2f} ms), each in its fastest way: `{run['command']}` on {run['machine']}."
    )


def tokens_table(results: Path = RESULTS) -> str:
    """Return the recorded speeds of the tokenisers as Markdown."""
    run = _recorded(results / "tokens.json")
    if run is None:
        return "No run is recorded yet."
    metrics = run["metrics"]
    lines = ["| millions of tokens a second | by wall time | by processor time |", "|---|---|---|"]
    for name, rate in metrics["tokens_per_second"].items():
        work = metrics["tokens_per_processor_second"][name]
        lines.append(f"| `{name}` | {rate / 1e6:.2f} | {work / 1e6:.2f} |")
    said = f"{metrics['rows']:,} reviews, {metrics['tokens']:,} tokens; the same rule gave equal tokens in "
    said += f"{metrics['texts_with_equal_tokens']} texts compared. `{run['command']}` on {run['machine']}; "
    return "\n".join([*lines, "", f"{said}load average before: {metrics['load_average_before']}."])


def bench_table(part: str, results: Path = RESULTS) -> str:
    """Return one table of the comparison with other engines as Markdown."""
    tables = _loaded("bench_tables", ROOT / "benchmarks" / "peers" / "tables.py")
    return str(tables.table(part, _recorded(results / "bench.json")))


def probe_part(part: str, results: Path = RESULTS) -> str:
    """Return one part of what the recorded probe shows as Markdown."""
    tables = _loaded("probe_tables", ROOT / "benchmarks" / "probe_tables.py")
    return str(tables.table(part, _recorded(results / f"{PROBE[part]}.json")))


def keras_part(part: str, results: Path = RESULTS) -> str:
    """Return one part of what the recorded runs of the tutorial's model show as Markdown."""
    tables = _loaded("tutorial_tables", ROOT / "benchmarks" / "tutorial_tables.py")
    return str(tables.table(part, _recorded(results / f"{KERAS[part]}.json")))


def accuracy_part(part: str, results: Path = RESULTS) -> str:
    """Return the recorded accuracy on several sets as Markdown."""
    tables = _loaded("accuracy_tables", ROOT / "benchmarks" / "accuracy_tables.py")
    return str(tables.table(_recorded(results / f"{ACCURACY[part]}.json")))


def draw_pictures(results: Path = RESULTS) -> None:
    """Draw the pictures that belong to recorded runs. Pixels differ between machines, so no check compares them."""
    from recurra.probe.plot import probe_png

    if run := _recorded(results / "probe.json"):
        picture = DOCS / "assets" / "how-far-back.png"
        picture.write_bytes(probe_png(run["metrics"]["rows"], run["metrics"]["problems"]))
        print(f"drawn: {picture.relative_to(ROOT)}")


def _loaded(name: str, path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def faithfulness_table(results: Path = RESULTS) -> str:
    """Return the recorded deletion test as Markdown."""
    run = _recorded(results / "faithfulness.json")
    if run is None:
        return "No run is recorded yet."
    metrics = run["metrics"]
    found = metrics["fall_of_probability"]["hidden_by_unknown"]["taken_away_by_unknown"]
    other = metrics["fall_of_probability"]["hidden_by_left_out"]["taken_away_by_left_out"]
    lines = ["| words taken away | the strongest | random | the weakest |", "|---|---|---|---|"]
    for count, falls in found.items():
        cells = [_points(falls[which]) for which in ("strongest", "random", "weakest")]
        lines.append(f"| {count} | {' | '.join(cells)} |")
    sums = metrics["additivity"]["hidden_by_unknown"]
    said = [
        f"The fall of the answer's probability, in points: {metrics['reviews']:,} held-out reviews of "
        f"{metrics['tokens_mean']:.0f} tokens on average, in brackets the 95 % interval.",
        f"With words left out instead of replaced, the 10 strongest take {_points(other['10']['strongest'])}.",
        f"Sums of words explain {_share(sums['log_odds'])} of the variance of sentences in log-odds, and "
        f"{_share(sums['probability'])} in probabilities.",
        f"`{run['command']}` on {run['machine']}.",
    ]
    return "\n".join([*lines, "", " ".join(said)])


def chat_table(results: Path = RESULTS) -> str:
    """Return the recorded scores of a model that chats as Markdown."""
    run = _recorded(results / "chat.json")
    if run is None or "right_choice" not in run["metrics"]["test"]:
        return "No run is recorded yet."
    test, baseline = run["metrics"]["test"], run["metrics"]["baseline"]
    heads = ["held-out dialogues", "replies", "perplexity", "of another context", "right of ten", "the baseline's"]
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    for name, own, other in (("all", test, baseline), ("unlike those in training", *_apart(test, baseline))):
        if own:
            cells = [
                f"{own['rows']:,}",
                f"{own['perplexity']:.1f}",
                f"{own['perplexity_of_another_context']:.1f}",
                f"{_share(own['right_choice'])} [{_interval(own['right_choice_ci95'])}]",
                f"{_share(other['right_choice'])} [{_interval(other['right_choice_ci95'])}]",
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    said = f"Chance finds {_share(1 / test['choices'])}. In brackets: 95 % intervals. `{run['command']}` on "
    note = f" {run['note']}" if run.get("note") else ""
    return "\n".join([*lines, "", f"{said}{run['machine']}; {run['wall_seconds']:.0f} s in all.{note}"])


MULTILABEL = {"trec": "TREC questions, two labels each", "debtags": "Debian's packages and their tags"}
"""What `benchmarks/multilabel.py` measures, in words."""


def multilabel_table(results: Path = RESULTS) -> str:
    """Return what was recorded of models that give several labels as Markdown."""
    heads = ["", "labels", "held out", "micro F1", "baseline", "difference", "macro F1", "baseline"]
    lines, notes = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)], []
    for name, title in MULTILABEL.items():
        path = results / f"multilabel_{name}.json"
        if not path.exists():
            continue
        run = json.loads(path.read_text(encoding="utf-8"))
        micro, macro, paired = run["mean"]["micro_f1"], run["mean"]["macro_f1"], run["micro_f1_paired"]
        low, high = (f"{100 * end:+.1f}" for end in paired["difference_ci95"])
        cells = [
            f"{run['labels']}",
            f"{run['rows']['held out']:,}",
            _share(micro["model"]),
            _share(micro["baseline"]),
            f"{100 * paired['difference']:+.1f} [{low}, {high}]",
            _share(macro["model"]),
            _share(macro["baseline"]),
        ]
        lines.append(f"| {title} | {' | '.join(cells)} |")
        notes.append(f"{run['machine']}, {run['wall_seconds']:.0f} s")
    if not notes:
        return "No run is recorded yet."
    said = "In brackets: the 95 % interval of the difference in points, over rows drawn again. Means of three seeds."
    return "\n".join([*lines, "", f"{said} {'; '.join(dict.fromkeys(notes))}."])


def translate_table(results: Path = RESULTS) -> str:
    """Return the recorded scores of a translator as Markdown."""
    run = _recorded(results / "translate.json")
    if run is None:
        return "No run is recorded yet."
    test, baseline = run["metrics"]["test"], run["metrics"]["baseline"]
    lines = [f"| {test['rows']:,} held-out texts | BLEU | chrF |", "|---|---:|---:|"]
    for name, scores in (("the model", test), (baseline["name"].lower(), baseline)):
        figures = [f"{scores[each]:.1f} [{_ends(scores[f'{each}_ci95'])}]" for each in ("bleu", "chrf")]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    said = f"In brackets: 95 % intervals. `{run['command']}` on {run['machine']}; "
    return "\n".join([*lines, "", f"{said}{run['cpu_seconds']:.0f} s of processor time in all."])


def _ends(interval: Sequence[float]) -> str:
    return " to ".join(f"{end:.1f}" for end in interval)


def _apart(*scores: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple(each.get("apart") or {} for each in scores)


def streaming_table(results: Path = RESULTS) -> str:
    """Return the recorded costs of a stream's tokens as Markdown."""
    run = _recorded(results / "streaming.json")
    if run is None:
        return "No run is recorded yet."
    heads = "| tokens before | one token alone | of it processor time | one of 1,000 in a chunk | state as JSON |"
    lines = [heads, "|" + "---|" * 5]
    for place in run["metrics"]["places"]:
        times = (
            place["microseconds_a_token"],
            place["processor_microseconds_a_token"],
            place["microseconds_a_token_in_chunks_of_1000"],
        )
        cells = [f"{place['tokens']:,}", *(f"{time:.0f} µs" for time in times), f"{place['state_json_bytes']:,} bytes"]
        lines.append(f"| {' | '.join(cells)} |")
    said = f"`{run['command']}` on {run['machine']}; load average before: {run['load_average_before']}."
    return "\n".join([*lines, "", said])


def cells_table(results: Path = RESULTS) -> str:
    """Return the recorded accuracies of the minimal cells beside a GRU and an LSTM as Markdown."""
    runs = {title: run for name, title in CELLS.items() if (run := _recorded(results / f"{name}.json"))}
    if not runs:
        return "No run is recorded yet."
    lines = ["| data | cell | held-out accuracy | of the seeds | weights |", "|" + "---|" * 5]
    said = []
    for title, run in runs.items():
        for cell in run["metrics"]["cells"]:
            ends = [min(cell["accuracy_by_seed"]), max(cell["accuracy_by_seed"])]
            accuracy = f"{_share(cell['accuracy'])} [{_interval(cell['accuracy_ci95'])}]"
            words = [title, CELL_NAMES[cell["cell"]], accuracy, _interval(ends), f"{cell['parameters']:,}"]
            lines.append(f"| {' | '.join(words)} |")
        best, paired = run["metrics"]["best"], run["metrics"]["paired_with_best"]
        beside = ", ".join(
            f"{CELL_NAMES[cell]} {100 * test['difference']:+.1f} points ({_chance(test['p_value'])})"
            for cell, test in paired.items()
        )
        counts = (
            f"{run['metrics']['split']['train']:,} rows to learn from, {run['metrics']['split']['test']:,} held out"
        )
        said.append(
            f"- {title}: {counts}, {run['metrics']['seeds']} seeds. Paired on the same rows, {CELL_NAMES[best]} beside "
            f"{beside}. `{run['command']}`"
        )
    return "\n".join([*lines, "", "In brackets: 95 % intervals.", "", *said])


def cells_speed(results: Path = RESULTS) -> str:
    """Return the recorded speed of a training step with each cell as Markdown."""
    run = _recorded(results / "kernel_cells.json")
    if run is None:
        return "No run is recorded yet."
    lines = ["| cell | reviews a second of processor time, fp32 | bf16 |", "|---|---|---|"]
    rates: dict[str, dict[str, int]] = {}
    for step in run["metrics"]["steps"]:
        rates.setdefault(step["cell"], {})[step["precision"]] = step["rows_per_processor_second"]["kernel"]
    for cell, each in rates.items():
        shown = [f"{each[name]:,}" if name in each else "" for name in ("fp32", "bf16")]
        lines.append(f"| {CELL_NAMES[cell]} | {' | '.join(shown)} |")
    setting = run["metrics"]["setting"]
    said = (
        f"Training steps with the kernel on one thread: {setting['tokens']} tokens a review, batches of "
        f"{run['metrics']['steps'][0]['batch']}, width {setting['embedding']}, both directions of {setting['hidden']} "
        f"units, the look-up of words, the head and Adam included. `{run['command']}` on "
        f"{run['machine']}, beside other programs (load average {run['load_average']})."
    )
    return "\n".join([*lines, "", said])


def _points(fall: dict[str, Any]) -> str:
    mean, low, high = (f"{round(100 * share, 1) + 0.0:.1f}" for share in (fall["mean"], *fall["ci95"]))
    return f"{mean} [{low} to {high}]"


def _recorded(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    run: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    missing = {"name", "command", "machine", "metrics"} - run.keys()
    if missing:
        raise ValueError(f"{path}: no {', '.join(sorted(missing))}; see benchmarks/README.md")
    return run


def _run_row(run: dict[str, Any]) -> str:
    metrics = run["metrics"]
    test, baseline, paired = metrics["test"], metrics.get("baseline"), metrics.get("paired")
    cells = [
        run["name"],
        f"**{_share(test['accuracy'])}** [{_interval(test['accuracy_ci95'])}], {test['rows']:,} rows",
        f"{_share(baseline['accuracy'])} [{_interval(baseline['accuracy_ci95'])}]" if baseline else "",
        f"{100 * paired['difference']:+.1f} points, {_chance(paired['p_value'])}" if paired else "",
        _share(metrics["train"]["accuracy"]),
        f"{run.get('wall_seconds', metrics['timing']['total']):.0f} s",
    ]
    return f"| {' | '.join(cells)} |"


def _cell_row(cell: dict[str, Any]) -> str:
    cells = [
        CELL_NAMES[cell["cell"]],
        f"{_share(cell['accuracy'])} [{_interval(cell['accuracy_ci95'])}]",
        f"{cell['train_seconds']:.0f} s",
        f"{cell['parameters']:,}",
        f"{cell['latency_p50_ms']:.2f} ms",
    ]
    return f"| {' | '.join(cells)} |"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _interval(interval: list[float]) -> str:
    return f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"


def _chance(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


if __name__ == "__main__":
    sys.exit(main())
