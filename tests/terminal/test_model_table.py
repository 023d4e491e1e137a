"""Several models in a table: names that hold mark-up, figures that are not there, and how often two differ."""

from __future__ import annotations

import io
from typing import Any

from recurra.evaluation.comparison import MEASURES
from recurra.terminal.model_table import FORMS, print_models
from recurra.terminal.output import Output


def _printed(result: dict[str, Any]) -> str:
    file = io.StringIO()
    print_models(Output(file=file, soft_wrap=True, highlight=False), result)
    return file.getvalue()


def test_each_model_has_a_line_and_each_pair_a_sentence() -> None:
    models = [
        {"name": name, "accuracy": value, "accuracy_ci95": [0.5, 0.75], "scores": {"macro_f1": 0.25, "log_loss": None}}
        for name, value in (("[red]a", 0.625), ("b", 0.5))
    ]
    pair = {
        "first": "[red]a",
        "second": "b",
        "same_answer": 5,
        "first_better": 2,
        "second_better": 1,
        "equally_good": 0,
    }
    found = {"measure": "accuracy", "rows": 8, "models": models, "pairs": [pair], "verdict": "Nobody knows."}
    lines = _printed(found).splitlines()
    assert lines[1].split() == ["[red]a", "62.5%", "50.0%", "to", "75.0%", "0.250"]
    assert "Log loss" not in lines[0]
    assert "Of 8 rows [red]a and b answer 3 differently" in lines[3] and "equally" not in lines[3]
    assert lines[-1] == "Nobody knows."
    assert "and 2 are equally good or bad" in _printed(found | {"pairs": [pair | {"equally_good": 2}]})
    assert "differently" not in _printed(found | {"pairs": [pair | {"same_answer": 8}]})


def test_every_measure_has_a_name_and_a_form() -> None:
    assert FORMS.keys() == MEASURES.keys()
