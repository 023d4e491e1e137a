"""`SequenceForecaster`: training on a long frame of series, and forecasting them, with scikit-learn's interface."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

from sklearn.utils.validation import check_is_fitted

from recurra.data.series.long_frame import ID, TIME
from recurra.errors import OptionError, RecurraError
from recurra.kernel.layout import Cell
from recurra.options.arguments import described
from recurra.storage.model_directory import Artefact
from recurra.tasks.forecast.learn.trainer import ForecastTrainer
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.options import ForecastOptions, ForecastPredictOptions
from recurra.tasks.forecast.predict import COLUMNS, answers, open_file
from recurra.terminal.progress import Reporter
from recurra.training.estimator import TaskEstimator

DEFAULTS = ForecastOptions()


class SequenceForecaster(TaskEstimator[ForecastModel]):
    """Forecast series with one recurrent network for all of them.

        forecaster = SequenceForecaster(horizon=12)
        forecaster.fit(frame)                       # a row for each series and time: unique_id, ds, y
        forecaster.predict()                        # the next 12 steps of each: unique_id, ds, y, lo, hi
        forecaster.save("forecaster")               # then, without torch: recurra.load("forecaster")

    The parameters are the options of `recurra train --task forecast`, whose help describes each; `id`, `time` and
    `target` name other columns. All values given to `fit` are learnt from, but for the ends that validate.

    Fitted attributes: history_, one dict an epoch; n_iter_, the epochs trained; network_shape_; findings_, what
    training found in the series; frequency_; model_, a ForecastModel.
    """

    _FACTS = ("id", "time", "target", "frequency", "season", "covariates")

    def __init__(
        self,
        *,
        epochs: int | None = DEFAULTS.epochs,
        batch: int = DEFAULTS.batch,
        learning_rate: float = DEFAULTS.learning_rate,
        schedule: Literal["one-cycle", "constant"] = DEFAULTS.schedule,
        clip: float | None = DEFAULTS.clip,
        patience: int | None = DEFAULTS.patience,
        valid: float = DEFAULTS.valid,
        keep: Literal["best", "last"] = DEFAULTS.keep,
        ema: float = DEFAULTS.ema,
        seed: int = DEFAULTS.seed,
        device: Literal["auto", "cpu", "cuda"] = DEFAULTS.device,
        precision: Literal["auto", "fp32", "bf16"] = DEFAULTS.precision,
        threads: int | None = DEFAULTS.threads,
        id: str | None = DEFAULTS.id,
        time: str | None = DEFAULTS.time,
        target: str | None = DEFAULTS.target,
        freq: str | None = DEFAULTS.freq,
        horizon: int = DEFAULTS.horizon,
        season: int | None = DEFAULTS.season,
        futr_exog_list: str | None = DEFAULTS.futr_exog_list,
        hist_exog_list: str | None = DEFAULTS.hist_exog_list,
        stat_exog_list: str | None = DEFAULTS.stat_exog_list,
        cell: Cell = DEFAULTS.cell,
        layers: int = DEFAULTS.layers,
        hidden: int = DEFAULTS.hidden,
        dropout: float = DEFAULTS.dropout,
        segment: int | None = DEFAULTS.segment,
        segments: int | None = DEFAULTS.segments,
        members: int = DEFAULTS.members,
    ) -> None:
        self.epochs = epochs
        self.batch = batch
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.clip = clip
        self.patience = patience
        self.valid = valid
        self.keep = keep
        self.ema = ema
        self.seed = seed
        self.device = device
        self.precision = precision
        self.threads = threads
        self.id = id
        self.time = time
        self.target = target
        self.freq = freq
        self.horizon = horizon
        self.season = season
        self.futr_exog_list = futr_exog_list
        self.hist_exog_list = hist_exog_list
        self.stat_exog_list = stat_exog_list
        self.cell = cell
        self.layers = layers
        self.hidden = hidden
        self.dropout = dropout
        self.segment = segment
        self.segments = segments
        self.members = members

    @property
    def _trained_by(self) -> tuple[type[ForecastOptions], type[ForecastTrainer]]:
        return ForecastOptions, ForecastTrainer

    def _open(self, source: Artefact) -> ForecastModel:
        return ForecastModel.from_artefact(source, self.threads)

    def fit(self, X: Any, y: None = None) -> Self:
        """Train on a long frame: of pandas or polars, or columns by name. y: ignored, as the values are a column of X.

        A series ends with its last known value; rows after it hold covariates of the steps to come. Raises OptionError
        for a parameter or a frame that cannot be used, ColumnError and DataError for series that cannot be learnt.
        """
        table = _table(X)
        self._train(lambda folder: _written(folder, table), "X")
        self.frequency_ = str(self._parts["data"]["frequency"])
        self._rows = table
        return self

    def predict(self, X: Any = None, *, horizon: int | None = None) -> Any:
        """Return the forecast of each series: a frame as that of X, with its name and time, and y, lo and hi.

        X: a long frame whose series are continued, with the covariates of the steps to come where the model has some;
        None for that given to `fit`. horizon: steps, at most those of training. y is the middle of what may come; lo
        and hi are the ends of the band of 80 %.
        """
        check_is_fitted(self)
        table = self._rows if X is None else _table(X)
        known = self._parts["data"]
        names = [known["id"] or ID, known["time"] or TIME, *COLUMNS]
        columns: dict[str, list[Any]] = {name: [] for name in names}
        with TemporaryDirectory(prefix="recurra-") as folder:
            path = _written(Path(folder), table)
            try:
                found = open_file(self.model_, str(path), ForecastPredictOptions(), Reporter(quiet=True))
                for answer in answers(self.model_, found, horizon):
                    for step in answer["forecast"]:
                        row = (answer["series"] or "", step["ds"], *(step[name] for name in COLUMNS))
                        for name, value in zip(names, row, strict=True):
                            columns[name].append(value)
            except RecurraError as error:
                raise type(error)(str(error).replace(str(path), "X")) from None
        return _framed(columns, table, names)


@dataclass(frozen=True)
class _Table:
    """Columns of a frame by name. library: pandas, polars or dict."""

    library: str
    columns: Mapping[str, Sequence[Any]]


def _table(X: Any) -> _Table:
    """Return the columns of a long frame. Raises OptionError for anything else."""
    library = type(X).__module__.partition(".")[0]
    if isinstance(X, Mapping):
        columns, library = dict(X), "dict"
    elif library in ("pandas", "polars") and hasattr(X, "columns"):
        columns = {str(name): X[name].to_list() for name in X.columns}
    else:
        raise OptionError(
            "X must be a long frame with a row for each series and time, such as a pandas DataFrame with the columns "
            f"unique_id, ds and y; got {described(X)}."
        )
    lengths = {len(values) for values in columns.values()}
    if len(columns) < 2 or len(lengths) != 1 or not lengths.pop():
        named = ", ".join(map(repr, columns)) or "none"
        raise OptionError(f"X must have rows, and columns of one length; got the columns {named}.")
    return _Table(library, columns)


def _written(folder: Path, table: _Table) -> Path:
    """Write columns as the CSV that a forecaster reads: missing values are empty."""
    path = folder / "series.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        for row in zip(*table.columns.values(), strict=True):
            writer.writerow(["" if _is_missing(value) else str(value) for value in row])
    return path


def _is_missing(value: Any) -> bool:
    """Return whether a value of a frame is none: None, NaN, or what pandas has for it."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)


def _framed(columns: dict[str, list[Any]], table: _Table, names: Sequence[str]) -> Any:
    """Return columns as a frame of the library that X came from, names and times of the types that they had there."""
    if table.library == "dict":
        return columns
    if table.library == "pandas":
        import pandas

        frame = pandas.DataFrame(columns)
        given = pandas.DataFrame({name: table.columns[name] for name in names[:2] if name in table.columns})
        for name in given:
            frame[name] = (
                pandas.to_datetime(frame[name])
                if pandas.api.types.is_datetime64_any_dtype(given[name])
                else frame[name].astype(given[name].dtype)
            )
        return frame
    import polars

    framed = polars.DataFrame(columns)
    given_types = polars.DataFrame({name: table.columns[name] for name in names[:2] if name in table.columns}).schema
    for name, kind in given_types.items():
        column = framed[name]
        parsed = column.str.to_datetime() if kind.is_temporal() and column.dtype == polars.String else column
        framed = framed.with_columns(parsed.cast(kind))
    return framed
