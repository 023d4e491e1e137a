"""How forecasts do on what was held out, with simple methods and those of statsforecast beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.forecasts import Forecast, compare_forecasts, score_forecasts, seasonal_scale
from recurra.tasks.forecast.band import LEVELS
from recurra.tasks.forecast.learn import statistical
from recurra.tasks.forecast.learn.corpus import Corpus
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.simple import drift, seasonal_naive
from recurra.terminal.progress import Reporter

PER_SERIES = 1_000
"""Series whose scores are kept one by one."""
DRAWN = 12
"""Series that the report draws."""
SEASONS, LEAST_DRAWN = 3, 24
"""Of the history are drawn so many seasons, or horizons if they are more; and so many steps at least."""
MOST_DRAWN = 400

Floats = NDArray[np.float64]
Method = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Judged:
    """The answers of a method to the held-out series: quantiles [H, Q] each, Q = 1 of a method that gives a line only.
    None: the method has no answer to a series."""

    name: str
    quantiles: Sequence[Floats | None]


class Judgement:
    """A model's forecasts of the held-out part of a corpus."""

    def __init__(self, corpus: Corpus, model: ForecastModel, seed: int) -> None:
        self._corpus, self._model, self._seed = corpus, model, seed
        self._held = corpus.division.held_out
        self._scales = [seasonal_scale(one.history.values, corpus.season) for one in self._held]
        self._quantiles = model.predict([one.history for one in self._held])
        self._scores = self._score(range(len(self._held)), list(self._quantiles))

    def scores(self) -> dict[str, Any]:
        """Return "test", "by_step", "per_series" and "drawn" of metrics.json."""
        scores = dict(self._scores)
        per_series = scores.pop("per_series")
        names = [one.history.name for one in self._held]
        kept = [{"series": name, **one} for name, one in zip(names, per_series, strict=True)][:PER_SERIES]
        return {"test": scores, "by_step": self._by_step(), "per_series": kept, "drawn": self._drawn(per_series)}

    def _score(self, rows: Sequence[int], quantiles: Sequence[Floats]) -> dict[str, Any]:
        """Return the scores of answers to some of the held-out series."""
        levels = LEVELS if quantiles[0].shape[1] == len(LEVELS) else (0.5,)
        parts = zip(rows, quantiles, strict=True)
        forecasts = [Forecast(self._held[row].truth, said, self._scales[row]) for row, said in parts]
        return score_forecasts(forecasts, levels, self._seed)

    def _by_step(self) -> list[dict[str, Any]]:
        """Return the mean scaled error, and the share in the band, of each step of the horizon."""
        truth = np.stack([one.truth for one in self._held])  # [S, H]
        scales = np.array([np.nan if scale is None else scale for scale in self._scales])[:, None]
        known = np.isfinite(truth)
        errors = np.abs(truth - self._quantiles[..., 1]) / scales
        inside = (truth >= self._quantiles[..., 0]) & (truth <= self._quantiles[..., 2])
        steps = []
        for step in range(truth.shape[1]):
            scaled, here = errors[np.isfinite(errors[:, step]), step], known[:, step]
            steps.append(
                {
                    "step": step + 1,
                    "mase": float(scaled.mean()) if len(scaled) else None,
                    "coverage": float(inside[here, step].mean()) if here.any() else None,
                }
            )
        return steps

    def _drawn(self, per_series: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what is drawn of some series, from the best forecast to the worst at equal distances."""
        errors = np.array([np.inf if one["mase"] is None else one["mase"] for one in per_series])
        order = np.argsort(errors, kind="stable")
        places = np.unique(np.linspace(0, len(order) - 1, min(DRAWN, len(order))).round().astype(int))
        return [self._drawing(int(order[place]), per_series[int(order[place])]["mase"]) for place in places]

    def _drawing(self, row: int, mase: float | None) -> dict[str, Any]:
        one, file, season = self._held[row], self._corpus.file, self._corpus.season
        horizon = len(one.truth)
        shown = min(max(SEASONS * season, SEASONS * horizon, LEAST_DRAWN), MOST_DRAWN, len(one.history))
        first = len(one.history) - shown
        times = file.times(one.series, first, shown + horizon)
        return {
            "series": one.history.name,
            "mase": mase,
            "first": times[0],
            "cut": times[shown],
            "last": times[-1],
            "history": _plain(one.history.values[first:]),
            "truth": _plain(one.truth),
            "quantiles": self._quantiles[row].tolist(),
            "seasonal_naive": seasonal_naive(one.history.values, season, horizon).tolist(),
        }

    def baselines(self, reporter: Reporter) -> dict[str, Any]:
        """Return "baseline", "baselines" and "paired" of metrics.json.

        The baseline is the one of seasonal naive and drift that was better on the horizon before the one held out.
        """
        reporter.info("Judging simple forecasts beside it ...")
        season, horizon = self._corpus.season, len(self._held[0].truth)
        usual = "seasonal naive" if season > 1 else "the last value"
        simple: dict[str, Method] = {
            usual: partial(seasonal_naive, season=season, horizon=horizon),
            "drift": partial(drift, horizon=horizon),
        }
        before = {name: self._error_before(method) for name, method in simple.items()}
        chosen = min(before, key=before.__getitem__)
        judged = [
            Judged(name, [method(one.history.values)[:, None] for one in self._held]) for name, method in simple.items()
        ]
        judged += [
            Judged(name, answers)
            for name, answers in statistical.forecasts(
                [one.history.values for one in self._held], season, horizon, self._seed, reporter
            ).items()
        ]
        rows = [self._row(one, one.name == chosen) for one in judged]
        baseline = next(row for row in rows if row["chosen"])
        return {
            "baseline": {
                name: value for name, value in baseline.items() if name not in ("chosen", "paired", "model_mase")
            },
            "baselines": rows,
            "paired": baseline["paired"],
        }

    def _row(self, judged: Judged, chosen: bool) -> dict[str, Any]:
        """Return the scores of a method, and how the model compares on the series that it answers."""
        answered = {row: said for row, said in enumerate(judged.quantiles) if said is not None}
        rows = list(answered)
        scores = self._score(rows, list(answered.values()))
        own = [self._scores["per_series"][row]["mase"] for row in rows]
        theirs = [one["mase"] for one in scores.pop("per_series")]
        if answered[rows[0]].shape[1] == 1:
            scores = {name: value for name, value in scores.items() if "coverage" not in name}
        comparable = any(None not in pair for pair in zip(own, theirs, strict=True))
        known = [value for value in own if value is not None]
        return {
            "name": judged.name,
            "chosen": chosen,
            **scores,
            "model_mase": float(np.mean(known)) if known else None,
            "paired": compare_forecasts(own, theirs) if comparable else None,
        }

    def _error_before(self, method: Method) -> float:
        """Return the mean scaled error of a method on the horizon before the held-out one."""
        errors = []
        for one, scale in zip(self._held, self._scales, strict=True):
            horizon = len(one.truth)
            before, truth = one.history.values[:-horizon], one.history.values[-horizon:]
            if scale is None or not np.isfinite(before).any() or not np.isfinite(truth).any():
                continue
            errors.append(float(np.nanmean(np.abs(method(before)[: len(truth)] - truth))) / scale)
        return float(np.mean(errors)) if errors else np.inf


def _plain(values: Floats) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
