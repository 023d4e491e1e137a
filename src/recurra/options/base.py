"""What every class of options is, and how wrong values are reported.

The command line, the Python API, config files, the manifest and the reference page derive from the fields of such
classes. A field's name is written with hyphens on the command line, and either way in a config file. A field that
several classes have is defined once, in this folder, as an annotated type with its bounds and its sentence; a class
adds no more than its own default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from recurra.errors import OptionError, did_you_mean


class Options(BaseModel):
    """Named values that do not change, each checked against its bounds."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


Model = TypeVar("Model", bound=BaseModel)


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
