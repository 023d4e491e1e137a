"""One process of a search: trial after trial."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import InterruptedTraining, OptionError, ReadError, ResumeError, TrainingError
from recurra.options.training import TaskOptions
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter
from recurra.tuning import searching
from recurra.tuning.metric import Figure
from recurra.tuning.searching import FAILURES_IN_A_ROW, Search, run_jobs, run_trials
from recurra.tuning.space import Range
from recurra.tuning.study import EPOCHS, MESSAGE, SECONDS, STARTUP_TRIALS, counted
from recurra.tuning.trial import Pruned, Tried


class Kept(Reporter):
    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.said: list[str] = []

    def info(self, sentence: str) -> None:
        self.said.append(sentence)


@pytest.fixture
def search(tmp_path: Path) -> Search:
    return Search(
        data="data",
        options=task_options({"cell": "gru"}),
        fingerprint="f",
        space={"hidden": Range(1, 100), "dropout": Range(0.0, 0.5)},
        figure=Figure("loss"),
        folder=tmp_path,
        trials=12,
        deadline=time.time() + 3600,
        jobs=1,
    )


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., float]], None]:
    """Let trials be a function of their options instead of a training."""

    def use(value: Callable[..., float]) -> None:
        def fake(trainer: Any, data: str, options: TaskOptions, figure: Any, folder: Path, *, on_epoch: Any) -> Tried:
            facts = {EPOCHS: 1, SECONDS: 0.5}
            return Tried(value(options, on_epoch), {}, options, "f", 10, facts)

        monkeypatch.setattr(searching, "run_trial", fake)

    return use


def test_enough_trials_and_no_more(search: Search, measured: Any) -> None:
    tried: list[tuple[int, float]] = []

    def value(options: Any, on_epoch: Any) -> float:
        assert options.cell == "gru"
        tried.append((options.hidden, options.dropout))
        return float((options.hidden - 60) ** 2)

    measured(value)
    reporter = Kept()
    run_trials(search, reporter)
    assert len(tried) == len(set(tried)) == 12 == len(counted(search.study()))
    best = min(tried, key=lambda pair: (pair[0] - 60) ** 2)
    assert search.study().best_value == (best[0] - 60) ** 2
    assert "the best so far" in reporter.said[0] and "--hidden" in reporter.said[0]
    run_trials(search, reporter)
    assert len(tried) == 12
    run_trials(replace(search, trials=14), reporter)
    assert len(tried) == 14


def test_no_trial_after_the_deadline(search: Search, measured: Any) -> None:
    measured(lambda options, on_epoch: pytest.fail("it is too late"))
    run_trials(replace(search, deadline=time.time() - 1), Kept())
    assert not counted(search.study())


def test_a_trial_that_is_worse_half_way_is_pruned(search: Search, measured: Any) -> None:
    made = iter(range(100))

    def value(options: Any, on_epoch: Any) -> float:
        level = 1.0 if next(made) < STARTUP_TRIALS else 5.0
        for epoch in range(1, 5):
            if on_epoch(epoch, level):
                raise Pruned
        return level

    measured(value)
    reporter = Kept()
    run_trials(replace(search, trials=STARTUP_TRIALS + 2), reporter)
    assert [trial.state.name for trial in counted(search.study())] == ["COMPLETE"] * STARTUP_TRIALS + ["PRUNED"] * 2
    assert reporter.said[-1].startswith(f"Trial {STARTUP_TRIALS + 1}: pruned, --hidden ")


def test_a_trial_that_fails_is_told_and_counts(search: Search, measured: Any) -> None:
    made = iter(range(100))

    def value(options: Any, on_epoch: Any) -> float:
        number = next(made)
        if number == 1:
            raise OptionError("It does not fit.")
        return float("nan") if number == 2 else 1.0

    measured(value)
    run_trials(replace(search, trials=4), Kept())
    found = counted(search.study())
    assert [trial.state.name for trial in found] == ["COMPLETE", "FAIL", "FAIL", "COMPLETE"]
    assert found[1].user_attrs[MESSAGE] == "It does not fit."
    assert "no number" in found[2].user_attrs[MESSAGE]


def test_where_every_trial_fails_the_search_ends(search: Search, measured: Any) -> None:
    def value(options: Any, on_epoch: Any) -> float:
        raise MemoryError

    measured(value)
    with pytest.raises(TrainingError, match=f"{FAILURES_IN_A_ROW} trials failed.*MemoryError"):
        run_trials(search, Kept())


@pytest.mark.parametrize(
    "error", [InterruptedTraining("Stopped."), ReadError("The file is gone."), KeyboardInterrupt()]
)
def test_what_is_not_of_the_values_ends_the_search_and_the_trial_does_not_count(
    search: Search, measured: Any, error: BaseException
) -> None:
    def value(options: Any, on_epoch: Any) -> float:
        raise error

    measured(value)
    with pytest.raises(type(error)):
        run_trials(search, Kept())
    assert not counted(search.study())


def test_data_that_have_changed(search: Search, measured: Any) -> None:
    measured(lambda options, on_epoch: 1.0)
    with pytest.raises(ResumeError, match="content of the data"):
        run_trials(replace(search, fingerprint="other"), Kept())


def test_several_processes_share_a_study(search: Search, reviews: Path) -> None:
    options = task_options({"embedding": 4, "epochs": 1, "threads": 1, "quantise": "never", "rows": 60})
    real = replace(
        search,
        data=str(reviews),
        options=options,
        space={"hidden": Range(2, 6)},
        trials=3,
        jobs=2,
        figure=Figure("log_loss"),
    )
    real.study()
    with pytest.raises(ResumeError, match="content of the data"):
        run_jobs(real, Kept())
    assert not counted(real.study())
