"""The held-out horizon is judged as an independent computation judges it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.tasks.forecast.learn import statistical
from recurra.tasks.forecast.learn.corpus import read_corpus
from recurra.tasks.forecast.learn.judgement import Judgement
from recurra.tasks.forecast.options import ForecastOptions
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext
from support.forecast import made
from support.forecast_files import long_rows, write_table

QUIET = Reporter(quiet=True)
HORIZON, SEASON = 5, 12


@pytest.fixture
def judged(tmp_path: Path) -> tuple[Judgement, list[np.ndarray], np.ndarray]:
    """A judgement, the whole series, and the quantiles that the model gives."""
    rows = long_rows(7, 40)
    path = write_table(tmp_path / "sales.csv", rows)
    context = RunContext(str(path), tmp_path, tmp_path / "rejects", QUIET)
    corpus = read_corpus(ForecastOptions(horizon=HORIZON), context)
    model = made(SEASON, horizon=HORIZON)
    values = [np.array([row["y"] for row in rows if row["unique_id"] == f"shop {n}"], dtype=float) for n in range(7)]
    return Judgement(corpus, model, 0), values, model.predict([one[:-HORIZON] for one in values])


def scale(values: np.ndarray) -> float:
    history = values[:-HORIZON]
    return float(np.mean([abs(history[t] - history[t - SEASON]) for t in range(SEASON, len(history))]))


def test_scores_of_the_model(judged: tuple[Judgement, list[np.ndarray], np.ndarray]) -> None:
    judgement, values, quantiles = judged
    found = judgement.scores()
    errors = [np.abs(one[-HORIZON:] - said[:, 1]) / scale(one) for one, said in zip(values, quantiles, strict=True)]
    assert found["test"]["mase"] == pytest.approx(np.mean([error.mean() for error in errors]))
    inside = [
        (said[:, 0] <= one[-HORIZON:]) & (one[-HORIZON:] <= said[:, 2])
        for one, said in zip(values, quantiles, strict=True)
    ]
    assert found["test"]["coverage"] == pytest.approx(np.mean(inside)) and found["test"]["rows"] == 7
    for step, one in enumerate(found["by_step"]):
        assert one["step"] == step + 1
        assert one["mase"] == pytest.approx(np.mean([error[step] for error in errors]))
        assert one["coverage"] == pytest.approx(np.mean([hit[step] for hit in inside]))
    ranked = [one["mase"] for one in found["drawn"]]
    assert ranked == sorted(ranked) and len(ranked) == 7
    drawn = next(one for one in found["drawn"] if one["series"] == "shop 3")
    np.testing.assert_allclose(drawn["history"] + drawn["truth"], values[3][-len(drawn["history"]) - HORIZON :])
    np.testing.assert_allclose(drawn["seasonal_naive"], values[3][-HORIZON - SEASON : -SEASON])


def test_simple_methods_beside_it(
    judged: tuple[Judgement, list[np.ndarray], np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    judgement, values, _ = judged
    half = lambda histories, *rest: {  # noqa: E731
        "other": [None if n % 2 else np.tile([[-1e9, one[-1], 1e9]], (HORIZON, 1)) for n, one in enumerate(histories)]
    }
    monkeypatch.setattr(statistical, "forecasts", half)
    found = judgement.baselines(QUIET)
    rows: dict[str, dict[str, Any]] = {row["name"]: row for row in found["baselines"]}
    naive = [np.abs(one[-HORIZON:] - one[-HORIZON - SEASON : -SEASON]).mean() / scale(one) for one in values]
    assert rows["seasonal naive"]["mase"] == pytest.approx(np.mean(naive))
    lines = []
    for one in values:
        history = one[:-HORIZON]
        slope = (history[-1] - history[0]) / (len(history) - 1)
        lines.append(np.abs(one[-HORIZON:] - history[-1] - slope * np.arange(1, HORIZON + 1)).mean() / scale(one))
    assert rows["drift"]["mase"] == pytest.approx(np.mean(lines)) and "coverage" not in rows["drift"]
    own = [one["mase"] for one in judgement.scores()["per_series"]]
    assert rows["drift"]["paired"]["difference"] == pytest.approx(np.mean(own) - np.mean(lines))
    assert rows["other"]["rows"] == 4 and rows["other"]["coverage"] == 1
    assert rows["other"]["model_mase"] == pytest.approx(np.mean(own[::2]))
    chosen = [row for row in found["baselines"] if row["chosen"]]
    assert [row["name"] for row in chosen] == [found["baseline"]["name"]] and found["paired"] == chosen[0]["paired"]


def test_the_baseline_is_chosen_before_what_is_held_out(
    judged: tuple[Judgement, list[np.ndarray], np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    judgement, _, _ = judged
    monkeypatch.setattr(statistical, "forecasts", lambda *given: {})
    before = judgement.baselines(QUIET)["baseline"]["name"]
    for one in judgement._held:  # whatever comes, the choice is the same
        one.truth[:] = -1e6 * np.arange(HORIZON)
    assert judgement.baselines(QUIET)["baseline"]["name"] == before
