"""The rows of a request: texts, or for a model of named columns an object each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from recurra.errors import OptionError
from recurra.http.errors import quoted, unprocessable
from recurra.http.options import ServeOptions
from recurra.http.text_limits import check_texts
from recurra.many_to_one.given import example, text_of
from recurra.many_to_one.model import TextModel


def _text_or_row(value: object) -> object:
    if not isinstance(value, str | dict):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    return value


GivenRow = Annotated[
    Any,
    PlainValidator(_text_or_row),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": "max_characters"},
                {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
                    "description": "For a model of several columns: a value for each, by its name; null is missing. "
                    "`columns` of /model names them.",
                },
            ]
        }
    ),
]
"""A text of a request, at most `--max-characters` long, or the columns of a row."""


def checked_rows(
    model: TextModel, options: ServeOptions, rows: Sequence[Any], field: str, advice: str = "Send several."
) -> list[str]:
    """Return the texts of a request, those of several columns joined. Raises HTTPError 422 for rows of another kind
    than the model reads, and as `check_texts` does.

    field: where they are in the request. advice: what to do about too many texts.
    """
    if len(rows) > options.max_inputs:
        check_texts(options, rows, field, advice)
    columns = model.tokenizer.columns
    found = []
    for number, row in enumerate(rows):
        where = field if len(rows) == 1 and field == "input" else f"{field}.{number}"
        if not columns and not isinstance(row, str):
            raise unprocessable(f"{where} is an object, and the model reads texts. Send strings.")
        if columns and not isinstance(row, dict):
            raise unprocessable(
                f"{where} is a text, and the model reads the columns {', '.join(map(quoted, columns))}. Send an object "
                f"with a value for each, such as {example(columns)}."
            )
        if columns:
            for name in row:
                if name not in columns:
                    raise unprocessable(
                        f"{where} has the field {quoted(name)}, which the model does not read; known here: "
                        f"{', '.join(map(quoted, columns))}."
                    )
        try:
            found.append(text_of(row, columns, where))
        except OptionError as error:
            raise unprocessable(str(error)) from None
    check_texts(options, found, field, advice)
    return found


def trial_texts(model: TextModel, texts: Sequence[str]) -> list[str]:
    """Return texts to try a newly loaded model with: of several columns, each in all of them."""
    columns = model.tokenizer.columns
    return [text_of(dict.fromkeys(columns, text), columns, "A trial") if columns and text else text for text in texts]
