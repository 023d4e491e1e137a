"""What a search has found."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from optuna import Study
from optuna.trial import TrialState

from recurra.tuning.metric import Figure
from recurra.tuning.outcome import importance, importance_png, outcome, told, trials_csv
from recurra.tuning.space import Choice, Range, Space
from recurra.tuning.study import EPOCHS, MESSAGE, SECONDS, add_defaults, ask, open_study

SPACE: Space = {"hidden": Range(1, 100), "dropout": Range(0.0, 0.5), "cell": Choice(("gru", "lstm"))}
LOSS = Figure("log_loss")


@pytest.fixture
def study(tmp_path: Path) -> Callable[[Callable[[dict[str, object]], float]], Study]:
    """Make a study whose trials are worth what a function says, with the defaults, one pruned and one that failed."""

    def make(value: Callable[[dict[str, object]], float]) -> Study:
        made = open_study(tmp_path, higher_is_better=False)
        given = {"hidden": 64, "dropout": 0.25, "cell": "gru"}
        add_defaults(made, SPACE, given, value(given), {"rows": 40, EPOCHS: 3, SECONDS: 1.5})
        for _ in range(30):
            trial = ask(made, SPACE, tmp_path, 100, seed=1)
            assert trial is not None
            made.tell(trial, value(trial.params))
        pruned = ask(made, SPACE, tmp_path, 100, seed=1)
        assert pruned is not None
        made.tell(pruned, state=TrialState.PRUNED)
        failed = ask(made, SPACE, tmp_path, 100, seed=1)
        assert failed is not None
        failed.set_user_attr(MESSAGE, 'a, "b"\nc')
        made.tell(failed, state=TrialState.FAIL)
        return made

    return make


def test_the_best_and_what_mattered(study: Callable[..., Study]) -> None:
    made = study(lambda values: abs(values["hidden"] - 20) / 10 + (values["cell"] == "gru") * 0.01)
    found = outcome(made, LOSS, SPACE, seconds=12.5, validation_rows=40)
    best = min((trial for trial in made.trials if trial.value is not None), key=lambda trial: trial.value)
    assert (found["best"]["trial"], found["best"]["value"]) == (best.number, best.value)
    assert found["best"]["options"]["hidden"] == best.params["hidden"]
    assert found["defaults"]["value"] == pytest.approx(4.41)
    assert (found["trials"], found["pruned"], found["failed"]) == (33, 1, 1)
    shares = found["importance"]
    assert next(iter(shares)) == "hidden" and shares["hidden"] > 0.9 and sum(shares.values()) == pytest.approx(1)
    values = [entry["value"] for entry in found["top"]]
    assert values == sorted(values) and len(values) == 10
    words = " ".join(told(found))
    assert "33 trials, 1 of them pruned early, 1 failed." in words
    assert "against 4.41 with the options as given" in words and "--hidden 9" in words


def test_of_equals_the_options_as_given(study: Callable[..., Study]) -> None:
    made = study(lambda values: 0.5)
    found = outcome(made, LOSS, SPACE, seconds=1, validation_rows=1234)
    assert (found["best"]["trial"], found["best"]["options"], found["importance"]) == (0, {}, {})
    assert "No trial was better" in told(found)[1] and "1,234 validation rows" in told(found)[1]


def test_too_few_trials_say_nothing_of_importance(study: Callable[..., Study]) -> None:
    assert importance(study(lambda values: values["dropout"]), SPACE, 3) == {}


def test_the_table_has_every_trial(study: Callable[..., Study]) -> None:
    made = study(lambda values: values["dropout"])
    rows = list(csv.DictReader(io.StringIO(trials_csv(made, LOSS, SPACE).decode())))
    assert [int(row["trial"]) for row in rows] == list(range(33))
    assert (rows[0]["state"], rows[0]["epochs"], rows[0]["seconds"], rows[0]["hidden"]) == ("default", "3", "1.5", "64")
    assert [row["state"] for row in rows[-2:]] == ["pruned", "fail"] and rows[-1]["message"] == 'a, "b"\nc'
    for row, trial in zip(rows[:-2], made.trials, strict=False):
        assert float(row["log_loss"]) == trial.value
        assert float(row["dropout"]) == pytest.approx(trial.params["dropout"], rel=6e-3)
        assert row["cell"] == trial.params["cell"]


@pytest.mark.parametrize("shares", [{}, {"hidden": 0.75, "cell": 0.25}])
def test_a_plot(shares: dict[str, float]) -> None:
    values = np.random.default_rng(0).random(7).tolist()
    assert importance_png(shares, values, LOSS).startswith(b"\x89PNG")
