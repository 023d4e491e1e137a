"""Every task takes the cells whose gates read the input alone: it trains, both engines answer, the name is right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from typer.testing import Result

import recurra
from recurra.cli.train import train
from recurra.errors import OptionError
from recurra.inference.kernel_layers import available
from recurra.kernel.layout import CELL_NAMES, RECURRENT_GATES
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import TASKS
from recurra.tasks.transcribe.recording import Samples
from recurra.terminal.progress import Reporter
from support.series import waves
from support.speech import RATE, spoken
from support.written_models import write_data, write_inputs

Cli = Callable[..., Result]
SCANNED = [cell for cell, gates in RECURRENT_GATES.items() if not gates]
SMALL: dict[str, Any] = {
    "hidden": 5, "epochs": 2, "batch": 4, "threads": 1, "precision": "fp32", "baseline": False, "layers": 2,
    "split": 0.3, "valid": 0.3,
}  # fmt: skip
FURTHER: dict[str, dict[str, Any]] = {
    "classify": {"embedding": 4},
    "multilabel": {"embedding": 4},
    "regress": {"embedding": 4},
    "generate": {"embedding": 4, "split": 0.3, "unroll": 5},
    "tag": {"embedding": 4, "characters": "recurrent"},
    "translate": {"embedding": 4, "vocabulary": 280},
    "chat": {"embedding": 4, "vocabulary": 280},
    "series": {"convolutions": 84},
    "forecast": {"horizon": 6, "members": 2},
}
ANSWERS: dict[str, Callable[[Any], Any]] = {
    "classify": lambda model: model.predict_proba(["the film was good", "a river", "late"]),
    "multilabel": lambda model: model.predict_proba(["the film was good", "a river", "late"]),
    "regress": lambda model: model.predict(["the film was good", "a river", "late"]),
    "generate": lambda model: "".join(model.generate("the ", 20, seed=3)),
    "tag": lambda model: model.tag([["the", "film", "was", "good"], ["late"]]),
    "translate": lambda model: model.translate(["the film was good", "a river"]),
    "chat": lambda model: model.reply(["the film was good"], seed=3),
    "transcribe": lambda model: [one.text for one in model.transcribe([Samples(spoken("do aid", 7), RATE)])],
    "series": lambda model: model.predict_proba(waves(5, seed=9)[0]),
    "forecast": lambda model: model.predict([np.sin(np.arange(36.0)), np.arange(20.0) % 5]),
}


DISTINCT = {"classify": 1, "multilabel": 1, "regress": 1, "translate": 1, "chat": 0}
"""Tasks of which equal rows stay on one side, and how many lines their files begin with."""


def written(task: str, folder: Path) -> Path:
    """Write data whose rows all differ; return the file."""
    path = write_data(task, folder)
    if task in DISTINCT:
        lines, head = path.read_text(encoding="utf-8").splitlines(), DISTINCT[task]
        told = [line.replace("was", f"was {n}").replace("river", f"river {n}") for n, line in enumerate(lines[head:])]
        path.write_text("\n".join([*lines[:head], *told]) + "\n", encoding="utf-8")
    return path


def options_for(task: str, cell: str, **more: Any) -> Any:
    wanted = {**SMALL, **FURTHER.get(task, {}), **more}
    known = type(task_options({"task": task})).model_fields
    chosen = {name: value for name, value in wanted.items() if name in known}
    return task_options({"task": task, "cell": cell, **chosen})


def test_no_task_is_left_out() -> None:
    assert ANSWERS.keys() == TASKS.keys()


@pytest.mark.parametrize("task", ANSWERS)
@pytest.mark.parametrize("cell", SCANNED)
def test_every_task_learns_answers_and_names_the_cell(
    task: str, cell: str, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "model"
    data = written(task, tmp_path)
    train(str(data), out, options_for(task, cell), reporter=Reporter(quiet=True))
    answers = []
    for engine in ("kernel", "onnxruntime") if available() else ("onnxruntime",):
        if engine == "onnxruntime" or task in ("classify", "multilabel", "regress", "transcribe", "series", "forecast"):
            monkeypatch.setenv("RECURRA_ENGINE", engine)
        answers.append(ANSWERS[task](recurra.load(out)))
        monkeypatch.delenv("RECURRA_ENGINE", raising=False)
    for answer in answers[1:]:
        if isinstance(answer, np.ndarray):
            np.testing.assert_allclose(answer, answers[0], rtol=0, atol=1e-5)
        else:
            assert answer == answers[0]
    assert not any("weight_hh" in name or "bias_hh" in name for name in load_file(out / "weights.safetensors"))
    told = cli("inspect", str(out)).output
    assert f"{CELL_NAMES[cell]}(5)" in told and cell.upper() not in told
    result = cli("evaluate", str(out), str(data))
    assert result.exit_code == 0, result.output
    if task not in ("generate", "chat"):
        result = cli("predict", str(out), *write_inputs(task, tmp_path))
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize("cell", SCANNED)
def test_a_cell_without_recurrent_weights_drops_none(cell: str) -> None:
    assert options_for("generate", cell, weight_dropout=0.0).cell == cell
    with pytest.raises(OptionError, match="--weight-dropout does nothing with --cell"):
        options_for("generate", cell, weight_dropout=0.3)
