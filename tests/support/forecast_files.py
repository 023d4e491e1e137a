"""Long tables of series to be forecast, and options under which training takes seconds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from support.forecast import waves

TINY: dict[str, Any] = {"task": "forecast", "epochs": 2, "hidden": 4, "members": 2, "horizon": 4, "threads": 1}


def month(number: int) -> str:
    """Return the first day of a month, counted from January 2015."""
    return date(2015 + number // 12, number % 12 + 1, 1).isoformat()


def long_rows(count: int = 6, steps: int = 40, ahead: int = 0, seed: int = 0) -> list[dict[str, Any]]:
    """Return rows of monthly series of unequal length, with a price that is known beforehand, the weather up to now,
    and a size. ahead: rows after the end of each, without a value."""
    rows = []
    for number in range(count):
        length = steps + 3 * number
        values = waves(length + ahead, season=12, seed=seed + number)
        for step, value in enumerate(values):
            known = step < length
            rows.append(
                {
                    "unique_id": f"shop {number}",
                    "ds": month(step + number),
                    "y": round(float(value), 3) if known else "",
                    "price": round(3 + (step * 7 % 5) / 5, 2),
                    "rain": round((step * 3 % 7) / 7, 3) if known else "",
                    "size": number % 3 + 1,
                }
            )
    return rows


def write_table(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as CSV."""
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_long(path: Path, count: int = 6, steps: int = 40, ahead: int = 0, seed: int = 0) -> Path:
    """Write `long_rows` as CSV."""
    return write_table(path, long_rows(count, steps, ahead, seed))
