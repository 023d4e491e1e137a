"""The pinball loss of quantiles."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.evaluation.forecasts import pinball
from recurra.tasks.forecast.band import LEVELS
from recurra.tasks.forecast.learn.network import ForecastNetwork
from recurra.tasks.forecast.learn.objective import Pinball, answers
from support.forecast import shape
from tasks.forecast.learn.test_examples import made


def test_the_loss_is_that_of_the_scores() -> None:
    rng = np.random.default_rng(0)
    quantiles, targets = np.sort(rng.normal(size=(2, 4, 5, 3)), axis=-1), rng.normal(size=(4, 5))
    targets[1, 3:] = np.nan
    rows = [
        pinball(targets[row], quantiles[member, row], LEVELS).sum(axis=1) for member in range(2) for row in range(4)
    ]
    expected = float(np.nanmean(np.concatenate(rows)))
    objective = Pinball()
    given = torch.from_numpy(targets)
    assert float(objective.loss(torch.from_numpy(quantiles), given)) == pytest.approx(expected)
    one = [objective.loss(torch.from_numpy(member), given) for member in quantiles]
    assert float(sum(one)) / 2 == pytest.approx(expected)
    assert (objective.metrics(torch.from_numpy(quantiles), given), objective.summarise({})) == ({"count": 18}, {})


def test_validation_scores_all_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, network = made(), ForecastNetwork(shape())
    whole = answers(network, rows, torch.device("cpu"))
    expected = Pinball().validate(network, rows, torch.device("cpu"))
    monkeypatch.setattr("recurra.tasks.forecast.learn.objective.SCORED", 7)
    torch.testing.assert_close(answers(network, rows, torch.device("cpu")), whole)
    loss = float(Pinball().loss(whole, torch.from_numpy(rows.targets)))
    assert expected.monitor.value == pytest.approx(loss)
    assert expected.metrics == {"loss": expected.monitor.value}
