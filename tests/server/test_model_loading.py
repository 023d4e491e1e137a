"""A model is tried before it answers, and one that cannot answer leaves the one in use in its place: every task."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from recurra.errors import ArtefactError, DataError
from recurra.http.model_reloader import ModelReloader, ServedModel
from recurra.server.model_loading import check_answers, load_model
from recurra.tasks.registry import TASKS
from support.live_models import SAMPLES, SERVED
from support.tampered_models import edit_constant, edit_manifest


@pytest.fixture(scope="module", params=TASKS)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ServedModel:
    return load_model(SAMPLES[request.param].write(tmp_path_factory.mktemp("model") / "model"))


def test_a_sound_model_passes_its_trial(loaded: ServedModel) -> None:
    check_answers(loaded, SERVED[loaded.task], Path("model"))


def raising(error: Exception) -> Any:
    def trial(_: object) -> None:
        raise error

    return trial


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (lambda _: [0.5, {"score": float("nan")}], "not finite"),
        (lambda _: ["text", np.array([1.0, np.inf], dtype=np.float32)], "not finite"),
        (lambda _: "a \ud800 label", "JSON"),
        (raising(RuntimeError("secret")), "RuntimeError"),
        (raising(DataError("It is wrong.")), "It is wrong"),
        (lambda _: threading.Event().wait(), "took longer than 0.05 s"),
    ],
)
def test_a_model_that_fails_its_trial_is_refused(loaded: ServedModel, trial: Any, words: str) -> None:
    task = dataclasses.replace(SERVED[loaded.task], trial=trial)
    with pytest.raises(ArtefactError, match=words) as raised:
        check_answers(loaded, task, Path("model"), seconds=0.05 if "longer" in words else 30)
    assert str(raised.value).startswith("model holds a model that cannot answer: ") and "secret" not in str(
        raised.value
    )


def test_a_summary_that_is_no_json_is_refused(loaded: ServedModel) -> None:
    manifest = loaded.manifest.model_copy(update={"labels": ["a", "\ud800"]})
    with pytest.raises(ArtefactError, match="JSON"):
        check_answers(dataclasses.replace(loaded, manifest=manifest), SERVED[loaded.task], Path("model"))


def constants(directory: Path) -> list[str]:
    """Return the names of the graph's weights."""
    graph = onnx.load_from_string((directory / "model.onnx").read_bytes())
    return [
        tensor.name
        for tensor in graph.graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT and np.prod(tensor.dims) > 1
    ]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_a_reload_of_weights_that_give_no_answer_keeps_the_model_in_use(
    tmp_path: Path, task: str, value: float, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if task == "regress" and np.isfinite(value):
        pytest.skip("with its gates saturated the sample answers the bias of its head, which is a number")
    monkeypatch.setattr("recurra.http.model_reloader.log.propagate", True)
    directory = SAMPLES[task].write(tmp_path / "model")
    reloader = ModelReloader(directory, load_model, task=task)
    reloader.load()
    good = reloader.current
    for name in constants(directory):
        edit_constant(directory, name, lambda array: np.full_like(array, value))
    assert not reloader.reload()
    assert reloader.current is good and reloader.last_error and str(directory) in reloader.last_error
    assert "the one in use stays" in caplog.text and "Traceback" not in caplog.text
    SAMPLES[task].write(directory)
    assert reloader.reload() and reloader.current is not good and reloader.last_error is None


@pytest.mark.parametrize("task", ["classify", "tag"])
def test_a_reload_of_labels_that_are_no_text_keeps_the_model_in_use(tmp_path: Path, task: str) -> None:
    directory = SAMPLES[task].write(tmp_path / "model")
    reloader = ModelReloader(directory, load_model, task=task)
    reloader.load()
    good = reloader.current
    edit_manifest(directory, lambda plain: plain | {"labels": ["\ud800", *plain["labels"][1:]]})
    assert not reloader.reload()
    assert reloader.current is good


def test_a_fault_of_any_kind_keeps_the_watching_going(tmp_path: Path) -> None:
    directory = SAMPLES["classify"].write(tmp_path / "model")
    reloader = ModelReloader(directory, load_model)
    reloader.load()
    good = reloader.current

    def broken(_: Path) -> ServedModel:
        raise KeyError("secret")

    reloader._load = broken
    assert not reloader.reload()
    assert reloader.current is good and "KeyError at " in str(reloader.last_error)
    assert "secret" not in str(reloader.last_error)
