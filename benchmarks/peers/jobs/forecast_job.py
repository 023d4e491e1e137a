"""Forecasts by other packages: exponential smoothing and Theta of statsforecast, recurrent networks of neuralforecast.

python -m peers.jobs.forecast_job < QUESTION

The question is JSON: method (a key of METHODS), season, horizon, pandas (the frequency), levels (of the quantiles),
threads, steps (of the networks' training; None for their own number) and series, a list of lists, null where a value is
missing. Prints one line of JSON: quantiles [N][H][3] of each series, null for a series that the method does not take,
seconds of fitting and forecasting, without imports, and cpu_seconds. Missing values are replaced by those on the line
between the values before and after them: neither package takes any.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

LONGEST_SEASON = 24
"""Of statsforecast's AutoETS: with a longer one it is made without, so such series are left out."""

Question = dict[str, Any]
Answers = list[list[list[float]] | None]


def filled(values: list[float | None]) -> np.ndarray:
    """Return a series without gaps."""
    return pd.Series(values, dtype=float).interpolate(limit_direction="both").to_numpy()


def table(question: Question) -> pd.DataFrame:
    """Return the series in the long form of both packages, all starting at the same time."""
    parts = []
    for number, values in enumerate(question["series"]):
        times = pd.date_range("1700-01-01", periods=len(values), freq=question["pandas"])
        parts.append(pd.DataFrame({"unique_id": f"{number:05d}", "ds": times, "y": filled(values)}))
    return pd.concat(parts, ignore_index=True)


def classical(name: str) -> Callable[[Question], Answers]:
    """Return the way to ask a model of statsforecast, series by series."""

    def ask(question: Question) -> Answers:
        from statsforecast import models

        season, horizon, level = question["season"], question["horizon"], 80
        answers: Answers = []
        for values in question["series"]:
            if name == "AutoETS" and season > LONGEST_SEASON:
                answers.append(None)
                continue
            model = getattr(models, name)(season_length=season)
            found = model.forecast(y=filled(values), h=horizon, level=[level])
            columns = [found[f"lo-{level}"], found["mean"], found[f"hi-{level}"]]
            answers.append(np.sort(np.stack(columns, axis=1), axis=1).tolist())
        return answers

    return ask


def recurrent(name: str) -> Callable[[Question], Answers]:
    """Return the way to ask a network of neuralforecast, one for all series, with its own settings."""

    def ask(question: Question) -> Answers:
        import torch
        from neuralforecast import NeuralForecast, models
        from neuralforecast.losses.pytorch import MQLoss

        torch.set_num_threads(question["threads"])
        levels, horizon = question["levels"], question["horizon"]
        more = {} if question["steps"] is None else {"max_steps": question["steps"]}
        quiet = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False, "accelerator": "cpu"}
        model = getattr(models, name)(
            h=horizon,
            loss=MQLoss(quantiles=levels),
            start_padding_enabled=True,
            alias=name,
            **more,
            **quiet,
        )
        forecaster = NeuralForecast(models=[model], freq=question["pandas"])
        forecaster.fit(df=table(question))
        found = forecaster.predict().sort_values(["unique_id", "ds"])
        columns = [column for column in found.columns if column not in ("unique_id", "ds", "index")]
        quantiles = found[columns].to_numpy().reshape(len(question["series"]), horizon, len(levels))
        return np.sort(quantiles, axis=-1).tolist()

    return ask


METHODS = {
    "AutoETS": classical("AutoETS"),
    "AutoTheta": classical("AutoTheta"),
    "LSTM": recurrent("LSTM"),
    "GRU": recurrent("GRU"),
}


def main() -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    question = json.load(sys.stdin)
    if question["method"] in ("LSTM", "GRU"):
        import neuralforecast  # noqa: F401
    else:
        import statsforecast  # noqa: F401
    out, sys.stdout = sys.stdout, sys.stderr  # what the packages print is no answer
    started, before = time.perf_counter(), os.times()
    answers = METHODS[question["method"]](question)
    seconds, after = time.perf_counter() - started, os.times()
    spent = after.user + after.system + after.children_user + after.children_system
    spent -= before.user + before.system + before.children_user + before.children_system
    print(json.dumps({"quantiles": answers, "seconds": seconds, "cpu_seconds": spent}), file=out)


if __name__ == "__main__":
    main()
