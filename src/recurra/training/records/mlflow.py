"""The record of a run as a run of MLflow: on a tracking server, or in a database in the folder of the records.

The address is that of MLFLOW_TRACKING_URI, the experiment that of MLFLOW_EXPERIMENT_NAME. Without an address the run
goes into `mlflow.db`, a database of SQLite: MLflow no longer develops its older store of plain files, and refuses it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from recurra.errors import OutputError
from recurra.training.records.recorder import Ending, Parameter, Point, Recorder, Token, reason

ADDRESS, EXPERIMENT = "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # it would tell others that and how it is used
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",  # the usual 7 hold training up for many minutes when a server has gone
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
"""Settings of MLflow that are others here, unless the environment has them."""
POINTS, PARAMETERS, LONGEST = 1000, 100, 6000
"""What MLflow takes at a time, and the characters of a parameter."""
STATES: dict[Ending, str] = {"finished": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}

Item = TypeVar("Item")


class MLflowRecorder(Recorder):
    """Writes one run, by its identifier alone: whatever else the process does with MLflow is left as it is."""

    name = "mlflow"
    modules = ("mlflow", "sqlalchemy", "alembic")
    extra = "mlflow"

    def __init__(self, folder: Path, run: str) -> None:
        super().__init__(folder, run)
        self.address = os.environ.get(ADDRESS) or ""
        self._client: Any = None
        self._id = ""

    def continues(self, token: Token) -> bool:
        return token.get("address") == self._where() and (bool(self.address) or self._database.exists())

    def files(self) -> list[Path]:
        return []  # a new run stands beside an earlier one

    def check(self, *, replace: bool) -> None:
        if not self.address:
            return
        try:
            self._connect().search_experiments(max_results=1)
        except Exception as error:
            raise OutputError(
                f"--log mlflow: {self.address} of {ADDRESS} does not answer as MLflow does: {reason(error)} Start "
                "the server, or correct the address; without one the run goes into a database in --log-dir."
            ) from error

    def begin(self) -> Token:
        self.folder.mkdir(parents=True, exist_ok=True)
        client = self._connect()
        self._id = client.create_run(self._experiment(client), run_name=self.run).info.run_id
        return {"address": self._where(), "run": self._id}

    def resume(self, token: Token) -> dict[str, int]:
        self._id = token["run"]
        client = self._connect()
        client.update_run(self._id, status="RUNNING")
        return {
            name: max(metric.step for metric in client.get_metric_history(self._id, name))
            for name in client.get_run(self._id).data.metrics
        }

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        from mlflow.entities import Param

        for part in _parts([Param(name, str(value)[:LONGEST]) for name, value in values.items()], PARAMETERS):
            self._client.log_batch(self._id, params=part)

    def write(self, points: Sequence[Point]) -> None:
        from mlflow.entities import Metric

        for part in _parts([Metric(p.name, p.value, int(p.time * 1000), p.step) for p in points], POINTS):
            self._client.log_batch(self._id, metrics=part)

    def finish(self, facts: Mapping[str, str]) -> None:
        for name, value in facts.items():
            self._client.set_tag(self._id, f"recurra.{name}", value)

    def close(self, ending: Ending) -> None:
        if self._id:
            self._client.set_terminated(self._id, STATES[ending])

    @property
    def _database(self) -> Path:
        return self.folder / "mlflow.db"

    def _where(self) -> str:
        return self.address or f"sqlite:///{self._database.resolve()}"

    def _experiment(self, client: Any) -> str:
        name = os.environ.get(EXPERIMENT) or "recurra"
        if (found := client.get_experiment_by_name(name)) is not None:
            return str(found.experiment_id)
        place = None if self.address else (self.folder / "mlflow").resolve().as_uri()
        return str(client.create_experiment(name, artifact_location=place))

    def _connect(self) -> Any:
        if self._client is None:
            for name, value in SETTINGS.items():
                os.environ.setdefault(name, value)
            from mlflow import MlflowClient

            for name in ("mlflow", "alembic"):  # they tell of each table that they make
                logging.getLogger(name).setLevel(logging.WARNING)
            self._client = MlflowClient(tracking_uri=self._where())
        return self._client


def _parts(items: list[Item], most: int) -> Iterator[list[Item]]:
    for start in range(0, len(items), most):
        yield items[start : start + most]
