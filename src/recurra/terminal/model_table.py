"""Several models on the same rows, as a table and a sentence for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.terminal.table import interval, shown, table

FORMS = {
    "accuracy": ("Accuracy", "{:.1%}"),
    "mae": ("MAE", "{:.4g}"),
    "micro_f1": ("Micro F1", "{:.3f}"),
}
"""How each measure that models are compared by is called and written."""

MORE = {
    "macro_f1": ("Macro F1", "{:.3f}"),
    "log_loss": ("Log loss", "{:.3f}"),
    "rmse": ("RMSE", "{:.4g}"),
    "r2": ("R²", "{:.3f}"),
}
"""Other figures of those that the models have."""


def print_models(console: Console, result: Mapping[str, Any]) -> None:
    """Print the models in their order, how often each two differ, and which is better. result: as `compare_models` of
    `evaluation.several_models` makes it, each model with its "scores"."""
    measure = result["measure"]
    title, form = FORMS[measure]
    more = {name: named for name, named in MORE.items() if result["models"][0]["scores"].get(name) is not None}
    rows = table("Model", title, "95 % interval", *(title for title, _ in more.values()))
    for model in result["models"]:
        others = [(model["scores"].get(name), form) for name, (_, form) in more.items()]
        rows.add_row(
            shown(model["name"]),
            form.format(model[measure]),
            interval(model[f"{measure}_ci95"], form),
            *("-" if value is None else written.format(value) for value, written in others),
        )
    console.print(rows)
    for pair in result["pairs"]:
        first, second = pair["first"], pair["second"]
        differ = result["rows"] - pair["same_answer"]
        if differ:
            console.print(
                shown(
                    f"Of {result['rows']:,} rows {first} and {second} answer {differ:,} differently: {first} is nearer "
                    f"the truth in {pair['first_better']:,}, {second} in {pair['second_better']:,}"
                    + (f", and {pair['equally_good']:,} are equally good or bad" if pair["equally_good"] else "")
                )
            )
    console.print(shown(result["verdict"]))
