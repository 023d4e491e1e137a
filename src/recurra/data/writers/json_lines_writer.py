"""JSON lines: what was JSON keeps its very characters, with the answers as last keys of each object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from recurra.data.tables.object_table import HoldsObjects
from recurra.data.tables.table import Row
from recurra.data.writers.writer import Answers, TableWriter


class JsonLinesWriter(TableWriter):
    """One object a line. The values of other formats are what their reader gives: text, null, or lists of texts."""

    def write(self, path: Path, answers: Answers) -> None:
        with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            if isinstance(self.table, HoldsObjects):
                file.writelines(self._extended(self.table, answers))
            else:
                names = [*self.table.columns, *self.names]
                for row, values in self.answered(answers):
                    file.write(json.dumps(dict(zip(names, (*row, *values), strict=True))) + "\n")

    def inputs(self) -> Iterator[Row]:
        if not isinstance(self.table, HoldsObjects):
            yield from super().inputs()
            return
        for _, _, row in self.table.rows_with_lines(self.read):
            yield row

    def _extended(self, table: HoldsObjects, answers: Answers) -> Iterator[str]:
        """Yield each line of the table with the answer in it. Nested values, numbers and escapes stay as written."""
        rows = table.rows_with_lines(self.read)
        for (line, keys, _), values in zip(rows, self.values(answers), strict=True):
            names = self.names if keys.isdisjoint(self.names) else self.free_names(keys)
            more = ", ".join(f"{json.dumps(n)}: {json.dumps(v)}" for n, v in zip(names, values, strict=True))
            yield f"{line.strip()[:-1].rstrip()}{', ' if keys else ''}{more}}}\n"
