"""Training that goes on with a model of numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import recurra
from recurra.cli.app import app
from recurra.tasks.regress.learn.before_after import before_and_after

TINY = ["--task", "regress", "--threads", "1", "--precision", "fp32", "--no-baseline"]


def rows(count: int, seed: int, word: str = "good", fewest: int = 0) -> list[str]:
    """Texts whose number is how often they have a word, `fewest` times or more, ten times, and some noise."""
    rng = np.random.default_rng(seed)
    lines = ["text,score"]
    for number in range(count):
        times = int(rng.integers(fewest, 4))
        words = rng.permutation([*[word] * times, *rng.choice(["the", "film", "plot", "was"], 6), f"w{seed}x{number}"])
        lines.append(f"{' '.join(words)},{200 + 10 * times + rng.normal():.2f}")
    return lines


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a model `old` and one that went on from it, `new`; and what the second command told."""
    folder = tmp_path_factory.mktemp("numbers")
    (folder / "old.csv").write_text("\n".join(rows(120, 0)), encoding="utf-8")
    (folder / "new.csv").write_text("\n".join(rows(120, 1, "grand", fewest=1)), encoding="utf-8")
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


def test_numbers_that_new_rows_lack_are_answered_still(models: tuple[Path, str]) -> None:
    folder, _ = models
    lowest, highest = (
        [json.loads((folder / name / "metrics.json").read_bytes())["intervals"][end] for name in ("old", "new")]
        for end in ("lowest", "highest")
    )
    new = [float(line.rsplit(",", 1)[1]) for line in rows(120, 1, "grand", fewest=1)[1:]]
    assert lowest[0] < min(new) - 5 and lowest[1] == lowest[0]
    assert highest[1] >= max(highest[0], sorted(new)[-40])
    model = recurra.load(folder / "new")
    assert isinstance(model, recurra.TextRegressor) and model.intervals is not None
    answered = model.intervals.clipped([min(new) - 5, lowest[0] - 1])
    assert answered.tolist() == [min(new) - 5, lowest[0]], "of the new rows alone, none would be below their least"


def test_the_errors_are_those_of_what_the_models_answer(models: tuple[Path, str]) -> None:
    before, after = (recurra.load(models[0] / name) for name in ("old", "new"))
    assert isinstance(after, recurra.TextRegressor) and after.intervals is not None
    after.intervals = replace(after.intervals, lowest=221.0, highest=223.0)
    texts, truth = zip(*(line.rsplit(",", 1) for line in rows(30, 0)[1:]), strict=True)
    found = before_and_after(before, after, lambda: texts, truth)
    numbers = np.array(truth, dtype=float)
    assert found is not None and found["before"] == pytest.approx(np.abs(before.predict(texts) - numbers).mean())
    assert found["after"] == pytest.approx(np.abs(np.clip(after.answers(texts)[:, 0], 221, 223) - numbers).mean())
    assert found["paired"]["difference"] == pytest.approx(found["after"] - found["before"])
