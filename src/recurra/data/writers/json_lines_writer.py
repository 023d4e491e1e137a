"""JSON lines: what was JSON lines keeps its very characters, with the answers as last keys of each object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from recurra.data.tables.jsonl_table import JsonlTable
from recurra.data.writers.writer import ADDED, Answers, Writer, free


class JsonLinesWriter(Writer):
    """One object a line. The values of other formats are text, or null."""

    def write(self, path: Path, answers: Answers) -> None:
        with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            if isinstance(self.table, JsonlTable):
                file.writelines(self._extended(self.table, answers))
            else:
                names = [*self.table.columns, *self.added]
                for row, answer in self.answered(answers):
                    file.write(json.dumps(dict(zip(names, (*row, *answer), strict=True))) + "\n")

    def texts(self) -> Iterator[str]:
        if not isinstance(self.table, JsonlTable):
            yield from super().texts()
            return
        for _, _, (text,) in self.table.rows_with_lines([self.text]):
            yield text or ""

    def _extended(self, table: JsonlTable, answers: Answers) -> Iterator[str]:
        """Yield each line of the table with the answer in it. Nested values, numbers and escapes stay as written."""
        rows = table.rows_with_lines([self.text])
        for (line, keys, _), (place, probability, truncated) in zip(rows, answers.answers(), strict=True):
            names = self.added if keys.isdisjoint(self.added) else [free(name, tuple(keys)) for name in ADDED]
            values = (self.labels[place], probability, truncated)
            more = ", ".join(f"{json.dumps(n)}: {json.dumps(v)}" for n, v in zip(names, values, strict=True))
            yield f"{line.strip()[:-1].rstrip()}{', ' if keys else ''}{more}}}\n"
