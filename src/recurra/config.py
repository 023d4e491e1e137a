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
from recurra.network_shape import Cell, Direction, Pooling
from recurra.tokens import Truncate


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


class NetworkOptions(_Options):
    """The tokens and the network."""

    cell: Cell = Field("lstm", description="Recurrent cell.")
    direction: Direction = Field("both", description="Read each text both ways, or forward only.")
    layers: int = Field(1, ge=1, le=16, description="Recurrent layers, one reading the outputs of the one before.")
    hidden: int = Field(64, ge=1, le=8192, description="Width of the state in each direction.")
    embedding: int = Field(128, ge=1, le=8192, description="Width of a word's vector.")
    pooling: Pooling = Field("max", description="How the outputs over time become one vector.")
    dropout: float = Field(0.3, ge=0, lt=1, description="Share of values dropped in training.")
    vocabulary: int = Field(30_000, ge=1, le=1_000_000, description="Most words to know.")
    min_count: int = Field(2, ge=1, description="Times that a word must occur in the training rows to be known.")
    max_tokens: int = Field(1000, ge=1, le=100_000, description="Longest text in tokens; a longer one is cut.")
    truncate: Truncate = Field(
        "tail", description="Part of a longer text to keep: its head, its tail, or half of both."
    )
    fill: bool = Field(False, description="Fill every text in front up to --max-tokens, as in the tutorial's recipe.")


class FitOptions(_Options):
    """How the network is trained."""

    epochs: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="Passes over the training rows (default: 3 for large data, up to 20 for small).",
    )
    window: int | None = Field(
        256, ge=1, description="Tokens of a longer text that a training step reads; the model reads --max-tokens."
    )
    word_dropout: float = Field(0.25, ge=0, lt=1, description="Share of the words hidden from a training step.")
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
    calibrate: bool = Field(
        True, description="Fit a temperature on the validation rows, so that probabilities are honest."
    )
    seed: int = Field(0, ge=0, lt=2**32, description="Seed of the split, the weights and the order of the rows.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where to train.")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="Number format of the recurrent layers in training; auto takes bf16 where it is fast."
    )
    threads: int | None = Field(None, ge=1, le=1024, description="Processor threads (default: one a core).")


class ModelOptions(NetworkOptions, FitOptions):
    """What makes a model out of texts and labels: the parameters of `SequenceClassifier`."""


class TrainOptions(ReadOptions, SplitOptions, ModelOptions):
    """What `recurra train` and a config file take. `recipe` sets other defaults for the rest."""

    recipe: Literal["default", "tutorial"] = Field(
        "default", description="Set of defaults: this project's, or the well-known tutorial's model."
    )

    @model_validator(mode="after")
    def _one_way_to_split(self) -> TrainOptions:
        if self.split_column is not None and self.test is not None:
            raise ValueError("--split-column and --test both say which rows are held out; give one of them")
        return self


RECIPES: dict[str, dict[str, Any]] = {
    "default": {},
    "tutorial": {
        "pooling": "last",
        "dropout": 0.0,
        "vocabulary": 20_000,
        "max_tokens": 200,
        "truncate": "tail",
        "fill": True,
        "window": None,
        "batch": 64,
        "word_dropout": 0.0,
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
and filled in front to 200 ids, Adam at 0.001 for 4 epochs, and no help from validation rows."""

Model = TypeVar("Model", bound=BaseModel)
DEFAULTS = ModelOptions()
MAX_VALID_ROWS = 2_000


def train_options(flags: Mapping[str, Any], config_file: Path | None = None) -> TrainOptions:
    """Return the options of a training run: `flags` before the config file before the recipe before the defaults.

    flags: only what was said on the command line, by field name. Raises OptionError for an unknown name or a value
    out of range, and names the option, what was given and what is accepted.
    """
    said = {**(read_config(config_file) if config_file else {}), **flags}
    for other in ("split_column", "test"):
        if said.get("split") is not None and said.get(other) is not None:
            raise OptionError(f"{flag('split')} and {flag(other)} both say which rows are held out; give one of them.")
    recipe = str(said.get("recipe", "default"))
    return validated(TrainOptions, {**RECIPES.get(recipe, {}), **said})


def read_config(path: Path) -> dict[str, Any]:
    """Return the options in a TOML file, by field name. Raises OptionError for what is unreadable or unknown."""
    try:
        with path.open("rb") as file:
            plain = tomllib.load(file)
    except OSError as error:
        raise OptionError(f"Cannot read the config file {path}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"The config file {path} is not valid TOML: {error}.") from None
    known = TrainOptions.model_fields
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
