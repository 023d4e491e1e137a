"""The study of a search: its trials in one file."""

from __future__ import annotations

from pathlib import Path

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from recurra.errors import ResumeError
from recurra.tuning.space import Choice, Range, Space
from recurra.tuning.study import (
    DEFAULTS,
    FILE,
    MESSAGE,
    add_defaults,
    ask,
    check_identity,
    counted,
    distributions,
    end_left_behind,
    open_study,
)

SPACE: Space = {"hidden": Range(8, 64, log=True), "dropout": Range(0.0, 0.5), "cell": Choice(("gru", "lstm"))}


def test_a_space_as_optuna_has_it() -> None:
    assert distributions(SPACE) == {
        "hidden": IntDistribution(8, 64, log=True),
        "dropout": FloatDistribution(0.0, 0.5),
        "cell": CategoricalDistribution(("gru", "lstm")),
    }


def test_what_is_tried_depends_on_the_trials_before_alone(tmp_path: Path) -> None:
    def searched(folder: Path, stops: int) -> list[dict[str, object]]:
        folder.mkdir()
        study = open_study(folder, higher_is_better=False)
        for number in range(9):
            if stops:  # each trial in a process of its own
                study = open_study(folder, higher_is_better=False)
            trial = ask(study, SPACE, folder, 9, seed=3)
            assert trial is not None and trial.number == number
            study.tell(trial, (trial.params["hidden"] - 30) ** 2)
        assert ask(study, SPACE, folder, 9) is None
        return [trial.params for trial in study.trials]

    one = searched(tmp_path / "one", 0)
    assert one == searched(tmp_path / "other", 1)
    assert len({str(params) for params in one}) == 9


def test_processes_that_ask_at_once_try_different_options(tmp_path: Path) -> None:
    studies = [open_study(tmp_path, higher_is_better=False) for _ in range(4)]
    trials = [ask(study, SPACE, tmp_path, 9, seed=3, jobs=4) for study in studies]
    assert len({str(trial.params) for trial in trials if trial is not None}) == 4


@pytest.mark.parametrize("name", ["who?x=1.tuning", "100%25.tuning", "a b#c.tuning"])
def test_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    open_study(folder, higher_is_better=False)
    assert (folder / FILE).exists() and [path.name for path in tmp_path.iterdir()] == [name]


def test_a_study_that_is_damaged(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(ResumeError, match=r"cannot be read .*--overwrite"):
        open_study(tmp_path, higher_is_better=False)


def test_trials_that_were_killed_do_not_count(tmp_path: Path) -> None:
    study = open_study(tmp_path, higher_is_better=True)
    assert ask(study, SPACE, tmp_path, 2) is not None  # its process is killed here
    failed = ask(study, SPACE, tmp_path, 2)
    assert failed is not None and ask(study, SPACE, tmp_path, 2) is None
    failed.set_user_attr(MESSAGE, "it does not fit")
    study.tell(failed, state=TrialState.FAIL)

    again = open_study(tmp_path, higher_is_better=True)
    assert end_left_behind(again) == 1
    assert [trial.number for trial in counted(again)] == [1]
    assert ask(again, SPACE, tmp_path, 2) is not None


def test_the_options_as_given_are_a_trial(tmp_path: Path) -> None:
    study = open_study(tmp_path, higher_is_better=False)
    add_defaults(study, SPACE, {"hidden": 128, "dropout": 0.5, "cell": "gru", "seed": 0}, 0.25, {"rows": 7})
    (trial,) = study.trials
    assert (trial.value, trial.params) == (0.25, {"dropout": 0.5, "cell": "gru"})  # 128 lies outside
    assert trial.user_attrs == {DEFAULTS: True, "rows": 7}


def test_a_study_of_another_search(tmp_path: Path) -> None:
    identity = {
        "options": {"hidden": 8, "text": None},
        "space": {"cell": ["gru", "rnn"]},
        "metric": "loss",
        "data": "a",
    }
    study = open_study(tmp_path, higher_is_better=False)
    check_identity(study, identity)
    study = open_study(tmp_path, higher_is_better=False)
    check_identity(study, identity)
    for other, words in (
        ({"options": {"hidden": 8, "text": "review"}}, "--text was None and is now 'review'"),
        ({"space": {"cell": ["gru"]}}, "the search space"),
        ({"metric": "accuracy"}, "--metric"),
        ({"data": "b"}, "content of the data"),
    ):
        with pytest.raises(ResumeError, match=f"{words}.*--overwrite"):
            check_identity(study, {**identity, **other})
