"""Training that goes on with a model of numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import recurra
from recurra.cli.app import app

TINY = ["--task", "regress", "--threads", "1", "--precision", "fp32", "--no-baseline"]


def rows(count: int, seed: int, word: str = "good") -> list[str]:
    """Texts whose number is how often they have a word, ten times, and some noise."""
    rng = np.random.default_rng(seed)
    lines = ["text,score"]
    for number in range(count):
        times = int(rng.integers(0, 4))
        words = rng.permutation([*[word] * times, *rng.choice(["the", "film", "plot", "was"], 6), f"w{seed}x{number}"])
        lines.append(f"{' '.join(words)},{200 + 10 * times + rng.normal():.2f}")
    return lines


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a model `old` and one that went on from it, `new`; and what the second command told."""
    folder = tmp_path_factory.mktemp("numbers")
    (folder / "old.csv").write_text("\n".join(rows(120, 0)), encoding="utf-8")
    (folder / "new.csv").write_text("\n".join(rows(120, 1, "grand")), encoding="utf-8")
    first = ["--hidden", "4", "--embedding", "4", "--epochs", "4", "--learning-rate", "0.03"]
    told = ""
    for name, more in (("old", first), ("new", ["--from", folder / "old", "--epochs", "2"])):
        words = ["train", folder / f"{name}.csv", "--out", folder / name, *TINY, *more]
        result = CliRunner().invoke(app(), list(map(str, words)))
        assert result.exit_code == 0, result.output
        told = " ".join(result.output.split())
    return folder, told


def test_both_answer_the_same_rows_in_the_unit_of_the_numbers(models: tuple[Path, str]) -> None:
    folder, told = models
    metrics = {name: json.loads((folder / name / "metrics.json").read_bytes()) for name in ("old", "new")}
    found = metrics["new"]["continued"]
    assert found["old"]["rows"] == metrics["old"]["test"]["rows"]
    assert found["old"]["before"] == pytest.approx(metrics["old"]["test"]["mae"])
    assert found["new"]["after"] == pytest.approx(metrics["new"]["test"]["mae"])
    assert found["new"]["after"] < 0.7 * found["new"]["before"], "a word that the old one lacked is learnt"
    assert f"On {found['old']['rows']} held-out rows of {folder / 'old'}: mean absolute error" in told
    for file in ("report.html", "README.md"):
        assert "Before and after" in (folder / "new" / file).read_text(encoding="utf-8"), file


def test_what_was_known_is_kept(models: tuple[Path, str]) -> None:
    model = recurra.load(models[0] / "new")
    little, much = model.predict(["the film was", "good good good the film"])
    assert little < much
    assert model.predict(["grand grand grand the film"])[0] > little
