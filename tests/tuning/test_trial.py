"""One trial, judged on the validation rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import OptionError
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import get_task
from recurra.terminal.progress import Reporter
from recurra.training.control import UNATTENDED
from recurra.training.trainer import RunContext
from recurra.tuning.metric import Figure
from recurra.tuning.study import EPOCHS
from recurra.tuning.trial import Pruned, run_trial, with_values

TINY = {"ngrams": 0, "hidden": 4, "embedding": 4, "epochs": 2, "threads": 1, "quantise": "never"}


def test_the_value_is_that_of_the_validation_rows(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = task_options(TINY)
    trainer = get_task("classify").trainer()
    with trainer(options, RunContext(str(reviews), tmp_path, tmp_path / "r", Reporter(quiet=True))) as task:
        task.read()
        counts, _ = task.split()
        task.fit(UNATTENDED)
        expected = task.validation()
    monkeypatch.setattr(trainer, "evaluate", lambda self: pytest.fail("held-out rows are no part of a search"))
    seen: list[tuple[int, float]] = []

    def note(epoch: int, value: float) -> bool:
        seen.append((epoch, value))
        return False

    found = run_trial(trainer, str(reviews), options, None, tmp_path, on_epoch=note)
    assert found.figures == expected and found.value == expected["log_loss"]
    assert found.validation_rows == counts["valid"]
    assert [epoch for epoch, _ in seen] == [1] and found.facts[EPOCHS] == 2
    assert found.resolved.model_dump()["learning_rate"] is not None  # what depends on the rows is known
    assert sorted(path.name for path in tmp_path.iterdir()) == [reviews.name] or not list(tmp_path.glob("trial-*"))

    other = run_trial(trainer, str(reviews), options, Figure("accuracy"), tmp_path)
    assert other.value == expected["accuracy"]
    with pytest.raises(OptionError, match="Measured are accuracy, log_loss"):
        run_trial(trainer, str(reviews), options, Figure("bleu"), tmp_path)
    with pytest.raises(Pruned):
        run_trial(trainer, str(reviews), options, None, tmp_path, on_epoch=lambda epoch, value: True)


def test_where_more_is_joined_to_the_network_its_epochs_tell_nothing(reviews: Path, tmp_path: Path) -> None:
    trainer = get_task("classify").trainer()
    options = task_options({**TINY, "ngrams": 2})
    found = run_trial(trainer, str(reviews), options, None, tmp_path, on_epoch=lambda epoch, value: True)
    assert found.facts[EPOCHS] == 2


def test_values_beside_those_that_are_given() -> None:
    options = with_values(task_options({"hidden": 8, "level": "char"}), {"dropout": 0.25})
    assert (options.model_dump()["hidden"], options.model_dump()["dropout"]) == (8, 0.25)
    assert options.model_fields_set >= {"hidden", "level", "dropout"}
    with pytest.raises(OptionError, match="spelling of words"):
        with_values(task_options({"level": "char"}), {"subwords": "vectors"})
