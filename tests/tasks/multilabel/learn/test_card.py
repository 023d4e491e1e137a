"""The model card: what is given, thresholds, a table of the labels, and no mark-up of users."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from recurra.tasks.multilabel.learn.card import model_card
from support.labelled import LABELS


def test_it_tells_of_labels_and_thresholds(labelled_model: tuple[Path, dict[str, Any]]) -> None:
    card = model_card(labelled_model[1])
    assert f"any of 4 labels, or none: {', '.join(LABELS)}." in card
    for words in ("## Thresholds", "## Its labels", "| food |", "model.predict", "Micro F1 on 40", "## Data quality"):
        assert words in card.replace("\u00a0", " "), words
    assert card == (labelled_model[0] / "README.md").read_text(encoding="utf-8")


def test_names_are_escaped_and_parts_may_be_missing(labelled_model: tuple[Path, dict[str, Any]]) -> None:
    metrics = copy.deepcopy(labelled_model[1])
    metrics["test"]["per_label"][0]["label"] = "a|b<script>"
    assert "a\\|b\\<script\\>" in model_card(metrics)
    assert model_card({}).startswith("# ")
