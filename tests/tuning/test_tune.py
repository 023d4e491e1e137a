"""A whole search: from data to a model of the best options."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import InterruptedTraining, OptionError, OutputError, ReadError, ResumeError
from recurra.options.training import TaskOptions
from recurra.storage.model_directory import METRICS
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter
from recurra.tuning import searching
from recurra.tuning.study import open_study
from recurra.tuning.tune import tune, tuning_directory

QUIET = Reporter(quiet=True)
TINY = {"embedding": 4, "epochs": 1, "threads": 1, "quantise": "never", "rows": 60, "baseline": False}


@pytest.fixture
def space(tmp_path: Path) -> Path:
    file = tmp_path / "space.toml"
    file.write_text("hidden = {low = 2, high = 6}\ndropout = {low = 0.0, high = 0.5}")
    return file


def test_a_search_is_stopped_and_goes_on_to_the_same_end(
    reviews: Path, tmp_path: Path, space: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = task_options(TINY)

    def run(out: Path, trials: int = 4, given: TaskOptions = options, **more: Any) -> dict[str, Any]:
        return tune(str(reviews), out, given, trials=trials, space=space, reporter=QUIET, **more)

    whole = run(tmp_path / "whole")["tuning"]
    assert (whole["trials"], whole["metric"]) == (4, "log_loss")
    found = json.loads((tmp_path / "whole" / METRICS).read_text())
    assert found["tuning"] == whole
    chosen = whole["best"]["options"] or {"hidden": options.model_dump()["hidden"]}
    assert found["config"]["hidden"] == chosen["hidden"]
    assert "How the options were chosen" in (tmp_path / "whole" / "report.html").read_text()

    run_one = searching.run_one

    def stopped(search: Any, study: Any, trial: Any) -> tuple[str, str]:
        if trial.number == 2:
            monkeypatch.setattr(searching, "run_one", run_one)
            raise InterruptedTraining("Stopped.")
        return run_one(search, study, trial)

    monkeypatch.setattr(searching, "run_one", stopped)
    out = tmp_path / "stopped"
    with pytest.raises(InterruptedTraining, match=r"are kept in .*stopped\.tuning.*--resume"):
        run(out)
    assert not out.exists()
    with pytest.raises(OutputError, match="holds a search already"):
        run(out)
    with pytest.raises(ResumeError, match="--embedding was 4 and is now 5"):
        run(out, resume=True, given=task_options({**TINY, "embedding": 5}))
    again = run(out, resume=True)["tuning"]
    assert again["trials"] == 4
    assert sorted(os.listdir(tuning_directory(out))) == ["asking", "importance.png", "lock", "study.db", "trials.csv"]

    more = run(out, trials=5, resume=True, overwrite=True)["tuning"]
    assert more["trials"] == 5
    with pytest.raises(ResumeError, match="no search to go on with"):
        run(tmp_path / "new", resume=True)
    assert run(out, trials=1, overwrite=True)["tuning"]["trials"] == 1


def test_a_search_that_was_killed_in_its_first_trial_is_none(reviews: Path, tmp_path: Path, space: Path) -> None:
    folder = tuning_directory(tmp_path / "m")
    folder.mkdir()
    open_study(folder, higher_is_better=False)  # by its loss, which is to be low
    (folder / "trial-left").mkdir()
    options = task_options(TINY)
    found = tune(str(reviews), tmp_path / "m", options, trials=1, metric="accuracy", space=space, reporter=QUIET)
    assert found["tuning"]["higher_is_better"] and not (folder / "trial-left").exists()
    assert open_study(folder, higher_is_better=True).direction.name == "MAXIMIZE"


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"metric": "bleu"}, OptionError, "Measured are accuracy, log_loss"),
        ({"data": "none.csv"}, ReadError, "none.csv"),
    ],
)
def test_what_fails_at_once_leaves_nothing(
    reviews: Path, tmp_path: Path, space: Path, changes: dict[str, str], error: type[Exception], words: str
) -> None:
    data = changes.pop("data", str(reviews))
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(error, match=words):
        tune(data, tmp_path / "m", task_options(TINY), space=space, reporter=QUIET, **changes)  # type: ignore[arg-type]
    assert sorted(os.listdir(tmp_path)) == before


def test_a_model_that_is_there_is_kept(reviews: Path, tmp_path: Path, trained: tuple[Path, dict[str, Any]]) -> None:
    with pytest.raises(OutputError, match="already holds a model"):
        tune(str(reviews), trained[0], task_options(TINY), reporter=QUIET)
    assert not tuning_directory(trained[0]).exists()


def test_without_optuna(reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recurra.tuning.study.not_installed", lambda names: list(names))
    with pytest.raises(OptionError, match=r"not installed \(optuna\).*\[tune\]"):
        tune(str(reviews), tmp_path / "m", task_options(TINY), reporter=QUIET)


def test_another_task(tmp_path: Path, space: Path) -> None:
    rows = [("text", "stars"), *((f"word{n % 7} and word{n % 5}", str(n % 7)) for n in range(60))]
    data = tmp_path / "stars.csv"
    data.write_text("".join(f"{text},{stars}\n" for text, stars in rows))
    options = task_options({**TINY, "task": "regress", "target": "stars", "epochs": 2})
    found = tune(str(data), tmp_path / "m", options, trials=2, space=space, reporter=QUIET)
    assert found["tuning"]["metric"] == "mae" and not found["tuning"]["higher_is_better"]
