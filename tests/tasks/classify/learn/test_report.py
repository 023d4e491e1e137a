"""The page: complete, escaped, self-contained, and whole when parts are missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from recurra.tasks.classify.learn.report import render
from support.outline import HOSTILE, Outline, assert_harmless


def test_every_part_is_shown(binary: dict[str, Any]) -> None:
    page = Outline(render(binary))
    for heading in (
        "Yes: it beats a simple baseline", "How it learned", "When to trust an answer", "Accuracy by length",
        "What it confuses", "Confident mistakes", "How the baseline was chosen", "Data quality", "All the numbers",
        "How to reproduce it",
    ):  # fmt: skip
        assert heading in page.text
    for value in (
        "recurra train imdb --text review", "sha256:9f86d0", "2.13.0", "TF-IDF (1,2)-grams",
        "NB-weighted (1,3)-grams (chosen)", "the best of 3 on 2,000 validation rows", "91.5", "McNemar", "Wilson",
        "437 rows repeat", "15,204", "Calibration error", "temperature 1.18",
    ):  # fmt: skip
        assert value in page.text
    low, high = (f"{100 * end:.1f}" for end in binary["test"]["accuracy_ci95"])
    assert f"{low} to {high}" in page.text
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert all(attributes.get("aria-label") for tag, attributes in page.tags if tag == "svg")


@pytest.mark.parametrize("which", ["binary", "many"])
def test_user_text_stays_text_and_nothing_is_loaded(which: str, request: pytest.FixtureRequest) -> None:
    metrics = request.getfixturevalue(which)
    metrics["labels"][0] = HOSTILE
    metrics["test"]["per_class"][0]["label"] = HOSTILE
    metrics["hygiene"]["classes"] = {HOSTILE: 3, "b": 2}
    metrics["hygiene"]["findings"].append(HOSTILE)
    metrics["command"] = metrics["data"]["name"] = metrics["data"]["how"] = HOSTILE
    metrics["config"][HOSTILE] = [HOSTILE, {HOSTILE: HOSTILE}]
    metrics["versions"][HOSTILE] = metrics["baseline"]["name"] = HOSTILE
    metrics["mistakes"][0].update(text=HOSTILE, truth=HOSTILE, predicted=0)
    source = render(metrics)
    assert_harmless(source)
    assert "{{ 7 * 7 }}" in Outline(source).text


def test_many_classes_stay_legible(many: dict[str, Any]) -> None:
    page = Outline(render(many))
    assert sum(tag == "td" and "--s" in (a.get("style") or "") for tag, a in page.tags) >= 77
    assert "weakest twelve of 77" in page.text
    assert "commonest mix-ups" in page.text
    assert sum(tag == "th" and a.get("title") == many["labels"][76] for tag, a in page.tags) == 2


@pytest.mark.parametrize("classes", [3, 8, 20, 120])
def test_any_number_of_classes(classes: int, make_metrics: Callable[..., dict[str, Any]]) -> None:
    metrics = make_metrics(2, 200, 1.0)
    metrics["labels"] = [f"label {k}" for k in range(classes)]
    metrics["test"]["confusion"] = [[9 if k == j else (k + j) % 3 for j in range(classes)] for k in range(classes)]
    page = Outline(render(metrics))
    assert ("What it confuses" in page.text) == (classes <= 100)


SHOWN_OF = {
    "test": "What it confuses", "train": "training 40,500 98.2", "valid": "validation 4,050 91.8",
    "baseline": "trained on 40,500", "paired": "McNemar", "history": "How it learned", "timing": "tokenise 9.4",
    "hygiene": "Data quality", "mistakes": "Confident mistakes", "temperature": "temperature 1.18",
    "config": "bidirectional LSTM", "split": "stratified, by seed", "versions": "onnxruntime", "data": "sha256:9f86d0",
    "seed": "seed 7 ", "command": "recurra train imdb",
}  # fmt: skip
"""What the page shows of each part of the metrics."""
NEEDED_BY = {"test": {"train", "valid", "paired", "temperature"}, "baseline": {"paired"}}
"""Parts that are not shown without another."""


@pytest.mark.parametrize("missing", SHOWN_OF)
@pytest.mark.parametrize("how", ["absent", "none"])
def test_what_is_missing_is_left_out_and_the_rest_is_shown(binary: dict[str, Any], missing: str, how: str) -> None:
    binary["command"] = "recurra train imdb"  # without the seed, which is shown apart
    whole = Outline(render(binary)).text
    assert [part for part, words in SHOWN_OF.items() if words not in whole] == []
    if how == "absent":
        del binary[missing]
    else:
        binary[missing] = None
    partial = Outline(render(binary)).text
    gone = {part for part, words in SHOWN_OF.items() if words not in partial}
    assert gone == {missing} | NEEDED_BY.get(missing, set())


def test_almost_nothing_still_makes_a_page(binary: dict[str, Any]) -> None:
    assert "Not evaluated yet." in Outline(render({})).text
    only = {"labels": ["a", "b"], "test": {"accuracy": 0.5, "rows": 2}}
    assert "50.0" in Outline(render(only)).text
    shown = {"confusion": "What it confuses", "reliability": "is it right 90", "slices": "Accuracy by length",
             "macro_f1": "Macro F1", "ece": "Calibration error"}  # fmt: skip
    for name in binary["test"].keys() - {"accuracy"}:
        page = Outline(render({**binary, "test": {k: v for k, v in binary["test"].items() if k != name}}))
        assert "93.5" in page.text
        assert [words for key, words in shown.items() if (words in page.text) == (key == name)] == []


def test_long_texts_are_cut_and_breaks_are_line_breaks(binary: dict[str, Any]) -> None:
    binary["mistakes"] = [
        {"row": 3, "text": "x<br />y" + "word " * 400, "truth": 0, "predicted": "positive", "probability": 1}
    ]
    source = render(binary)
    quote = re.search(r'<blockquote dir="auto">(.*?)</blockquote>', source, re.S)
    assert quote is not None
    assert quote[1].startswith("x\nyword")
    assert quote[1].endswith("…")
    assert len(quote[1]) <= 600
