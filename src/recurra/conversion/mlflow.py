"""`recurra export MODEL --to mlflow`: a model of MLflow's flavour `python_function`, without a pickle."""

from __future__ import annotations

import logging
import os
import shlex
import warnings
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from recurra.conversion import pyfunc
from recurra.conversion.frames import Columns, Kind, frame_of
from recurra.data.model_folder import check_outside_models
from recurra.errors import OptionError, installation
from recurra.storage.files import publishing
from recurra.storage.model_directory import Artefact
from recurra.storage.version import VERSION
from recurra.tasks.registry import read, task_of

MODULES = ("mlflow", "pandas")
WHAT = "a model of MLflow"
FILES = ("MLmodel", "conda.yaml", "data", "python_env.yaml", "requirements.txt")
"""What such a directory holds."""


def export(source: Artefact, output: Path, *, overwrite: bool = False) -> dict[str, Any]:
    """Write a model as one of MLflow into the directory `output`, which appears whole.

    It holds the model directory as it is, the columns that it takes and gives, and the packages that it needs: no
    PyTorch. Returns those columns and packages, and the next command. Raises OptionError for a task whose models
    answer no table, and where MLflow is not installed; OutputError.
    """
    if missing := [name for name in MODULES if find_spec(name) is None]:
        raise OptionError(
            f"--to mlflow needs packages that are not installed ({', '.join(missing)}). {installation('mlflow')}"
        )
    frame = frame_of(task_of(source))
    check_outside_models(output, "--output")
    model = pyfunc.RecurraModel(str(source.path))
    requirements = _requirements(frame.extra)
    with publishing(output, replaceable=FILES if overwrite else None, what=WHAT) as place:
        _save(place, source, model, requirements)
        read(place / "data" / source.path.name)  # the copy, of which every file is checked
    uri, kind = shlex.quote(str(output)), "json" if "bytes" in model.inputs.values() else "csv"
    return {
        "inputs": model.inputs,
        "outputs": model.outputs,
        "requirements": requirements,
        "next": f"mlflow models predict --model-uri {uri} --input-path FILE.{kind} --content-type {kind} "
        "--env-manager local",
    }


def _save(place: Path, source: Artefact, model: pyfunc.RecurraModel, requirements: list[str]) -> None:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it would tell others that it is used
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MLflow's own code, and that an example of an input would be nice
        import mlflow.pyfunc
        from mlflow.models import ModelSignature

        logging.getLogger("mlflow").setLevel(logging.ERROR)
        mlflow.pyfunc.save_model(
            place,
            loader_module=pyfunc.__name__,
            data_path=str(source.path),
            signature=ModelSignature(inputs=_schema(model.inputs), outputs=_schema(model.outputs)),
            pip_requirements=requirements,
            metadata={"recurra": VERSION, "task": source.manifest.task, "digest": source.manifest.digest},
        )


def _requirements(extra: str) -> list[str]:
    """Return what an environment that loads the model needs, for pip."""
    recurra = f"recurra[{extra}]" if extra else "recurra"
    others = [f"{name}=={metadata.version(name)}" for name in ("mlflow-skinny", "pandas")]
    return [f"{recurra}>={VERSION}", *others]


def _schema(columns: Columns) -> Any:
    from mlflow.types.schema import Array, ColSpec, DataType, Map, Object, Property, Schema

    number, text = DataType.double, DataType.string
    times = [Property("text", text), *(Property(name, number) for name in ("start", "end", "confidence"))]
    kinds: dict[Kind, Any] = {
        "text": text,
        "whole": DataType.long,
        "number": number,
        "flag": DataType.boolean,
        "bytes": DataType.binary,
        "texts": Array(text),
        "numbers by name": Map(number),
        "words": Array(Object(times)),
    }
    return Schema([ColSpec(kinds[kind], name) for name, kind in columns.items()])
