"""`recurra` with the task of series: as it is registered, or else with what is needed to serve its models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.cli.start import main
from recurra.http.served_task import ServedTask
from recurra.storage import model_directory
from recurra.storage.model_directory import Artefact
from recurra.tasks import registry
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesOptions
from recurra.tasks.series.shape import SeriesShape
from recurra.tasks.task import Task, Terminal


class ServedSeries(Task[SeriesModel]):
    """What the server needs of the task."""

    name = "series"
    takes, gives = "series of numbers", "a label or a number for each"
    options = SeriesOptions

    def shape(self) -> type[SeriesShape]:
        return SeriesShape

    def open(self, source: Artefact, threads: int | None = None) -> SeriesModel:
        return SeriesModel.from_artefact(source, threads)

    def terminal(self) -> Terminal:
        raise NotImplementedError

    def trainer(self) -> Any:
        raise NotImplementedError

    def served(self) -> ServedTask:
        from recurra.tasks.series.http.served import TASK as SERVED

        return SERVED


TASK = ServedSeries()


def write_series(directory: Path, **changes: object) -> Path:
    """Write a model of series with random weights. changes: of its shape; `missing` as in training."""
    from recurra.tasks.series.learn.graph import build
    from support.series import inputs, shape, weights_of

    missing = changes.pop("missing", "mask")
    network = shape(**changes)
    kept = inputs(network.channels, network.masks).model_copy(update={"missing": missing})
    model_directory.write(
        directory,
        {
            "model.onnx": build(network, weights_of(network)),
            "tokenizer.json": kept.to_json().encode(),
            "report.html": b"<!doctype html><title>Report</title><p>It is random.",
        },
        task="series",
        labels=["low", "mid", "high"][: network.outputs] if network.kind == "classify" else [],
        network=network.model_dump(mode="json"),
        config={},
        metrics={},
        data={},
    )
    return directory


if __name__ == "__main__":
    registry.TASKS.setdefault("series", "support.series_server:TASK")
    main()
