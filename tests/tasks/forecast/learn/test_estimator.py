"""`SequenceForecaster` learns what `recurra train` learns of the same series."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pytest

import recurra
from recurra import SequenceForecaster
from recurra.cli.train import train
from recurra.errors import ColumnError, DataError, OptionError
from recurra.tasks.configuration import task_options
from recurra.tasks.forecast.options import ForecastPredictOptions
from recurra.tasks.forecast.predict_file import predict_file
from recurra.terminal.progress import Reporter

TINY: dict[str, Any] = {
    "horizon": 3, "hidden": 4, "members": 1, "epochs": 2, "threads": 1, "precision": "fp32", "seed": 3,
}  # fmt: skip
QUIET = Reporter(quiet=True)


def made(months: int = 48) -> pandas.DataFrame:
    rng = np.random.default_rng(5)
    times = pandas.date_range("2020-01-01", periods=months, freq="MS")
    return pandas.concat(
        pandas.DataFrame(
            {
                "unique_id": name,
                "ds": times,
                "y": 10 * n + np.sin(np.arange(months) * np.pi / 6) + rng.normal(0, 0.2, months),
            }
        )
        for n, name in enumerate(("a", "b", "c"), 1)
    ).reset_index(drop=True)


FRAME = made()


@pytest.fixture(scope="module")
def fitted() -> SequenceForecaster:
    return SequenceForecaster(**TINY).fit(FRAME)


def test_it_is_the_model_of_the_command(tmp_path: Path, fitted: SequenceForecaster) -> None:
    FRAME.to_csv(tmp_path / "train.csv", index=False)
    later = pandas.DataFrame({"unique_id": ["a", "b", "c"], "ds": "2024-01-01", "y": [1.0, 2.0, 3.0]})
    later.to_csv(tmp_path / "test.csv", index=False)
    options = task_options({"task": "forecast", "test": str(tmp_path / "test.csv"), "baseline": False, **TINY})
    train(str(tmp_path / "train.csv"), tmp_path / "command", options, reporter=QUIET)
    fitted.save(tmp_path / "estimator")
    files = [json.loads((tmp_path / name / "manifest.json").read_text())["files"] for name in ("command", "estimator")]
    for name in ("model.onnx", "weights.safetensors", "tokenizer.json"):
        assert files[0][name] == files[1][name]


def test_what_it_saves_forecasts_as_it_does(tmp_path: Path, fitted: SequenceForecaster) -> None:
    fitted.save(tmp_path / "m")
    FRAME.to_csv(tmp_path / "in.csv", index=False)
    loaded = recurra.load(tmp_path / "m", task="forecast")
    predict_file(loaded, str(tmp_path / "in.csv"), tmp_path / "out.parquet", ForecastPredictOptions(), reporter=QUIET)
    expected = polars.read_parquet(tmp_path / "out.parquet")
    answered = fitted.predict()
    assert (
        answered["unique_id"].tolist() == expected["unique_id"].to_list() == [name for name in "abc" for _ in range(3)]
    )
    assert answered["ds"].tolist()[:3] == list(pandas.date_range("2024-01-01", periods=3, freq="MS"))
    for name in ("y", "lo", "hi"):
        np.testing.assert_array_equal(answered[name], expected[name])
    assert fitted.frequency_ == "M" and (answered["lo"] < answered["hi"]).all()
    again = pickle.loads(pickle.dumps(fitted)).predict()  # noqa: S301
    pandas.testing.assert_frame_equal(again, answered)


def test_frames_of_every_kind_are_taken_and_given_back(fitted: SequenceForecaster) -> None:
    expected = fitted.predict(horizon=2)
    answered = fitted.predict(polars.from_pandas(FRAME), horizon=2)
    assert answered.schema["ds"] == polars.from_pandas(FRAME).schema["ds"]
    np.testing.assert_array_equal(answered["y"], expected["y"])
    columns = {name: FRAME[name].astype(str).tolist() if name != "y" else FRAME[name].tolist() for name in FRAME}
    assert fitted.predict(columns, horizon=2)["y"] == expected["y"].tolist()
    shuffled = FRAME.sample(frac=1, random_state=3)
    one = shuffled[shuffled["unique_id"] == "b"]
    np.testing.assert_array_equal(fitted.predict(one, horizon=2)["y"], expected["y"][2:4])


def test_other_names_missing_values_and_numbers_as_times() -> None:
    frame = FRAME.rename(columns={"unique_id": "shop", "ds": "step", "y": "sales"})
    frame["step"] = frame.groupby("shop").cumcount()
    frame.loc[5, "sales"] = np.nan
    forecaster = SequenceForecaster(**TINY, id="shop", time="step", target="sales", season=12).fit(frame)
    answered = forecaster.predict(horizon=1)
    assert answered.columns.tolist() == ["shop", "step", "y", "lo", "hi"]
    assert answered["step"].tolist() == [48, 48, 48] and answered["step"].dtype == frame["step"].dtype
    assert forecaster.findings_ == ["1 of 144 values are missing between the first and the last of their series."]


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ([1.0, 2.0], OptionError, "X must be a long frame .*got list"),
        (FRAME[["y"]], OptionError, "columns of one length; got the columns 'y'"),
        (FRAME.head(0), OptionError, "X must have rows"),
        (FRAME[["unique_id", "y"]], ColumnError, "X has no column 'ds'"),
        (FRAME.head(2), DataError, "No series of X has 3 known values"),
    ],
)
def test_unusable_frames_are_refused(given: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        SequenceForecaster(**TINY).fit(given)
    with pytest.raises(OptionError, match="forecasts up to 3 steps, not 4"):
        SequenceForecaster(**TINY).fit(FRAME).predict(horizon=4)
