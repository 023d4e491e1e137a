"""Options: each has one name, one default and one sentence, here.

The command line, the Python API, config files, the manifest and the reference page derive from these classes.
An option's name is written with hyphens on the command line and in either way in a config file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from recurra.errors import OptionError, did_you_mean
from recurra.kernel.layout import Cell, Direction
from recurra.tasks.classify.shape import Pooling
from recurra.tasks.generate.tokenizer import Level
from recurra.tasks.tag.shape import Characters
from recurra.text.words import Truncate


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class ReadOptions(_Options):
    """How a file is read, and which of its columns are used."""

    text: str | None = Field(None, description="Column with the text. Guessed when the header makes it obvious.")
    label: str | None = Field(None, description="Column with the label. Guessed when the header makes it obvious.")
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="Character between fields (default: ',' in .csv, tab in .tsv)."
    )
    quote: str | None = Field(
        None, max_length=1, description="Character around fields (default: '\"' in .csv; .tsv has none; '' for none)."
    )
    header: bool = Field(
        True, description="Whether the first row names the columns; else they are column0, column1 ..."
    )
    encoding: str = Field("utf-8", description="Encoding of a text file.")
    bad_rows: Literal["stop", "skip"] = Field(
        "stop", description="What to do with a structurally broken row: stop, or skip it into a rejects file."
    )


class SplitOptions(_Options):
    """Which rows are used, which of them are held out to judge the model, and what it is compared with."""

    split: float = Field(0.1, gt=0, lt=1, description="Share of the rows to hold out, stratified by label.")
    split_column: str | None = Field(
        None, description="Column that says train or test (also valid) for each row, instead of --split."
    )
    test: str | None = Field(None, description="File with the held-out rows, instead of --split.")
    baseline: bool = Field(True, description="Also train TF-IDF with logistic regression on the same rows, to compare.")
    rows: int | None = Field(
        None, ge=10, description="Use only so many rows, drawn at random; with parts as said, so many training rows."
    )


class RecurrentOptions(_Options):
    """The recurrent layers, whatever the task."""

    cell: Cell = Field("lstm", description="Recurrent cell.")
    layers: int = Field(1, ge=1, le=16, description="Recurrent layers, one reading the outputs of the one before.")
    hidden: int = Field(64, ge=1, le=8192, description="Width of the state in each direction.")
    embedding: int = Field(128, ge=1, le=8192, description="Width of a word's vector.")
    dropout: float = Field(0.5, ge=0, lt=1, description="Share of values dropped in training.")


class NetworkOptions(RecurrentOptions):
    """The tokens and the network."""

    direction: Direction = Field("both", description="Read each text both ways, or forward only.")
    pooling: Pooling = Field("max-mean", description="How the outputs over time become one vector.")
    vocabulary: int = Field(30_000, ge=1, le=1_000_000, description="Most words to know.")
    min_count: int = Field(2, ge=1, description="Times that a word must occur in the training rows to be known.")
    max_tokens: int = Field(1000, ge=1, le=100_000, description="Longest text in tokens; a longer one is cut.")
    truncate: Truncate = Field(
        "tail", description="Part of a longer text to keep: its head, its tail, or half of both."
    )
    punctuation: bool = Field(True, description="Whether punctuation signs are tokens, as words are.")
    fill: bool = Field(False, description="Fill every text in front up to --max-tokens, as in the tutorial's recipe.")


class FitOptions(_Options):
    """How the network is trained."""

    epochs: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="Passes over the training rows (default: few for large data, many for small).",
    )
    batch: int = Field(32, ge=1, le=65_536, description="Texts in one step.")
    learning_rate: float = Field(6e-3, gt=0, le=10, description="Highest rate of the schedule.")
    schedule: Literal["one-cycle", "constant"] = Field("one-cycle", description="Course of the learning rate.")
    clip: float | None = Field(5.0, gt=0, description="Largest norm of the gradient.")
    patience: int | None = Field(
        3,
        ge=1,
        description="Epochs without a better (calibrated) validation loss after which training stops.",
    )
    valid: float = Field(
        0.1, gt=0, lt=1, description="Share of the training rows (2,000 at most) that steers training instead."
    )
    keep: Literal["best", "last"] = Field(
        "best", description="Weights to keep: of the best epoch by validation, or the last."
    )
    seed: int = Field(0, ge=0, lt=2**32, description="Seed of the split, the weights and the order of the rows.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where to train.")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="Number format of the recurrent layers in training; auto takes bf16 where it is fast."
    )
    threads: int | None = Field(None, ge=1, le=1024, description="Processor threads (default: one a core).")


TEMPERATURE = "Below 1: keep to what is likely; above 1: wander; 0: always the likeliest."
"""Of the tasks that write, on the command line and over HTTP."""

Quantise = Literal["auto", "always", "never"]

Task = Literal["classify", "generate", "tag", "translate", "chat"]


class TaskOptions(FitOptions):
    """What every task has: its name, and how its network is trained."""

    task: Task = Field("classify", description="Shape of the problem: what goes in, and what comes out.")


class ClassifyOptions(FitOptions):
    """How a classifier is trained."""

    window: int | None = Field(
        400, ge=1, description="Tokens of a longer text that a training step reads; the model reads --max-tokens."
    )
    word_dropout: float = Field(0.35, ge=0, lt=1, description="Share of the words hidden from a training step.")
    word_vectors: Literal["counted", "random"] = Field(
        "counted",
        description="What word vectors start from: the company of words in the training rows, or random numbers.",
    )
    calibrate: bool = Field(
        True, description="Fit a temperature on the validation rows, so that probabilities are honest."
    )
    quantise: Quantise = Field(
        "auto",
        description="Weights of the saved graph in int8: where validation rows show it as right and faster (auto), or "
        "as right (always), or never.",
    )


class ModelOptions(NetworkOptions, ClassifyOptions):
    """What makes a model out of texts and labels: the parameters of `SequenceClassifier`."""


class TrainOptions(ReadOptions, SplitOptions, ModelOptions, TaskOptions):
    """What `recurra train` and a config file take to classify. `recipe` sets other defaults for the rest."""

    recipe: Literal["default", "tutorial"] = Field(
        "default", description="Set of defaults: this project's, or the well-known tutorial's model."
    )

    @model_validator(mode="after")
    def _one_way_to_split(self) -> TrainOptions:
        if self.split_column is not None and self.test is not None:
            raise ValueError("--split-column and --test both say which rows are held out; give one of them")
        return self


class TaggingOptions(_Options):
    """What a tagger has of its own: where words and tags stand, and how a word is seen."""

    word_column: str | None = Field(
        None, description="Where the words stand: a column's name or number (default: FORM, the first, or tokens)."
    )
    tag_column: str | None = Field(
        None,
        description="Where the tags stand: upos, xpos, a name, or a number (default: upos, the last, or tags).",
    )
    crf: bool | None = Field(
        None,
        description="Judge tags as a chain, by a conditional random field (default: where they mark spans, B- and I-).",
    )
    characters: Characters = Field("convolution", description="How a word's spelling is read.")
    affix_embedding: int = Field(
        128, ge=0, le=8192, description="Width of the vectors of prefixes and suffixes; 0 for none."
    )


class TagOptions(RecurrentOptions, TaskOptions, TaggingOptions):
    """What `recurra train --task tag` takes."""

    encoding: str = Field("utf-8", description="Encoding of a text file.")
    split: float = Field(0.1, gt=0, lt=1, description="Share of the sentences to hold out.")
    test: str | None = Field(None, description="File with the held-out sentences, instead of --split.")
    baseline: bool = Field(True, description="Also judge the most frequent tag of each word, to compare.")
    vocabulary: int = Field(30_000, ge=1, le=1_000_000, description="Most words to know.")
    min_count: int = Field(2, ge=1, description="Times that a word must occur in the training rows to be known.")
    word_dropout: float = Field(0.25, ge=0, lt=1, description="Share of the words hidden from a training step.")


class WritingOptions(_Options):
    """What a writing model has of its own: what a symbol is, and how the text is cut for training."""

    level: Level = Field("char", description="What is written one by one: characters, words, or pieces of words (bpe).")
    unroll: int = Field(64, ge=1, le=100_000, description="Symbols of a training step through which gradients flow.")
    weight_dropout: float = Field(
        0.0, ge=0, lt=1, description="Share of the weights from state to state that a training step drops."
    )
    tied: bool | None = Field(
        None, description="Use the symbols' vectors for reading and writing alike (default: for words and pieces)."
    )


class GenerateOptions(RecurrentOptions, TaskOptions, WritingOptions):
    """What `recurra train --task generate` takes."""

    encoding: str = Field("utf-8", description="Encoding of a text file.")
    split: float = Field(0.1, gt=0, lt=1, description="Share of the text to hold out, at its end.")
    test: str | None = Field(None, description="File with the held-out text, instead of --split.")
    baseline: bool = Field(True, description="Also judge an n-gram model on the same text, to compare.")
    vocabulary: int = Field(30_000, ge=2, le=1_000_000, description="Most words or pieces to know.")
    min_count: int = Field(2, ge=1, description="Times that a word must occur in the training text to be known.")

    @model_validator(mode="before")
    @classmethod
    def _by_level(cls, said: Any) -> Any:
        return {**LEVEL_DEFAULTS.get(said.get("level", "char"), {}), **said} if isinstance(said, Mapping) else said


LEVEL_DEFAULTS: dict[str, dict[str, Any]] = {
    "char": {"embedding": 64, "dropout": 0.25},
    "word": {"embedding": 256, "dropout": 0.5},
    "bpe": {"embedding": 256, "dropout": 0.4, "vocabulary": 4_000},
}
"""Defaults of a writing model that depend on what a symbol is."""


class PairOptions(RecurrentOptions, TaskOptions):
    """What every task that writes an answer to a text takes: `translate` and `chat`."""

    encoding: str = Field("utf-8", description="Encoding of a text file.")
    split: float = Field(0.1, gt=0, lt=1, description="Share of the rows to hold out.")
    test: str | None = Field(None, description="File with the held-out rows, instead of --split.")
    baseline: bool = Field(True, description="Also judge a simpler model on the same rows, to compare.")
    rows: int | None = Field(None, ge=10, description="Use only so many training rows, drawn at random.")
    vocabulary: int = Field(6_000, ge=258, le=1_000_000, description="Most pieces of words to know.")
    max_tokens: int = Field(100, ge=1, le=10_000, description="Longest text in pieces; a longer one is cut.")
    label_smoothing: float = Field(
        0.1, ge=0, lt=1, description="Share of the probability that a right piece leaves to the others in training."
    )
    beam: int = Field(5, ge=1, le=64, description="Ways to go on that the search for an answer keeps; 1 is greedy.")
    length_penalty: float = Field(
        1.0, ge=0, le=4, description="Power of its length by which an answer's score is divided: more, longer."
    )


class TranslateOptions(PairOptions):
    """What `recurra train --task translate` takes."""

    source: str | None = Field(None, description="Column with the texts to translate. Guessed where it is obvious.")
    target: str | None = Field(None, description="Column with the translations. Guessed where it is obvious.")
    target_file: str | None = Field(
        None, description="File whose line n is the translation of line n of DATA, instead of columns."
    )
    test_target_file: str | None = Field(
        None, description="File whose line n is the translation of line n of --test, instead of columns."
    )
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="Character between fields (default: ',' in .csv, tab in .tsv)."
    )
    quote: str | None = Field(
        None, max_length=1, description="Character around fields (default: '\"' in .csv; .tsv has none; '' for none)."
    )
    header: bool = Field(
        True, description="Whether the first row names the columns; else they are column0, column1 ..."
    )
    bad_rows: Literal["stop", "skip"] = Field(
        "stop", description="What to do with a structurally broken row: stop, or skip it into a rejects file."
    )

    @model_validator(mode="after")
    def _test_as_data(self) -> TranslateOptions:
        if self.test_target_file is not None and self.test is None:
            raise ValueError("--test-target-file goes with --test, the file of the held-out texts")
        if self.test is not None and (self.target_file is None) != (self.test_target_file is None):
            raise ValueError("give --target-file and --test-target-file both, or neither: --test is read as DATA is")
        return self


class ChatOptions(PairOptions):
    """What `recurra train --task chat` takes."""

    turns: str = Field("turns", description="Key under which a dialogue's turns stand, in order.")
    context: int = Field(3, ge=1, le=100, description="Last turns that a reply is made from.")


class ApplyOptions(ReadOptions):
    """What `recurra evaluate` and `recurra predict` take besides the model; each task takes some of it."""

    word_column: str | None = Field(None, description="A tagger's words: a column's name or number.")
    tag_column: str | None = Field(None, description="A tagger's tags: a column's name or number.")
    source: str | None = Field(None, description="Column with the texts to translate.")
    target: str | None = Field(None, description="Column with the translations to judge by.")
    target_file: str | None = Field(None, description="File whose line n is the translation of line n of DATA.")
    turns: str | None = Field(None, description="Key under which a dialogue's turns stand.")
    beam: int | None = Field(None, ge=1, le=100, description="Ways to go on that the search for an answer keeps.")
    length_penalty: float | None = Field(None, ge=0, le=10, description="Power of its length in an answer's score.")


RECIPES: dict[str, dict[str, Any]] = {
    "default": {},
    "tutorial": {
        "pooling": "last",
        "dropout": 0.0,
        "vocabulary": 20_000,
        "max_tokens": 256,
        "truncate": "tail",
        "fill": True,
        "punctuation": False,
        "window": None,
        "batch": 32,
        "precision": "fp32",
        "valid": 0.01,
        "word_dropout": 0.0,
        "word_vectors": "random",
        "epochs": 4,
        "learning_rate": 1e-3,
        "schedule": "constant",
        "clip": None,
        "patience": None,
        "keep": "last",
        "calibrate": False,
    },
}
"""Other defaults, by recipe. `tutorial`: Embedding(128) -> Bidirectional(LSTM(64)) -> one sigmoid unit, sequences cut
and filled in front to 256 words, no punctuation, Adam at 0.001 for 4 epochs, and no help from validation rows."""

TASK_OPTIONS: dict[str, type[TaskOptions]] = {
    "classify": TrainOptions,
    "tag": TagOptions,
    "generate": GenerateOptions,
    "translate": TranslateOptions,
    "chat": ChatOptions,
}
"""What `recurra train` takes, by task."""

TASK_DEFAULTS: dict[str, dict[str, Any]] = {
    "generate": {
        "hidden": 512,
        "batch": 64,
        "learning_rate": 4e-3,
        "clip": 1.0,
        "valid": 0.05,
        "patience": None,
    },
    "tag": {"hidden": 128, "dropout": 0.4, "learning_rate": 4e-3, "patience": None, "valid": 0.05},
    "translate": {"hidden": 256, "embedding": 256, "dropout": 0.3, "batch": 96, "learning_rate": 2e-3, "valid": 0.05},
    "chat": {
        "hidden": 128,
        "dropout": 0.3,
        "learning_rate": 6e-3,
        "valid": 0.05,
        "max_tokens": 64,
        "label_smoothing": 0.0,
    },
}
"""Defaults of a task that differ from those of the options' own definition."""

Model = TypeVar("Model", bound=BaseModel)
DEFAULTS = ModelOptions()
MAX_VALID_ROWS = 2_000


def train_options(flags: Mapping[str, Any], config_file: Path | None = None) -> TrainOptions:
    """Return the options for training a classifier: see `task_options`. Raises OptionError also for another task."""
    options = task_options(flags, config_file)
    if not isinstance(options, TrainOptions):
        raise OptionError(f"--task {options.task}: only 'classify' is possible here.")
    return options


def task_options(flags: Mapping[str, Any], config_file: Path | None = None) -> TaskOptions:
    """Return the options of a training run, of the class in `TASK_OPTIONS` that its task has.

    `flags` go before the config file, that before the recipe and the task, those before the defaults.
    flags: only what was said on the command line, by field name. Raises OptionError for an unknown name or a value
    out of range, and names the option, what was given and what is accepted.
    """
    said = {**(read_config(config_file) if config_file else {}), **flags}
    for other in ("split_column", "test"):
        if said.get("split") is not None and said.get(other) is not None:
            raise OptionError(f"{flag('split')} and {flag(other)} both say which rows are held out; give one of them.")
    task = validated(TaskOptions, {"task": said["task"]} if "task" in said else {}).task
    model = TASK_OPTIONS[task]
    for name in said:
        if name not in model.model_fields and name in known_options():
            tasks = [other for other, options in TASK_OPTIONS.items() if name in options.model_fields]
            raise OptionError(f"{flag(name)} does not go with --task {task}; it goes with {', '.join(tasks)}.")
    recipe = RECIPES.get(str(said.get("recipe", "default")), {}) if "recipe" in model.model_fields else {}
    return validated(model, {**TASK_DEFAULTS.get(task, {}), **recipe, **said})


def known_options() -> set[str]:
    """Return the names of the options of all tasks."""
    return {name for model in TASK_OPTIONS.values() for name in model.model_fields}


def read_config(path: Path) -> dict[str, Any]:
    """Return the options in a TOML file, by field name. Raises OptionError for what is unreadable or unknown."""
    try:
        with path.open("rb") as file:
            plain = tomllib.load(file)
    except OSError as error:
        raise OptionError(f"Cannot read the config file {path}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"The config file {path} is not valid TOML: {error}.") from None
    known = known_options()
    options: dict[str, Any] = {}
    for key, value in plain.items():
        name = key.replace("-", "_")
        if name not in known:
            hint = did_you_mean(name, known) or f" Known options: {', '.join(sorted(known))}."
            raise OptionError(f"The config file {path} has an unknown option '{key}'.{hint}")
        if name in options:
            raise OptionError(
                f"The config file {path} gives the option '{key}' twice, with a hyphen and an underscore."
            )
        options[name] = value
    return options


def validated(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Return `model(**values)`; a ValidationError becomes an OptionError in plain words."""
    try:
        return model(**values)
    except ValidationError as error:
        raise OptionError(" ".join(_plain_words(model, dict(problem)) for problem in error.errors())) from None


def _plain_words(model: type[BaseModel], problem: dict[str, Any]) -> str:
    if not problem["loc"]:
        return str(problem["ctx"]["error"] if "error" in problem.get("ctx", {}) else problem["msg"]) + "."
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return f"Unknown option '{name}'.{did_you_mean(name, model.model_fields)}"
    field = model.model_fields[name]
    choices = re.findall("'([^']*)'", problem["ctx"]["expected"]) if problem["type"] == "literal_error" else []
    return (
        f"Option {flag(name)} cannot be {problem['input']!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}."
        f"{did_you_mean(str(problem['input']), choices)} ({field.description} Default: {field.default}.)"
    )


def flag(name: str) -> str:
    """Return a field's name as it is written on the command line."""
    return "--" + name.replace("_", "-")
