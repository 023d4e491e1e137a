"""The numbers in a column of a table: what is one, what is missing or infinite, and what is refused with advice."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from recurra.data.label_spelling import looks_missing
from recurra.errors import DataError, brief

EXAMPLES = 5

_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}((,[0-9]{3})+|([ \u00a0\u202f'\u2019_][0-9]{3})+)(\.[0-9]+)?")
_DOTTED = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[+-]?[0-9]{1,3}(\.[0-9]{3}){2,}")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(e[+-]?[0-9]+)?", re.IGNORECASE)
_UNIT = re.compile(
    r"[^0-9+\-.,\s]*\s*[+-]?[0-9]+([.,][0-9]+)?\s*[^0-9\s][^0-9]*|[^0-9+\-.,\s]+\s*[+-]?[0-9]+([.,][0-9]+)?"
)


@dataclass
class NumberColumn:
    """Reads the cells of one column, and counts those without a number.

    name: of the column; option: what names it, for errors. missing, infinite: how many cells were so; examples: the
    rows of the first of them, from 1.
    """

    name: str
    option: str = "--target"
    missing: int = 0
    infinite: int = 0
    examples: dict[str, list[int]] = field(default_factory=lambda: {"missing": [], "infinite": []})

    def read(self, cell: str | None, row: int) -> float | None:
        """Return the finite number in a cell; None, counted, where it is missing or infinite.

        row: from 1, for errors. Raises DataError for what is no number, with advice for separators of thousands,
        decimal commas and units.
        """
        text = "" if cell is None else cell.strip()
        if not text or looks_missing(text):
            self._leave_out("missing", row)
            return None
        try:
            value = float(text) if "_" not in text else None  # Python alone reads 1_000 as a number
        except ValueError:
            value = None
        if value is None:
            raise DataError(f"The column {self.name!r} holds {brief(text)} in row {row:,}. {self._advice(text)}")
        if not math.isfinite(value):  # infinite: written so, or beyond the largest double
            self._leave_out("missing" if math.isnan(value) else "infinite", row)
            return None
        return value

    def report(self) -> dict[str, Any]:
        """Return missing, infinite and examples, ready for JSON."""
        return {"missing": self.missing, "infinite": self.infinite, "examples": self.examples}

    def _leave_out(self, kind: str, row: int) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.examples[kind]) < EXAMPLES:
            self.examples[kind].append(row)

    def _advice(self, text: str) -> str:
        """Return what is accepted, and the next step."""
        if _THOUSANDS.fullmatch(text) or _DOTTED.fullmatch(text):
            return (
                "A number may have no separators of thousands, which mean another number elsewhere: write 1234.5, not "
                "1,234.5. Remove them from the column."
            )
        if _DECIMAL_COMMA.fullmatch(text):
            return "A number has a decimal point, not a comma: write 4.5, not 4,5. Replace the commas in the column."
        if _UNIT.fullmatch(text):
            return "A number stands alone, without a unit or a sign of a currency. Remove them from the column."
        return (
            f"Accepted are numbers such as 4, -0.5 and 1e3; an empty cell or NA is left out. Name another column with "
            f"{self.option}, or correct the cell; for names of classes, train with --task classify."
        )
