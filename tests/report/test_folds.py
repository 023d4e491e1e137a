"""The part of a report on cross-validation."""

from __future__ import annotations

from recurra.report.folds import HEADING, body, lead
from recurra.report.page import ReportPage, render
from recurra.report.quantity import Quantity
from recurra.report.verdict import Verdict

FOUND = {
    "folds": 2,
    "each": [{"rows": 1_200}, {"rows": 1_201}],
    "scores": {
        "accuracy": {"mean": 0.75, "sd": 0.0354, "values": [0.725, 0.775]},
        "log_loss": {"mean": 0.5, "sd": 0.1, "values": [0.45, 0.55]},
    },
    "baseline": {"accuracy": {"mean": 0.7, "sd": 0.01, "values": [0.69, 0.71]}},
}
QUANTITIES = {
    "accuracy": Quantity("Accuracy", "", higher_is_better=True, share=True),
    "log_loss": Quantity("Log loss", "", higher_is_better=False),
}


def test_a_row_for_each_fold_then_mean_and_spread() -> None:
    html = str(body(FOUND, QUANTITIES))
    cells = [part.split("</td>")[0].split(">")[-1].replace("\N{NO-BREAK SPACE}", " ") for part in html.split("<td")[1:]]
    assert cells == [
        *("1", "1,200", "72.5 %", "0.450", "69.0 %"),
        *("2", "1,201", "77.5 %", "0.550", "71.0 %"),
        *("Mean", "", "75.0 %", "0.500", "70.0 %"),
        *("Standard deviation", "", "3.5 %", "0.100", "1.0 %"),
    ]
    assert "2 models" in lead(FOUND)


def test_it_is_in_the_report_of_any_task() -> None:
    page = ReportPage("a model", Verdict("good", "It works.", [], []), QUANTITIES)
    assert HEADING in render({"folds": FOUND}, page)
    assert HEADING not in render({}, page)
