"""The verdict of a report: against the baseline, with thresholds, and what to keep in mind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recurra.tasks.multilabel.learn.verdict import verdict

PAIRED = {"difference": 0.03, "difference_ci95": [0.01, 0.05], "p_value": 0.002}


@pytest.mark.parametrize(
    ("paired", "tone", "headline"),
    [(PAIRED, "good", "Yes: it beats"), ({**PAIRED, "p_value": 0.3}, "even", "not clearly better"),
     ({**PAIRED, "difference": -0.03}, "bad", "a simple baseline has the higher micro F1"),
     (None, "even", "no baseline to compare")],
)  # fmt: skip
def test_against_the_baseline(
    labelled_model: tuple[Path, dict[str, Any]], paired: Any, tone: str, headline: str
) -> None:
    found = verdict({**labelled_model[1], "paired": paired})
    assert found.tone == tone and headline in found.headline
    if paired:
        assert "with thresholds chosen by the same rule" in found.reasons[0] and "points (95" in found.reasons[0]
    assert any("and would be" in reason and "with 0.5 for all" in reason for reason in found.reasons)


def test_cautions(labelled_model: tuple[Path, dict[str, Any]]) -> None:
    metrics = labelled_model[1]
    test = {**metrics["test"], "nothing_known_rows": 2, "truncated_rows": metrics["test"]["rows"]}
    label = metrics["test"]["per_label"][0]
    test["per_label"] = [{**label, "label": "bare", "support": 0}, {**label, "label": "never", "recall": 0.0}]
    test["micro_f1"] = 0.4
    hygiene = {**metrics["hygiene"], "tokens": {"unknown_rate": 0.5}}
    told = " ".join(verdict({**metrics, "test": test, "hygiene": hygiene}).cautions)
    for words in ("Only 40", "memorised", "were cut", "50 % of the held-out tokens are unknown", "knew no word of 2",
                  "No held-out row has “bare”", "It found no row with “never”"):  # fmt: skip
        assert words in told.replace("\u00a0", " "), words


def test_nothing_was_held_out() -> None:
    found = verdict({"split": {"train": 5}})
    assert found.headline == "Not evaluated: it was trained on all rows." and verdict({}).tone == "even"
