"""Training that goes on with a model of several labels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import recurra
from recurra.cli.app import app

TINY = ["--task", "multilabel", "--threads", "1", "--precision", "fp32", "--no-baseline"]


def rows(count: int, seed: int, labels: dict[str, str]) -> list[str]:
    """Texts with some of the words that labels go by."""
    rng = np.random.default_rng(seed)
    lines = ["text,labels"]
    for number in range(count):
        chosen = [word for word in labels if rng.random() < 0.5]
        words = rng.permutation([*chosen, *rng.choice(["the", "a", "was", "of"], 5), f"w{seed}x{number}"])
        lines.append(f"{' '.join(words)},{';'.join(labels[word] for word in chosen)}")
    return lines


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a model `old` and one that went on from it, `new`; and what the second command told."""
    folder = tmp_path_factory.mktemp("labels")
    (folder / "old.csv").write_text("\n".join(rows(120, 0, {"film": "arts", "tree": "nature"})), encoding="utf-8")
    (folder / "new.csv").write_text("\n".join(rows(120, 1, {"goal": "sport", "tree": "nature"})), encoding="utf-8")
    first = ["--hidden", "4", "--embedding", "4", "--epochs", "4", "--learning-rate", "0.03"]
    told = ""
    for name, more in (("old", first), ("new", ["--from", folder / "old", "--epochs", "2"])):
        words = ["train", folder / f"{name}.csv", "--out", folder / name, *TINY, *more]
        result = CliRunner().invoke(app(), list(map(str, words)))
        assert result.exit_code == 0, result.output
        told = " ".join(result.output.split())
    return folder, told


def test_further_labels_follow_and_those_without_rows_stay(models: tuple[Path, str]) -> None:
    folder, told = models
    model = recurra.load(models[0] / "new")
    assert model.classes_.tolist() == ["arts", "nature", "sport"]
    metrics = {name: json.loads((folder / name / "metrics.json").read_bytes()) for name in ("old", "new")}
    found = metrics["new"]["continued"]
    assert found["further_labels"] == ["sport"]
    assert found["old"]["rows"] == metrics["old"]["test"]["rows"]
    assert found["old"]["before"] == pytest.approx(metrics["old"]["test"]["micro_f1"])
    assert found["new"]["after"] == pytest.approx(metrics["new"]["test"]["micro_f1"])
    assert found["new"]["after"] > found["new"]["before"]
    assert f"On {found['old']['rows']} held-out rows of {folder / 'old'}: micro F1" in told
    for file in ("report.html", "README.md"):
        assert "Before and after" in (folder / "new" / file).read_text(encoding="utf-8"), file


def test_what_is_new_is_learnt_beside_what_was_known(models: tuple[Path, str]) -> None:
    chances = recurra.load(models[0] / "new").predict_proba(["a tree was", "a goal was"])
    assert chances[0, 1] > chances[1, 1] and chances[1, 2] > chances[0, 2]
