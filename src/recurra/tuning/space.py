"""The search space: which options a search tries, and between which values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from recurra.errors import OptionError, brief, near_name
from recurra.options.base import field_name, flag, validated
from recurra.options.training import TaskOptions
from recurra.tasks.configuration import read_toml


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, whole ones where both are; log: equally many of each order of magnitude."""

    low: float
    high: float
    log: bool = False

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return self.low <= value <= self.high and (isinstance(value, int) or not self.whole)

    @property
    def whole(self) -> bool:
        """Whether it has whole numbers alone."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def ends(self) -> tuple[Any, ...]:
        """Return values that an option must accept if it accepts all."""
        return (self.low, self.high)

    def plain(self) -> dict[str, Any]:
        """Return it as a file has it."""
        return asdict(self)


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    values: tuple[Any, ...]

    def __contains__(self, value: object) -> bool:
        return any(value == each and type(value) is type(each) for each in self.values)

    def ends(self) -> tuple[Any, ...]:
        """Return values that an option must accept if it accepts all."""
        return self.values

    def plain(self) -> list[Any]:
        """Return it as a file has it."""
        return list(self.values)


Space: TypeAlias = dict[str, Range | Choice]

DEFAULT: Space = {
    "cell": Choice(("lstm", "gru")),
    "hidden": Range(32, 256, log=True),
    "layers": Range(1, 2),
    "embedding": Range(32, 256, log=True),
    "pooling": Choice(("max", "mean", "max-mean", "last")),
    "ngrams": Range(0, 3),
    "dropout": Range(0.0, 0.7),
    "word_dropout": Range(0.0, 0.5),
    "learning_rate": Range(3e-4, 2e-2, log=True),
    "batch": Choice((16, 32, 64)),
}
"""What is searched unless a file says otherwise: those that the task has, and that are not given."""

OF_VECTORS = frozenset({"embedding"})
"""Options whose value comes with a file of word vectors."""
OF_A_START = frozenset({"cell", "hidden", "layers", "embedding", "direction", "pooling", "ngrams", "level"})
"""Options whose value comes with a base or a model to start from."""


def space_of(options: TaskOptions, given: Collection[str], file: Path | None) -> Space:
    """Return what is searched: the space in `file`, or the default one without the options that are `given`.

    Raises OptionError for a file that cannot be read, a name that the task does not have or that is given besides, and
    values that the option does not take.
    """
    fields = type(options).model_fields
    if file is None:
        fixed = set(given) | _decided(options)
        space = {name: values for name, values in DEFAULT.items() if name in fields and name not in fixed}
        space = {name: values for name, values in space.items() if not _problem(options, name, values)}
        if not space:
            raise OptionError("Every option of the search space is given: nothing is left to search. Leave one out.")
        return space
    space = _read(file, fields)
    for name, values in space.items():
        if name in given:
            raise OptionError(f"{flag(name)} is given, and searched by --space {file}. Leave one of them out.")
        if problem := _problem(options, name, values):
            raise OptionError(f"--space {file}: {problem}")
    return space


def _decided(options: TaskOptions) -> frozenset[str]:
    """Return the options that come with what the network starts from."""
    if getattr(options, "from_", None) is not None:
        return OF_A_START
    vectors = getattr(options, "word_vectors", None)
    return frozenset() if vectors in (None, "counted", "random") else OF_VECTORS


def _problem(options: TaskOptions, name: str, values: Range | Choice) -> str:
    """Return what is wrong with the values of an option beside those that are given; "" where nothing is."""
    given = {field: getattr(options, field) for field in options.model_fields_set}
    for value in values.ends():
        try:
            validated(type(options), {**given, name: value})
        except OptionError as error:
            return str(error)
    return ""


def _read(file: Path, fields: Collection[str]) -> Space:
    plain = read_toml(file, f"--space {file}")
    space: Space = {}
    for key, value in plain.items():
        name = field_name(key, fields)
        if name not in fields or name in ("task", "seed"):
            why = "is not searched" if name in fields else "is no option of this task"
            raise OptionError(f"--space {file}: {brief(key)} {why}.{near_name(name, sorted(fields))}")
        space[name] = _values(file, key, value)
    if not space:
        raise OptionError(
            f"--space {file} names no option. A line of it: hidden = {{low = 32, high = 256, log = true}}."
        )
    return space


def _values(file: Path, key: str, value: Any) -> Range | Choice:
    """Return the values that a file has for an option. Raises OptionError where they are none."""
    if isinstance(value, list):
        if len(value) < 2 or len({repr(each) for each in value}) < len(value):
            raise OptionError(f"--space {file}: {key} needs two different values or more in its list.")
        if not all(isinstance(each, str | int | float | bool) for each in value):
            raise OptionError(f"--space {file}: {key} has a list of texts, numbers, or true and false.")
        return Choice(tuple(value))
    if isinstance(value, Mapping) and {"low", "high"} <= set(value) <= {"low", "high", "log"}:
        low, high, log = value["low"], value["high"], value.get("log", False)
        numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (low, high))
        if numbers and isinstance(log, bool) and low < high and (low > 0 or not log):
            whole = isinstance(low, int) and isinstance(high, int)
            return Range(low, high, log) if whole else Range(float(low), float(high), log)
    raise OptionError(
        f"--space {file}: {key} is {brief(str(value))}; accepted are a list of values, such as [32, 64], or a range, "
        "such as {low = 1e-4, high = 1e-2, log = true}, whose low is below its high, and above 0 with log."
    )


def rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with three significant digits, as they are trained with, shown and typed."""
    return {name: float(f"{value:.3g}") if isinstance(value, float) else value for name, value in values.items()}


def on_command_line(values: Mapping[str, Any], write: Callable[[str], str]) -> str:
    """Return options as they are written on the command line. write: quotes a word for a shell."""
    words = []
    for name, value in values.items():
        if isinstance(value, bool):
            words.append(flag(name) if value else "--no-" + flag(name).removeprefix("--"))
        else:
            words += [flag(name), write(repr(value) if isinstance(value, float) else str(value))]
    return " ".join(words)
