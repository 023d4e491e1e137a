"""More rows get fewer epochs."""

from __future__ import annotations

from recurra.options.training import FitOptions
from recurra.tasks.chat.learn.trainer import EPOCHS as CHAT
from recurra.tasks.translate.learn.trainer import EPOCHS as TRANSLATE
from recurra.training.epochs import EpochBudget


def test_more_rows_get_fewer_epochs_within_bounds() -> None:
    budget, options = EpochBudget(rows=1_000, fewest=3, most=40), FitOptions()
    assert [budget.epochs(options, rows) for rows in (10, 100, 10**7)] == [40, 10, 3]
    assert budget.epochs(FitOptions(epochs=7), 10) == 7
    assert [TRANSLATE.epochs(options, count) for count in (10, 29_000, 10**7)] == [40, 10, 3]
    assert [CHAT.epochs(options, count) for count in (10, 69_000, 10**7)] == [40, 5, 3]
