"""The names of tags that a file holds as numbers, as data sets of Hugging Face do: {"ner_tags": [3, 0, 7]}."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recurra.data.tables.bytes_check import check_bytes
from recurra.data.tables.table import listed
from recurra.data.tables.text_lines import RowTooLong, TextLines
from recurra.errors import OptionError, brief

LARGEST = 2**20
"""Most bytes of a file of names."""
_NUMBER = re.compile(r"-?[0-9]+", re.ASCII)
_DIGITS = 10


class UnnamedTag(ValueError):
    """A number that has no name. The message says so."""


def stated_names(given: str | None) -> tuple[str, ...]:
    """Return the names that `--tag-names` gives: those between commas, or on the lines of a file; () for None.

    Raises OptionError for fewer than two, an empty one and one that is there twice.
    """
    if given is None:
        return ()
    path = Path(given)
    if "," not in given and not path.is_file():
        raise OptionError(
            f"--tag-names {given}: give the names in the order of their numbers, with commas between, such as "
            "O,B-PER,I-PER, or a file with one a line; there is no such file."
        )
    if path.is_file():
        if path.stat().st_size > LARGEST:
            raise OptionError(f"--tag-names {given}: the file has more than {LARGEST:,} bytes. Give one name a line.")
        try:
            with TextLines(path, check_bytes(path, "utf-8")) as lines:
                names = [line.strip() for line in lines]
        except RowTooLong:
            raise OptionError(f"--tag-names {given}: a line of the file is too long. Give one name a line.") from None
        while names and not names[-1]:
            names.pop()
    else:
        names = [name.strip() for name in given.split(",")]
    return _checked(names, f"--tag-names {brief(given)}")


def schema_names(metadata: str | None, column: str) -> tuple[str, ...]:
    """Return the names that the metadata `huggingface` of a Parquet schema have for a column: those of its ClassLabel,
    in a list or not; () where there are none. Raises OptionError for names that cannot be."""
    if metadata is None:
        return ()
    try:
        feature = json.loads(metadata)["info"]["features"][column]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()
    for _ in range(2):  # {"feature": {...}, "_type": "Sequence" or "List"}, or [{...}], around what each number is
        if isinstance(feature, list) and len(feature) == 1:
            feature = feature[0]
        elif isinstance(feature, dict) and "feature" in feature:
            feature = feature["feature"]
    names: Any = feature.get("names") if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return ()
    return _checked(names, f"the schema's names of {brief(column)}")


def named(tag: str, names: Sequence[str]) -> str:
    """Return the name of a tag: of the number that it is, or itself where it is no number or there are no names.

    Raises UnnamedTag for a number without a name.
    """
    if not names or tag in names or not _NUMBER.fullmatch(tag):
        return tag
    if len(tag) < _DIGITS and 0 <= int(tag) < len(names):
        return names[int(tag)]
    raise UnnamedTag(
        f"the tag {brief(tag)} has no name: there are {len(names)}, of 0 to {len(names) - 1} ({listed(names, 8)})"
    )


def _checked(names: Sequence[str], where: str) -> tuple[str, ...]:
    if len(names) < 2:
        raise OptionError(f"{where}: at least two names are needed, got {len(names)}.")
    for number, name in enumerate(names):
        if not name:
            raise OptionError(f"{where}: the name of number {number} is empty. Give every number a name.")
        if name in names[:number]:
            raise OptionError(f"{where}: {brief(name)} is there twice. Each number needs a name of its own.")
    return tuple(names)
