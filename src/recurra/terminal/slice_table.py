"""The rows of each value of a column as a table, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.terminal.model_table import FORMS
from recurra.terminal.table import interval, shown, table


def print_slices(console: Console, result: Mapping[str, Any]) -> None:
    """Print a table for each column that was asked for, the worst slices first. result: with "slices"."""
    for column, found in ((result.get("slices") or {}).get("columns") or {}).items():
        if not found["slices"]:
            continue
        measure = next(name for name in FORMS if name in found["slices"][0])
        title, form = FORMS[measure]
        more = [name for name in ("macro_f1", "bias", "subset_accuracy") if name in found["slices"][0]]
        rows = table(shown(f"By {column}"), "Rows", title, "95 % interval", *(MORE[name] for name in more), "")
        for one in found["slices"]:
            mark = "few rows" if one["small"] else one["clearly"] or ""
            others = ("-" if one[name] is None else f"{one[name]:.3f}" for name in more)
            rows.add_row(
                shown(one["name"][:60]),
                f"{one['rows']:,}",
                form.format(one[measure]),
                interval(one[f"{measure}_ci95"], form),
                *others,
                mark,
            )
        console.print()
        console.print(rows)


MORE = {"macro_f1": "Macro F1", "bias": "Bias", "subset_accuracy": "Exact sets"}
"""How further figures of a slice are called."""
