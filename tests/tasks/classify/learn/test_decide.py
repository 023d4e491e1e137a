"""Weights, thresholds and withheld answers, from the command line to every way in which a model answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.errors import OptionError
from recurra.evaluation.decision import Decision, Goal, choose_threshold
from recurra.tasks.classify.learn.decide import tuning
from recurra.tasks.classify.options import DecisionOptions
from support.commands import Cli

TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 2, "--threads", 1, "--precision", "fp32", "--max-tokens", 20)


def write_rare(path: Path, rows: int = 300) -> Path:
    """One row in ten is of the class `rare`, whose words the others have now and then."""
    rng = np.random.default_rng(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", "how much"])
        for row in range(rows):
            rare = row % 10 == 0
            words = rng.choice(["one", "two", "three", "four"], 4).tolist()
            words += ["prize"] * int(rng.random() < (0.7 if rare else 0.15))
            writer.writerow([" ".join([*words, f"n{row}"]), "rare" if rare else "usual", 9 if rare else 1])
    return path


def scores(directory: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((directory / "metrics.json").read_text(encoding="utf-8"))
    return metrics


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rare(tmp_path_factory.mktemp("rare") / "rare.csv")


@pytest.fixture(scope="module")
def decided(rare: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with weights, a threshold and withheld answers."""
    from recurra.cli.train import train
    from recurra.tasks.classify.options import ClassifyOptions
    from recurra.terminal.progress import Reporter

    out = tmp_path_factory.mktemp("decided") / "model"
    options = ClassifyOptions(
        hidden=4, embedding=4, epochs=3, threads=1, precision="fp32", learning_rate=0.03, seed=1,
        class_weight="rare=3", tune_threshold="f1", abstain=0.7, valid=0.3,
    )  # fmt: skip
    train(str(rare), out, options, reporter=Reporter(quiet=True))
    return out


def test_the_model_keeps_its_decision_and_answers_by_it(decided: Path) -> None:
    metrics, model = scores(decided), recurra.load(decided)
    decision = metrics["decision"]
    assert model.decision == Decision(decision["positive"], decision["threshold"], 0.7)
    assert (decision["label"], decision["goal"]) == ("rare", "f1")
    assert decision["value"] >= decision["value_at_half"] - 0.1
    assert metrics["class_weights"] == {"rare": 3.0, "usual": 1.0}
    texts = ["one two prize", "one one two", "prize prize", "four three"]
    chances = model.predict_proba(texts)
    expected = np.where(chances[:, 0] >= decision["threshold"], "rare", "usual").astype(object)
    expected[chances.max(axis=1) < 0.7] = None
    assert model.predict(texts).tolist() == expected.tolist()
    assert next(model.predict_iter(texts)).labels.tolist() == expected.tolist()
    assert model.explain(texts[0]).label == ("rare" if chances[0, 0] >= decision["threshold"] else "usual")


def test_commands_and_files_answer_by_it_too(decided: Path, cli: Cli, tmp_path: Path) -> None:
    model = recurra.load(decided)
    texts = ["one two prize", "one one two", "prize prize", "four three", "prize"]
    labels, chances = model.predict(texts), model.predict_proba(texts)
    chosen = model.chosen(chances)
    answers = json.loads(cli("predict", decided, *texts, "--json").stdout)["predictions"]
    assert [answer["label"] for answer in answers] == labels.tolist()
    printed = cli("predict", decided, *texts).stdout.splitlines()
    assert sum("no label is likely enough" in line for line in printed) == sum(label is None for label in labels)
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    result = cli("predict", decided, "--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.jsonl", "--top", 2)
    assert result.exit_code == 0, result.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["predicted"] for row in rows] == labels.tolist()
    for row, index, its in zip(rows, chosen, chances, strict=True):
        assert row["probability"] == pytest.approx(its[index], abs=1e-4)
        assert row["predicted_2"] == ["rare", "usual"][1 - index]
    inspected = " ".join(cli("inspect", decided).stdout.split())
    assert "rare from a probability of" in " ".join(inspected.split()) and "less than 70%" in " ".join(
        inspected.split()
    )


def test_evaluation_counts_decided_answers_and_tells_of_withheld_ones(decided: Path, rare: Path, cli: Cli) -> None:
    result = json.loads(cli("evaluate", decided, rare, "--json").stdout)
    with rare.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    model = recurra.load(decided)
    chances = model.predict_proba([row["text"] for row in rows])
    truth = np.array([["rare", "usual"].index(row["label"]) for row in rows])
    right = model.chosen(chances) == truth
    assert result["accuracy"] == pytest.approx(right.mean())
    assert result["confusion"][0][0] == int((right & (truth == 0)).sum())
    sure = chances.max(axis=1) >= 0.7
    assert result["abstention"]["coverage"] == pytest.approx(sure.mean())
    assert result["abstention"]["accuracy"] == pytest.approx(right[sure].mean())


def test_the_report_draws_withheld_answers_and_says_how_labels_are_chosen(decided: Path) -> None:
    page = " ".join((decided / "report.html").read_text(encoding="utf-8").split())
    assert "When it should not answer" in page and "Answered rows against accuracy" in page
    assert "rare is answered from a probability of" in page and "Rows counted by their class in training" in page


def test_weights_of_a_column_are_those_of_its_classes(rare: Path, cli: Cli, tmp_path: Path) -> None:
    """Here each row of a class has the weight of its class."""
    common = (*TINY, "--no-baseline", "--json")
    results = {
        name: cli("train", rare, "--out", tmp_path / name, *common, *words)
        for name, words in {
            "column": ("--weight", "how much"),
            "class": ("--class-weight", "rare=9"),
            "plain": (),
        }.items()
    }
    for name, result in results.items():
        assert result.exit_code == 0, (name, result.stderr)
    texts = ["one prize", "two three"]
    column, by_class, plain = (recurra.load(tmp_path / name).predict_proba(texts) for name in results)
    np.testing.assert_allclose(column, by_class, atol=1e-5)
    assert (column[:, 0] > plain[:, 0]).all(), "rare rows count for more"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--weight", "hwo much"), "--weight hwo much: there is no such column. Did you mean 'how much'?"),
        (("--weight", "label"), "holds the texts, their answers or a feature"),
        (("--class-weight", "rrae=2"), "no training row has the label 'rrae'"),
        (("--class-weight", "heavy"), "it is balanced, LABEL=WEIGHT"),
        (("--tune-threshold", "f2"), "--tune-threshold cannot be 'f2'"),
        (("--positive", "rare"), "names the label of --tune-threshold"),
        (("--tune-threshold", "f1", "--positive", "rrae"), "--positive 'rrae': there is no such label"),
        (("--abstain", "1"), "--abstain"),
    ],
)
def test_what_cannot_be_is_refused_before_training(
    words: Sequence[object], what: str, rare: Path, cli: Cli, tmp_path: Path
) -> None:
    result = cli("train", rare, "--out", tmp_path / "m", *TINY, *words)
    assert result.exit_code == 2 and what in " ".join(result.stderr.split()), result.stderr
    assert not (tmp_path / "m").exists()


def test_a_cell_that_is_no_weight_is_named_with_its_row(cli: Cli, tmp_path: Path) -> None:
    path = write_rare(tmp_path / "rare.csv", 40)
    lines = path.read_text().splitlines()
    for wrong in ("", "0", "-1", "nan", "much"):
        changed = [*lines[:7], lines[7].rpartition(",")[0] + f",{wrong}", *lines[8:]]
        path.write_text("\n".join(changed) + "\n")
        result = cli("train", path, "--out", tmp_path / "m", "--weight", "how much", *TINY)
        told = " ".join(result.stderr.split())
        assert result.exit_code != 0 and "row 7" in told and "number above 0" in told, told


def test_a_threshold_is_for_two_labels_and_for_the_rarer_one_unless_another_is_named() -> None:
    asked = DecisionOptions(tune_threshold="f1")
    assert tuning(asked, ["a", "b"], [3, 9], 0).positive == 0  # type: ignore[union-attr]
    assert tuning(asked, ["a", "b"], [9, 3], 0).positive == 1  # type: ignore[union-attr]
    named = DecisionOptions(tune_threshold="5:1", positive="a")
    assert tuning(named, ["a", "b"], [9, 3], 0).positive == 0  # type: ignore[union-attr]
    assert tuning(DecisionOptions(), ["a", "b"], [9, 3], 0) is None
    with pytest.raises(OptionError, match="is for two labels, and there are 3"):
        tuning(asked, ["a", "b", "c"], [1, 1, 1], 0)


def test_the_threshold_is_chosen_on_the_rows_given() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random(400) < 0.2).astype(np.int64)
    chance = np.clip(0.2 + 0.3 * truth + rng.normal(0, 0.15, 400), 0.01, 0.99)
    chances = np.stack([1 - chance, chance], axis=1)
    chosen = tuning(DecisionOptions(tune_threshold="f1"), ["n", "y"], [8, 2], 3)
    assert chosen is not None
    decision = chosen.decision(chances, truth, None)
    assert decision.threshold == choose_threshold(chance, truth == 1, Goal("f1"), seed=3)
    facts = chosen.facts(decision, chances, truth, "y")
    assert facts["value"] > facts["value_at_half"] and facts["positive_rows"] == int(truth.sum())


def test_data_are_recognised_whatever_their_rows_count(rare: Path, cli: Cli, tmp_path: Path) -> None:
    out, common = tmp_path / "m", (*TINY, "--no-baseline")
    assert cli("train", rare, "--out", out, "--weight", "how much", *common).exit_code == 0
    assert "the very data that the model was trained on" in " ".join(cli("evaluate", out, rare).stderr.split())


def test_each_part_alone_is_judged_by_the_models_own_threshold(decided: Path, rare: Path) -> None:
    from recurra.tasks.classify.learn.ablation import ablation

    with rare.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    texts, truth = [row["text"] for row in rows], np.array([["rare", "usual"].index(row["label"]) for row in rows])
    model = recurra.load(decided)
    logits = np.concatenate([part.logits for part in model.predict_iter(texts)])
    found = []
    for threshold in (0.5, 0.05):
        model.decision = Decision(0, threshold)
        parts = ablation(model, texts, logits, truth, temperature=model.temperature, intercept=None)
        assert parts is not None
        found.append(parts["ngrams"]["accuracy"])
    assert found[0] != found[1]
