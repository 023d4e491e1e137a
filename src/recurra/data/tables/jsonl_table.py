"""JSON lines, packed or not: one object a line, its keys are the columns."""

from __future__ import annotations

import json
from collections.abc import Generator

from recurra.data.tables.object_table import DECODER, Found, ObjectTable, checked_object
from recurra.data.tables.rejects import Rejects
from recurra.data.tables.text_lines import ROW_LIMIT, RowTooLong, TextLines


class JsonlTable(ObjectTable):
    """A table in JSON lines; blank lines are skipped."""

    format = "jsonl"
    expected = 'one object a line, as in {"text": "...", "label": "..."}'

    def _objects(self, rejects: Rejects) -> Generator[Found]:
        with TextLines(self.path, self._codec) as lines:
            self._share = lines.share
            while True:
                lines.begin_row()
                number = lines.number + 1
                place = f"line {number:,}"
                try:
                    line = next(lines)
                except StopIteration:
                    return
                except RowTooLong:
                    reason = f"longer than {ROW_LIMIT:,} characters, the most that is read"
                    self._reject(number, place, reason, "".join(lines.taken), rejects)
                    continue
                if line.isspace():
                    continue
                try:
                    row = checked_object(DECODER.decode(line))
                except json.JSONDecodeError as error:
                    reason = f"not valid JSON: {error.msg} at character {error.pos + 1}"
                    self._reject(number, place, reason, line, rejects)
                except (ValueError, RecursionError) as error:
                    self._reject(number, place, str(error), line, rejects)
                else:
                    yield Found(number, place, line, row)
