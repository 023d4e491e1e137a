"""A JSON document, packed or not: an array of objects, or an object that holds one array of them.

Value after value is parsed by Python's own `json` (see `object_table.py`) while the file is read, so that memory does
not grow with it. A document that is no valid JSON is refused where that shows: what comes after such a place cannot be
told apart into rows. Objects that are valid and are no rows, such as those that lack a column, can be skipped.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

from recurra.data.tables.bytes_check import open_bytes
from recurra.data.tables.json_window import JsonWindow, NoValue
from recurra.data.tables.object_table import DECODER, Found, ObjectTable, checked_object
from recurra.data.tables.rejects import Rejects
from recurra.data.tables.table import listed
from recurra.errors import ReadError, brief

LOOKED_AT = 1 << 20
"""Bytes in which the first line of JSON lines ends, where such a file has the suffix .json."""
_ON_A_LINE = str.maketrans("\n\r", "  ")
_ANY = json.JSONDecoder(parse_int=str, parse_float=str)


class JsonTable(ObjectTable):
    """A table in a JSON document."""

    format = "json"
    expected = 'an array of objects, as in [{"text": "...", "label": "..."}]'

    def _objects(self, rejects: Rejects) -> Generator[Found]:
        with JsonWindow(self.path, self._codec) as window:
            self._share = window.share
            match window.next():
                case "[":
                    yield from self._array(window, rejects)
                case "{":
                    yield from self._held(window, rejects)
                case found:
                    raise self._broken(window, f"{brief(found)} where an array of objects should begin")
            if found := window.next():
                hint = " If each line is an object, give it the suffix .jsonl." if found == "{" else ""
                raise self._broken(window, f"{brief(found)} after the end of the document", hint)

    def _array(self, window: JsonWindow, rejects: Rejects) -> Generator[Found]:
        """Yield the objects of the array that comes next."""
        window.take("[")
        if window.take("]"):
            return
        number = 0
        while True:
            number += 1
            window.next()
            line = window.line
            place = f"line {line:,}, object {number:,}"
            yield from self._object(window, line, place, rejects)
            if window.take("]"):
                return
            if not window.take(","):
                raise self._broken(window, f"',' or ']' is expected after object {number:,}")

    def _object(self, window: JsonWindow, line: int, place: str, rejects: Rejects) -> Generator[Found]:
        """Yield the object that comes next, if it is sound."""
        try:
            value, raw = self._value(window, DECODER, place)
        except ValueError as error:  # of the decoder itself: a key that is there twice
            _, raw = self._value(window, _ANY, place)
            self._reject(line, place, str(error), raw.translate(_ON_A_LINE), rejects)
            return
        raw = raw.translate(_ON_A_LINE)
        try:
            row = checked_object(value)
        except ValueError as error:
            self._reject(line, place, str(error), raw, rejects)
        else:
            yield Found(line, place, raw, row)

    def _held(self, window: JsonWindow, rejects: Rejects) -> Generator[Found]:
        """Yield the objects of the one array of objects that the object which comes next holds."""
        window.take("{")
        keys: list[str] = []
        read, hint = None, ""
        while not window.take("}"):
            if keys and not window.take(","):
                raise self._broken(window, "',' or '}' is expected")
            if window.next() != '"':
                raise self._broken(window, "a key in quotes is expected")
            keys.append(self._value(window, _ANY, "a key")[0])
            if not window.take(":"):
                raise self._broken(window, f"':' is expected after the key {brief(keys[-1])}")
            if window.next() == "[" and window.after() == "{":
                if read is not None:
                    raise ReadError(
                        f"{self.path} holds several arrays of objects, under {brief(read)} and {brief(keys[-1])}, and "
                        "it is not clear which are the rows. Write one of them into a file of its own."
                    )
                read = keys[-1]
                yield from self._array(window, rejects)
            else:
                value, _ = self._value(window, _ANY, f"the value of {brief(keys[-1])}")
                if isinstance(value, dict):
                    hint = " pandas writes such an array by to_json(path, orient='records')."
        if read is None:
            raise ReadError(
                f"{self.path} holds one object without an array of objects in it (its keys: {listed(keys, 8)}). "
                f"Expected {self.expected}, or such an array under one of the keys.{hint}"
            )

    def _value(self, window: JsonWindow, decoder: json.JSONDecoder, what: str) -> tuple[Any, str]:
        """Take the value that comes next: see JsonWindow. Raises ReadError for what is no JSON."""
        try:
            return window.value(decoder)
        except NoValue as error:
            raise self._broken(window, f"{what}: {error}", line=error.line) from None

    def _broken(self, window: JsonWindow, reason: str, hint: str = "", line: int | None = None) -> ReadError:
        return ReadError(
            f"{self.path}, line {line or window.line:,}: not valid JSON: {reason}. Expected {self.expected}.{hint} "
            "Write the file again: what comes after such a place cannot be read."
        )


def is_json_lines(path: Path) -> bool:
    """Return whether a file named .json holds JSON lines: its first line is an object, and another line follows."""
    try:
        with open_bytes(path) as file:
            start = file.read(LOOKED_AT).removeprefix(b"\xef\xbb\xbf").lstrip()
    except (OSError, ReadError):  # its reader will say what is wrong with it
        return False
    first, _, rest = start.partition(b"\n")
    if not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False
