"""Dialogues as JSON lines, gzipped or not: one object a line, with a list of turns under one key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recurra.data.tables.bytes_check import check_bytes
from recurra.data.tables.stated import named
from recurra.data.tables.table import listed, shortened
from recurra.data.tables.text_lines import ROW_LIMIT, RowTooLong, TextLines
from recurra.errors import ColumnError, ReadError, did_you_mean


def read_dialogues(path: str | Path, key: str = "turns", encoding: str = "utf-8") -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, turns) of each dialogue in file order. Blank lines are skipped; turns are as written.

    Raises ReadError naming the line for one that is no dialogue, ColumnError where there is no such key.
    """
    path = Path(path)
    if not path.is_file():
        raise ReadError(
            f"{path} does not exist, or is not a file. A chat model is trained on a .jsonl file of dialogues."
        )
    if named(path) in ("csv", "tsv", "parquet"):
        raise ReadError(
            f'{path} is a table. Write each dialogue as a line of a .jsonl file: {{"{key}": ["Hello.", "Hi!"]}}.'
        )
    codec = check_bytes(path, encoding)
    empty = True
    with TextLines(path, codec) as lines:
        while True:
            lines.begin_row()
            number = lines.number + 1
            try:
                line = next(lines)
            except StopIteration:
                break
            except RowTooLong:
                raise ReadError(
                    f"{path}, line {number:,}: longer than {ROW_LIMIT:,} characters, the most that is read."
                ) from None
            if line.isspace():
                continue
            empty = False
            yield number, _turns(path, number, line, key)
    if empty:
        raise ReadError(f'{path} has no dialogues. Expected one a line, as in {{"{key}": ["Hello.", "Hi there!"]}}.')


def _turns(path: Path, number: int, line: str, key: str) -> list[str]:
    where = f"{path}, line {number:,}"
    expected = f'Each line must be one JSON object with a list of texts, as in {{"{key}": ["Hello.", "Hi there!"]}}.'
    try:
        plain: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise ReadError(
            f"{where}: not valid JSON: {error.msg} at character {error.pos + 1}. "
            f"The line: {shortened(line)}. {expected}"
        ) from None
    except RecursionError:
        raise ReadError(f"{where}: nested too deeply. {expected}") from None
    if not isinstance(plain, dict):
        raise ReadError(f"{where}: not an object. The line: {shortened(line)}. {expected}")
    if key not in plain:
        raise ColumnError(
            f"{where}: there is no '{key}'.{did_you_mean(key, plain)} Keys found: {listed(tuple(plain))}. "
            "Name the key of the turns with --turns."
        )
    turns = plain[key]
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        wrong = (
            f"turn {next(i for i, turn in enumerate(turns, 1) if not isinstance(turn, str))} is not a text"
            if isinstance(turns, list)
            else "not a list"
        )
        raise ReadError(f"{where}: '{key}' is not a list of texts ({wrong}). {expected}")
    return turns
