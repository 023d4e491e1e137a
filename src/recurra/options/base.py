"""What every class of options is, and how wrong values are reported.

The command line, the Python API, config files, the manifest and the reference page derive from the fields of such
classes. A field's name is written with hyphens on the command line, and either way in a config file. A field that
several classes have is defined once, in this folder, as an annotated type with its bounds and its sentence; a class
adds no more than its own default.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from recurra.errors import OptionError, did_you_mean, near_name


class Options(BaseModel):
    """Named values that do not change, each of its own type and checked against its bounds; every number is finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), strict=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], values: Mapping[str, Any], names: Mapping[str, str] | None = None) -> Model:
    """Return `model(**values)`; a ValidationError becomes an OptionError in plain words.

    A NumPy number counts as the number that it is. names: what a message calls a value that no flag gave, by field.
    """
    try:
        return model(**{name: _plain_number(value) for name, value in values.items()})
    except ValidationError as error:
        raise OptionError(
            " ".join(_plain_words(model, dict(problem), names or {}) for problem in error.errors())
        ) from None


def _plain_number(value: Any) -> Any:
    """Return a scalar of NumPy as one of Python, and anything else as it is."""
    return value.item() if type(value).__module__ == "numpy" and getattr(value, "shape", None) == () else value


def _plain_words(model: type[BaseModel], problem: dict[str, Any], names: Mapping[str, str]) -> str:
    if not problem["loc"]:
        return str(problem["ctx"]["error"] if "error" in problem.get("ctx", {}) else problem["msg"]) + "."
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return f"Unknown option '{name}'.{near_name(name, model.model_fields)}"
    field = model.model_fields[name]
    choices = re.findall("'([^']*)'", problem["ctx"]["expected"]) if problem["type"] == "literal_error" else []
    default = "" if field.default is None else f" Default: {_written(field.default)}."
    called = names.get(name, f"Option {flag(name)}")
    return (
        f"{called} cannot be {_written(problem['input'])}: it must be {_accepted(problem, choices)}."
        f"{did_you_mean(str(problem['input']), choices)} ({field.description}{default})"
    )


_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "a text",
    "finite": "a finite number",
    "path": "a path",
}
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _accepted(problem: Mapping[str, Any], choices: list[str]) -> str:
    """Return what would have been accepted, for a sentence that goes "it must be ..."."""
    kind, context = problem["type"], problem.get("ctx", {})
    if choices:
        return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        limit = context[bound]
        return f"{words} {int(limit) if limit == int(limit) else limit:,}"
    if kind == "string_too_short":
        return f"at least {_characters(context['min_length'])}"
    if kind == "string_too_long":
        return f"at most {_characters(context['max_length'])}"
    return _TYPES.get(kind.partition("_")[0], f"something else ({problem['msg']})")


def _characters(count: int) -> str:
    return "one character" if count == 1 else f"{count} characters"


def _written(value: Any) -> str:
    """Return a value as a config file has it: true, 'text', 3."""
    return repr(value).lower() if isinstance(value, bool) else repr(value)


def flag(name: str) -> str:
    """Return a field's name as it is written on the command line. One that Python reserves ends in a low line here."""
    return "--" + name.rstrip("_").replace("_", "-")


def field_name(key: str, known: Collection[str]) -> str:
    """Return the name of the field, of those that are `known`, that a config file calls `key`."""
    name = key.replace("-", "_")
    return f"{name}_" if f"{name}_" in known else name
