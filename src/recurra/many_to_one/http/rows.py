"""The rows of a request: texts, or for a model of named columns an object each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from recurra.data.feature_encoder import CategoryFeature
from recurra.errors import OptionError
from recurra.http.errors import quoted, unprocessable
from recurra.http.options import ServeOptions
from recurra.http.text_limits import check_texts
from recurra.many_to_one.given import CellRow, Given, Item, example, item_of, names_read
from recurra.many_to_one.model import TextModel
from recurra.text.text_columns import joined
from recurra.text.tokenizer import Tokenizer


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
) -> list[Item]:
    """Return the rows of a request as the model reads them.

    Raises HTTPError 422 for rows of another kind than the model reads, and as `check_texts` does.

    field: where they are in the request. advice: what to do about too many texts.
    """
    if len(rows) > options.max_inputs:
        check_texts(options, rows, field, advice)
    columns = names_read(model.tokenizer)
    found: list[Item] = []
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
            found.append(item_of(row, model.tokenizer, where))
        except OptionError as error:
            raise unprocessable(str(error)) from None
    check_texts(options, [item if isinstance(item, str) else item.text for item in found], field, advice)
    return found


def trial_texts(model: TextModel, texts: Sequence[str]) -> list[Given]:
    """Return texts to try a newly loaded model with: of several columns, each in all of them."""
    tokenizer = model.tokenizer
    whole = [joined([text] * len(tokenizer.columns)) if tokenizer.marked else text for text in texts]
    return [text if tokenizer.features is None else CellRow(text, {}) for text in whole]


def feature_facts(tokenizer: Tokenizer) -> dict[str, Any]:
    """Return what `/model` says of the columns beside the texts: name, kind, and how many values of a category have a
    place of their own. It names none of them: they are cells of the training rows, which may be names of people."""
    if tokenizer.features is None:
        return {}
    return {
        "features": [
            {
                "name": one.name,
                "kind": one.kind,
                **({"categories": len(one.values)} if isinstance(one, CategoryFeature) else {}),
            }
            for one in tokenizer.features.features
        ]
    }
