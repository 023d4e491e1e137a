"""What a search makes as good as it can."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.tuning.metric import Figure


def test_the_good_direction() -> None:
    assert Figure("accuracy").better(0.9, 0.8) and not Figure("log_loss").better(0.9, 0.8)
    assert not Figure("mae").better(0.5, 0.5) and not Figure("micro_f1").better(0.5, 0.5)


def test_a_figure_that_is_not_measured() -> None:
    assert Figure("mae").of({"mae": 0.25, "rmse": 0.5}) == 0.25
    with pytest.raises(OptionError, match=r"Did you mean 'accuracy'.* Measured are accuracy, loss"):
        Figure("acuracy").of({"accuracy": 0.5, "loss": 1.0})


def test_an_epoch_has_the_figure_or_the_loss() -> None:
    entry = {"epoch": 2, "valid_loss": 0.4, "valid_accuracy": 0.75, "train_loss": 0.1}
    assert Figure("accuracy").of_epoch(entry) == 0.75
    assert Figure("log_loss").of_epoch(entry) == 0.4
    assert Figure("micro_f1").of_epoch(entry) is None
