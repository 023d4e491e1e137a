"""Reading back what a run has recorded, each kind with something other than what wrote it."""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Figures = list[tuple[str, int, float]]
"""Name, step and value of each figure, in the order in which they were written."""


def csv_figures(folder: Path) -> Figures:
    """Return what `metrics.csv` holds."""
    with (folder / "metrics.csv").open(newline="", encoding="utf-8") as file:
        return [(row["name"], int(row["step"]), float(row["value"])) for row in csv.DictReader(file)]


def csv_parameters(folder: Path) -> dict[str, str]:
    """Return what `run.csv` holds."""
    with (folder / "run.csv").open(newline="", encoding="utf-8") as file:
        return {row["name"]: row["value"] for row in csv.DictReader(file)}


def events(folder: Path) -> Iterator[Any]:
    """Yield the events of all event files in a folder; each checksum is computed anew."""
    from tensorboardX.proto.event_pb2 import Event

    for path in sorted(folder.glob("events.out.tfevents.*")):
        content, place = path.read_bytes(), 0
        while place < len(content):
            length, checked = struct.unpack_from("<QI", content, place)
            body = content[place + 12 : place + 12 + length]
            assert checked == _masked(content[place : place + 8])
            assert struct.unpack_from("<I", content, place + 12 + length) == (_masked(body),)
            yield Event.FromString(body)
            place += 16 + length


def tensorboard_figures(folder: Path) -> Figures:
    """Return the scalars of all event files in a folder."""
    return [
        (value.tag, event.step, value.simple_value)
        for event in events(folder)
        for value in event.summary.value
        if value.HasField("simple_value")
    ]


def mlflow_runs(folder: Path, experiment: str = "recurra") -> list[Any]:
    """Return the runs in `mlflow.db`."""
    client = mlflow_client(folder)
    return list(client.search_runs([client.get_experiment_by_name(experiment).experiment_id]))


def mlflow_figures(folder: Path) -> Figures:
    """Return the metrics of the one run in `mlflow.db`, by name."""
    (run,), client = mlflow_runs(folder), mlflow_client(folder)
    return [
        (name, metric.step, metric.value)
        for name in run.data.metrics
        for metric in client.get_metric_history(run.info.run_id, name)
    ]


def mlflow_client(folder: Path) -> Any:
    """Return a client of `mlflow.db`."""
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{folder / 'mlflow.db'}")


def _masked(content: bytes) -> int:
    """Return the checksum of the TFRecord format: CRC-32C, turned by 15 bits, plus a constant."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
