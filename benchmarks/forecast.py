"""Forecasts of the series that come with aeon, sktime and statsmodels, beside other methods, on one horizon of each.

    pip download aeon==1.6.0 sktime==1.2.0 statsmodels==0.15.0 --no-deps -d wheels
    python -m venv peers && peers/bin/pip install statsforecast==2.1.1 neuralforecast==3.3.0
    python benchmarks/forecast.py wheels --peer-python peers/bin/python      # into benchmarks/results/forecast.json
    ... --back 1 --out FILE                       # the horizon before: what choices are made by

`forecast_series.py` has the list of series. One model is trained for each frequency, with the defaults of the task
`forecast`; beside it stand the anchor that it corrects, the last season again, a straight line, and with
`--peer-python` AutoETS and AutoTheta of statsforecast and LSTM and GRU of neuralforecast, with their own settings and
with fewer steps of training. Every method has the same history of each series. `--back N` judges the horizon that has N
more of them after it, and nothing after it is seen. Seconds are of fitting and forecasting, without imports, on as many
threads as `--threads` says. Needs `pip install 'recurra[train]'`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from forecast_series import FREQUENCIES, M1, Floats, Series, found_wheels, read_series
from record import RESULTS, machine

from recurra.evaluation.forecasts import Forecast, compare_forecasts, score_forecasts, seasonal_scale
from recurra.tasks.forecast.anchor import anchored
from recurra.tasks.forecast.band import LEVELS
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.learn.fit import fit_forecast
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.options import ForecastOptions
from recurra.tasks.forecast.simple import drift, seasonal_naive

RECURRA = "Recurra"
LONG = 100
"""Values of a long series, the judged ones included."""
Answers = list[Floats | None]


@dataclass(frozen=True)
class Group:
    """The series of one frequency: their histories, and what came."""

    frequency: str
    series: Sequence[Series]
    histories: Sequence[Floats]
    truths: Sequence[Floats]

    @property
    def season(self) -> int:
        return FREQUENCIES[self.frequency].season

    @property
    def horizon(self) -> int:
        return FREQUENCIES[self.frequency].horizon

    @classmethod
    def of(cls, frequency: str, series: Sequence[Series], back: int) -> Group:
        """Return those that are long enough. back: horizons after the one that is judged."""
        cuts = [(one, cut) for one in series if one.frequency == frequency and (cut := one.cut(back))]
        histories, truths = [history for _, (history, _) in cuts], [truth for _, (_, truth) in cuts]
        return cls(frequency, [one for one, _ in cuts], histories, truths)


@dataclass(frozen=True)
class Method:
    """ask: returns the quantiles [H, 3] of each series of a group, None for one that it does not take, and what else
    is to be kept; they are all the same where `point` is given."""

    name: str
    ask: Callable[[Group], tuple[Answers, dict[str, Any]]]
    point: bool = False


def recurra(seed: int, threads: int) -> Method:
    """Return what is judged: one model for the group."""

    def ask(group: Group) -> tuple[Answers, dict[str, Any]]:
        options = ForecastOptions(horizon=group.horizon, seed=seed, threads=threads)
        histories = [History(values, one.name) for values, one in zip(group.histories, group.series, strict=True)]
        fitted = fit_forecast(histories, group.season, options)
        model = ForecastModel(fitted.shape, fitted.inputs, fitted.graph, threads=threads)
        return list(model.predict(histories)), {"share": fitted.shares.general, "windows": fitted.windows}

    return Method(RECURRA, ask)


def pointwise(name: str, point: Callable[[Floats, Group], Floats]) -> Method:
    """Return a method without an interval."""

    def ask(group: Group) -> tuple[Answers, dict[str, Any]]:
        return [np.repeat(point(values, group)[:, None], len(LEVELS), axis=1) for values in group.histories], {}

    return Method(name, ask, point=True)


SIMPLE = (
    pointwise("anchor", lambda values, group: anchored(values, group.season, group.horizon).middle[-1]),
    pointwise("seasonal naive", lambda values, group: seasonal_naive(values, group.season, group.horizon)),
    pointwise("drift", lambda values, group: drift(values, group.horizon)),
)


def peer(python: Path, method: str, threads: int, steps: int | None = None) -> Method:
    """Return a method of another package in an environment of its own, see `peers/jobs/forecast_job.py`."""

    def ask(group: Group) -> tuple[Answers, dict[str, Any]]:
        question = {
            "method": method,
            "season": group.season,
            "horizon": group.horizon,
            "pandas": FREQUENCIES[group.frequency].pandas,
            "levels": LEVELS,
            "threads": threads,
            "steps": steps,
            "series": [[None if math.isnan(one) else one for one in values] for values in group.histories],
        }
        run = subprocess.run(
            [str(python.absolute()), "-m", "peers.jobs.forecast_job"],
            input=json.dumps(question),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
        answer = json.loads(run.stdout)
        quantiles = [None if one is None else np.array(one) for one in answer.pop("quantiles")]
        return quantiles, {key: round(value, 2) for key, value in answer.items()}

    return Method(method if steps is None else f"{method}, {steps} steps", ask)


def judged(group: Group, method: Method) -> dict[str, Any]:
    """Return the scores of each series of a group, in order, None where the method does not take it, and the time."""
    started, before = time.perf_counter(), os.times()
    answers, more = method.ask(group)
    after = os.times()
    spent = after.user + after.system - before.user - before.system
    timing = {"seconds": round(time.perf_counter() - started, 2), "cpu_seconds": round(spent, 2), **more}
    kept = [place for place, answer in enumerate(answers) if answer is not None]
    forecasts = []
    for place in kept:
        truth, history = group.truths[place], group.histories[place]
        answer = np.asarray(answers[place])[: len(truth)]
        forecasts.append(Forecast(truth, answer, seasonal_scale(history, group.season)))
    scores: list[dict[str, Any] | None] = [None] * len(answers)
    if forecasts:
        for place, score in zip(kept, score_forecasts(forecasts, LEVELS)["per_series"], strict=True):
            known = int(np.isfinite(group.truths[place]).sum())
            score = {name: None if value is None else round(value, 5) for name, value in score.items()}
            scores[place] = {**score, "known": known}
            if method.point:
                scores[place] = {name: score[name] for name in ("mase", "smape")} | {"known": known}
    return {"scores": scores, "timing": timing}


def summary(rows: Sequence[dict[str, Any]], methods: Sequence[str]) -> dict[str, Any]:
    """Return the means of each method over series that all of the methods take, and Recurra beside each of the others.

    rows: of each series, its scores by method. `series` says how many there are; where one of the methods takes fewer,
    it has `own_series`, and what it has is over those alone, Recurra's as well under `recurra_mase`.
    """
    found: dict[str, Any] = {"series": len(rows)}
    for method in methods:
        taken = [row for row in rows if row[method] is not None]
        if not taken:
            continue
        scores = [row[method] for row in taken]
        one: dict[str, Any] = {}
        for name in ("mase", "smape", "crps"):
            values = [score[name] for score in scores if score.get(name) is not None]
            if values:
                one[name] = round(float(np.mean(values)), 4)
        if "coverage" in scores[0]:
            known = sum(score["known"] for score in scores)
            one["coverage"] = round(sum(score["coverage"] * score["known"] for score in scores) / known, 4)
        if method != RECURRA:
            own, other = [row[RECURRA]["mase"] for row in taken], [score["mase"] for score in scores]
            one["recurra_less_it"] = compare_forecasts(own, other)
            scaled = np.array([pair for pair in zip(own, other, strict=True) if None not in pair])
            ours, its = scaled.mean(axis=0)
            one["recurra_mase_over_its"] = round(float(ours / its), 4) if its else None
            if len(taken) < len(rows):
                one |= {"own_series": len(taken), "recurra_mase": round(float(ours), 4)}
        found[method] = one
    return found


def grouped(group: Group, results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return what is recorded of a group. results: what `judged` returned, by the names of the methods."""
    per_series = {
        one.name: {"values": len(one.values), **{name: result["scores"][place] for name, result in results.items()}}
        for place, one in enumerate(group.series)
    }
    return {
        "season": group.season,
        "horizon": group.horizon,
        "timing": {name: result["timing"] for name, result in results.items()},
        **summary(list(per_series.values()), list(results)),
        "per_series": per_series,
    }


def over_groups(groups: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the summaries over all series, over the long ones and over those of M1, and the seconds of each method
    for all but M1. groups: what `grouped` returned, by their frequencies."""
    usual = [group for frequency, group in groups.items() if frequency != M1]
    names = list(next(iter(groups.values()))["timing"])
    rows = [row for group in usual for row in group["per_series"].values()]
    parts = {"all": rows, "long": [row for row in rows if row["values"] >= LONG]}
    parts["m1"] = list(groups[M1]["per_series"].values()) if M1 in groups else []
    times = {
        kind: {name: round(sum(group["timing"][name][kind] for group in usual), 1) for name in names}
        for kind in ("seconds", "cpu_seconds")
    }
    return {**times, "summary": {part: summary(own, names) for part, own in parts.items() if own}, "groups": groups}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheels", type=Path, nargs="+", help="of the three packages, or folders with them")
    parser.add_argument("--back", type=int, default=0, help="horizons after the one that is judged")
    parser.add_argument("--frequencies", default=",".join(FREQUENCIES), help="with commas between")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peer-python", type=Path, help="of an environment with statsforecast and neuralforecast")
    parser.add_argument("--peers", default="AutoETS,AutoTheta,LSTM,GRU", help="with commas between")
    parser.add_argument("--steps", default="own,200", help="of training of LSTM and GRU, with commas between")
    parser.add_argument("--out", type=Path, default=RESULTS / "forecast.json")
    given = parser.parse_args()
    series = read_series(given.wheels)
    methods = [recurra(given.seed, given.threads), *SIMPLE]
    for name in given.peers.split(",") if given.peer_python else ():
        budgets = given.steps.split(",") if name in ("LSTM", "GRU") else ["own"]
        for steps in budgets:
            methods.append(peer(given.peer_python, name, given.threads, None if steps == "own" else int(steps)))
    about = {
        "machine": machine(),
        "wheels": [wheel.name for wheel in found_wheels(given.wheels)],
        "back": given.back,
        "seed": given.seed,
        "threads": given.threads,
    }
    groups: dict[str, Any] = {}
    for frequency in given.frequencies.split(","):
        group = Group.of(frequency, series, given.back)
        if not group.series:
            continue
        results = {}
        for method in methods:
            results[method.name] = judged(group, method)
            print(frequency, method.name, results[method.name]["timing"], flush=True)
        groups[frequency] = grouped(group, results)
        written = {"written": datetime.now(UTC).isoformat(timespec="seconds"), **about, **over_groups(groups)}
        given.out.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")  # what is there so far
    if not groups:
        raise SystemExit("No series is long enough.")
    for part, found in written["summary"].items():
        for name in (method.name for method in methods if method.name in found):
            means = {key: found[name][key] for key in ("mase", "crps", "coverage") if key in found[name]}
            print(part, found["series"], name, means)


if __name__ == "__main__":
    main()
