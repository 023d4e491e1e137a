"""A model as one of MLflow: loaded by MLflow itself, it answers as `recurra predict` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recurra.conversion.frames import FRAMES
from recurra.conversion.mlflow import export
from recurra.errors import ArtefactError, OptionError, OutputError
from recurra.storage.model_directory import read
from support.written_models import MODELS, write_data, write_inputs

Cli = Callable[..., Any]
Json = Callable[[str], dict[str, Any]]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


def loaded(directory: Path) -> Any:
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(str(directory))


def mlflow(*words: object) -> str:
    command = [sys.executable, "-W", "ignore", "-m", "mlflow", *map(str, words)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("task", [task for task in FRAMES if task != "forecast"])
def test_the_answers_are_those_of_predict(task: str, cli: Cli, tmp_path: Path, only_json: Json) -> None:
    inputs = write_inputs(task, tmp_path)
    expected = only_json(cli("predict", MODELS / task, *inputs, "--json").stdout)["predictions"]
    result = only_json(cli("export", MODELS / task, "--to", "mlflow", "--output", tmp_path / "out", "--json").stdout)
    (column,) = result["inputs"]
    cells = [Path(path).read_bytes() for path in inputs] if task == "transcribe" else inputs
    model = loaded(tmp_path / "out")
    assert model.metadata.signature.inputs.input_names() == [column]
    assert model.metadata.signature.outputs.input_names() == list(result["outputs"])
    answers = model.predict(pd.DataFrame({"beside": range(len(cells)), column: cells})).to_dict("records")
    assert answers == [{name: answer[name] for name in result["outputs"]} for answer in expected]
    assert {name for answer in expected for name in answer} - result["outputs"].keys() <= {"path"}


def test_forecasts_are_those_of_predict(cli: Cli, tmp_path: Path) -> None:
    data, output = write_data("forecast", tmp_path), tmp_path / "forecast.jsonl"
    assert cli("predict", MODELS / "forecast", "--input", data, "--output", output).exit_code == 0
    expected = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    result = cli("export", MODELS / "forecast", "--to", "mlflow", "--output", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(data)
    answers = loaded(tmp_path / "out").predict(table.sample(frac=1, random_state=0)).to_dict("records")
    assert sorted(answers, key=str) == sorted(expected, key=str) and len(answers) == 12
    table.loc[table.index[-1], "y"] = None  # a step whose value is not known
    shorter = loaded(tmp_path / "out").predict(table)
    assert shorter["ds"].iloc[-1] < expected[-1]["ds"]


def test_mlflow_answers_a_csv_and_a_json_by_its_command(cli: Cli, tmp_path: Path, only_json: Json) -> None:
    texts = ['the film was "good", it said', "", "dull\nand long"]
    expected = only_json(cli("predict", MODELS / "classify", *texts, "--json").stdout)["predictions"]
    shown = cli("export", MODELS / "classify", "--to", "mlflow", "--output", tmp_path / "out")
    assert f"mlflow models predict --model-uri {tmp_path / 'out'} --input-path FILE.csv" in shown.stdout
    pd.DataFrame({"review": texts}).to_csv(tmp_path / "in.csv", index=False, quoting=1)
    body = {"dataframe_split": {"columns": ["review"], "data": [[text] for text in texts]}}
    (tmp_path / "in.json").write_text(json.dumps(body))
    for kind in ("csv", "json"):
        said = mlflow(
            "models", "predict", "--model-uri", tmp_path / "out", "--input-path", tmp_path / f"in.{kind}",
            "--content-type", kind, "--env-manager", "local",
        )  # fmt: skip
        assert json.loads(said)["predictions"] == expected, kind


def test_it_holds_the_model_as_it_is_and_needs_neither_pickle_nor_torch(tmp_path: Path) -> None:
    result = export(read(MODELS / "classify"), tmp_path / "out")
    there = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    model = {f"data/classify/{path.name}" for path in (MODELS / "classify").iterdir()}
    assert there - model == {"MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt"} and model <= there
    for path in model:
        assert (tmp_path / "out" / path).read_bytes() == (MODELS / "classify" / Path(path).name).read_bytes()
    requirements = (tmp_path / "out" / "requirements.txt").read_text().split()
    assert requirements == result["requirements"]
    assert requirements[0] == "recurra>=0.1.0" and [line.split("=")[0] for line in requirements[1:]] == [
        "mlflow-skinny", "pandas",
    ]  # fmt: skip
    code = (
        "import sys, mlflow.pyfunc\n"
        "print(mlflow.pyfunc.load_model(sys.argv[1]).predict({'review': ['a good film']}).label[0])\n"
        "assert not {'torch', 'onnx', 'sklearn'} & set(sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "out")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert said.stdout in ("positive\n", "negative\n")


def test_a_damaged_copy_is_refused(tmp_path: Path) -> None:
    export(read(MODELS / "classify"), tmp_path / "out")
    path = tmp_path / "out" / "data" / "classify" / "tokenizer.json"
    path.write_bytes(path.read_bytes().replace(b"film", b"fiml"))
    with pytest.raises(ArtefactError, match=r"tokenizer\.json does not have the sha256 digest"):
        loaded(tmp_path / "out")


def test_an_earlier_export_is_replaced_where_that_is_said_and_nothing_else_ever(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("--to", "mlflow", "--output", out)
    assert cli("export", MODELS / "classify", *words).exit_code == 0
    refused = cli("export", MODELS / "tag", *words)
    assert refused.exit_code == 1 and "overwrite it with --overwrite" in refused.stderr
    assert loaded(out).metadata.metadata["task"] == "classify"
    assert cli("export", MODELS / "tag", *words, "--overwrite").exit_code == 0
    assert loaded(out).metadata.metadata["task"] == "tag"
    (out / "mine.txt").write_text("mine")
    refused = cli("export", MODELS / "classify", *words, "--overwrite")
    assert refused.exit_code == 1 and "holds 'mine.txt', which is not part of a model of MLflow" in refused.stderr
    assert os.listdir(tmp_path) == ["out"]
    model = tmp_path / "model"
    assert cli("export", MODELS / "classify", "--to", "mlflow", "--output", model / "a" / "b").exit_code == 0
    with pytest.raises(OutputError, match="lies in the model directory"):
        export(read(MODELS / "classify"), MODELS / "classify" / "out")
    assert not (MODELS / "classify" / "out").exists()


@pytest.mark.parametrize("task", ["chat", "generate"])
def test_a_task_that_answers_no_table_is_refused(task: str, cli: Cli, tmp_path: Path) -> None:
    result = cli("export", MODELS / task, "--to", "mlflow", "--output", tmp_path / "out")
    assert result.exit_code == 2 and result.stdout == ""
    assert f"A model of the task {task} does not answer the rows of a table; those of classify" in result.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("module", ["mlflow", "pandas"])
def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(OptionError, match=rf"not installed \({module}\).*pip install '\.\[mlflow\]'"):
        export(read(MODELS / "classify"), tmp_path / "out")
    assert os.listdir(tmp_path) == []
