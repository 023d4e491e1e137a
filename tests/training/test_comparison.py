"""The frame of a comparison, with a task that trains nothing: what is written, timed and noted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import OptionError
from recurra.evaluation.comparison import ACCURACY, MEAN_ABSOLUTE_ERROR, Measure, compare_correct
from recurra.options.training import TaskOptions
from recurra.terminal.progress import Reporter
from recurra.training.comparison import Comparison, Contender, compare, note
from recurra.training.control import RunControl

SIZES = {"rnn": 1, "gru": 3, "lstm": 4}


def answers(rows: int, right: int) -> Any:
    """Whether a cell was right: the first `right` of the rows."""
    return np.arange(rows) < right


class Made(Comparison[TaskOptions]):
    """Answers that are made up: the larger a cell, the better, and a later seed a little less so."""

    of: Measure = ACCURACY
    asked: list[Any]
    closed = 0

    @classmethod
    def check(cls, options: TaskOptions) -> None:  # noqa: ARG003
        cls.asked = []

    def read(self) -> dict[str, Any]:
        self.measure = self.of
        assert self.context.directory.is_dir()
        return {"split": {"how": "made", "train": 50, "test": 40}, "data": {}, "config": {}}

    def train(self, cell: str, seed: int, control: RunControl) -> Contender:
        self.asked.append((cell, seed))
        right = answers(40, 20 + 4 * SIZES[cell] - seed)
        rows = right if self.of is ACCURACY else np.where(right, 0.1, 0.5)
        return Contender(rows, [{"seconds": 0.5}, {"seconds": 1.5}], SIZES[cell], 0.5, self.asked.append)

    def close(self) -> None:
        type(self).closed += 1


class MadeNumbers(Made):
    of = MEAN_ABSOLUTE_ERROR


@pytest.mark.parametrize("kind", [Made, MadeNumbers])
def test_each_cell_and_seed_is_trained_once_and_the_best_found(kind: type[Made], tmp_path: Path) -> None:
    closed = kind.closed
    result = compare(
        kind,
        "d.csv",
        tmp_path / "c",
        ["gru", "lstm", "rnn"],
        TaskOptions(seed=7),
        seeds=2,
        reporter=Reporter(quiet=True),
    )
    trained = [one for one in kind.asked if isinstance(one, tuple)]
    assert trained == [(cell, seed) for cell in ("gru", "lstm", "rnn") for seed in (7, 8)]
    assert kind.asked.count(39) == 3 and kind.asked.count(3) == 6  # each row alone, the first ten to warm up too
    assert kind.closed == closed + 1
    name = result["measure"]
    first = result["cells"][0]
    assert (result["best"], name) == ("lstm", {Made: "accuracy", MadeNumbers: "mae"}[kind])
    assert first["train_seconds"] == 2 and first["train_rows_per_second"] == 50
    right = [(20 + 12 - seed) / 40 for seed in (7, 8)]
    expected = right if kind is Made else [0.1 * share + 0.5 * (1 - share) for share in right]
    assert first[f"{name}_by_seed"] == pytest.approx(expected) and first[name] == pytest.approx(np.mean(expected))
    assert first[f"{name}_sd_over_seeds"] == pytest.approx(np.std(expected, ddof=1))
    assert first[f"{name}_ci95"][0] < first[name] < first[f"{name}_ci95"][1]
    assert json.loads((tmp_path / "c" / "comparison.json").read_text()) == json.loads(json.dumps(result))
    table = (tmp_path / "c" / "comparison.md").read_text()
    assert table.startswith(f"| cell | {kind.of.title} |") and table.count("\n| ") == 3
    assert (tmp_path / "c" / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_a_cell_that_is_none_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="Did you mean 'gru'"):
        compare(Made, "d.csv", tmp_path / "c", ["gruu"], TaskOptions())
    with pytest.raises(OptionError, match="twice"):
        compare(Made, "d.csv", tmp_path / "c", ["gru", "gru"], TaskOptions())
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("right", [199, 150])
def test_the_note_names_the_test(seeds: int, right: int) -> None:
    paired = compare_correct([answers(200, 199)] * seeds, [answers(200, right)] * seeds)
    said = note({"best": "gru", "seeds": seeds, "paired_with_best": {"rnn": paired}})
    assert ("not reliably better than rnn" in said) == (right == 199)
    assert ("McNemar" in said, "means over 3 seeds" in said) == (seeds == 1, seeds == 3)
