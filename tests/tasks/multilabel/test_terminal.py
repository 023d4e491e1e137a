"""What the commands print of a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recurra.tasks.multilabel.terminal import inspection, print_answer, print_evaluation, print_training
from support.printed import printed


def test_the_end_of_a_training(labelled_model: tuple[Path, dict[str, Any]]) -> None:
    metrics = labelled_model[1]
    shown = printed(print_training, metrics)
    assert f"Held-out micro F1 {metrics['test']['micro_f1']:.1%}" in shown and "4 labels" in shown
    assert "chosen on the validation rows; with 0.5 for all, micro F1 would be" in shown
    assert f"Baseline {metrics['baseline']['micro_f1']:.1%}" in shown and "rows exchanged at random, p" in shown
    given = {"values": [0.3] * 4, "common": 0.3, "weight": None}
    assert "Thresholds 0.3 for all;" in printed(print_training, {**metrics, "thresholds": given})
    alone = printed(print_training, {**metrics, "baseline": None})
    assert "Baseline" not in alone
    odd = {**metrics["hygiene"], "without_held_out": ["food"]}
    assert "No held-out row has food" in printed(print_training, {**metrics, "hygiene": odd})


@pytest.mark.parametrize(
    ("difference", "p", "words"),
    [(0.05, 0.0001, "better than the baseline by 5.0 points (rows exchanged at random, p < 0.001)"),
     (-0.02, 0.01, "worse than the baseline by 2.0 points"), (0.01, 0.4, "+1.0 points may be chance")],
)  # fmt: skip
def test_the_difference_to_the_baseline(
    labelled_model: tuple[Path, dict[str, Any]], difference: float, p: float, words: str
) -> None:
    paired = {"difference": difference, "difference_ci95": [-1, 1], "p_value": p}
    assert words in printed(print_training, {**labelled_model[1], "paired": paired})


def test_nothing_held_out(labelled_model: tuple[Path, dict[str, Any]]) -> None:
    shown = printed(print_training, {**labelled_model[1], "test": None, "baseline": None})
    assert "Not evaluated" in shown and "Micro F1 of the validation rows" in shown


def test_an_evaluation(labelled_model: tuple[Path, dict[str, Any]]) -> None:
    test = labelled_model[1]["test"]
    shown = printed(print_evaluation, test)
    for words in ("Micro F1", "Macro average precision", "Hamming loss", "Subset accuracy", "sport", "labels each and"):
        assert words in shown
    many = [{**test["per_label"][0], "label": f"l{n}", "f1": n / 20} for n in range(20)]
    never = {**many[0], "label": "never", "f1": None}
    shown = printed(print_evaluation, {**test, "per_label": [*many, never]})
    assert "l11" in shown and "l12" not in shown and "never" not in shown
    assert "The 12 labels with the least F1, of 20" in shown


def test_answers(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer({"labels": ["b", "a\x1b"], "probabilities": {"a\x1b": 0.5, "b": 0.75, "c": 0.1}})
    print_answer({"labels": [], "probabilities": {"a": 0.1}, "nothing_known": True})
    print_answer({"labels": [], "probabilities": {}, "top": [{"label": "a", "probability": 0.25}]})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("b: 0.7500\ta") and "\x1b" not in lines[0]
    assert lines[1:] == ["-\tnothing known was read", "a: 0.2500"]


def test_what_is_inspected(labelled_model: tuple[Path, dict[str, Any]]) -> None:
    metrics = labelled_model[1]
    shape = {"layers": 1, "cell": "lstm", "hidden": 8, "direction": "both", "pooling": "max-mean", "embedding": 8}
    manifest = {"task": "multilabel", "labels": list("abcdefghij"), "network": shape, "metrics": metrics}
    found = inspection(manifest)
    assert found["Task"] == "multilabel: 10 labels (a, b, c, d, e, f, g, h ...)"
    assert "LSTM(8)" in found["Network"] and " to " in found["Thresholds"]
    assert found["Micro F1"].startswith(f"{metrics['test']['micro_f1']:.1%} (95 % interval")
    bare = inspection({**manifest, "metrics": {"thresholds": [0.25, 0.5]}})
    assert bare["Thresholds"] == "0.250 to 0.500" and bare["Micro F1"] == bare["Baseline"] == ""
