"""A model of any task that somebody changed, with right digests: load, inspect and answers end with one sentence.

The sentence names the directory, no traceback is shown, and nothing is answered. A new task is tried as the others are
where it has a model in `support/live_models.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import Result

import recurra
from recurra.errors import ArtefactError, OptionError, RecurraError
from recurra.tasks.registry import TASKS
from support.tampered_models import (
    HOSTILE,
    copied,
    edit_constant,
    edit_graph,
    edit_json,
    edit_manifest,
    edit_weights,
    fields,
    put,
    replaced,
)
from support.written_models import MODELS

Tamper = Callable[[Path], object]
WRITE_TWO = ("translate", "chat")
"""Tasks whose models have a second graph."""


@pytest.fixture
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the model of 0.1.0 of the task that is the parameter."""
    return copied(MODELS / request.param, tmp_path / request.param)


def assert_refused(model: Path, reason: str = ".") -> None:
    with pytest.raises(ArtefactError, match=reason) as told:
        recurra.load(model)
    assert str(model) in str(told.value)
    assert "\n" not in str(told.value)


def assert_one_sentence(told: Result, model: Path) -> None:
    """An error of a command: status 1, one line on standard error that names the model, and nothing else."""
    assert told.exit_code == 1
    assert isinstance(told.exception, SystemExit)
    assert told.output.startswith("Error: ")
    assert told.output.count("\n") == 1
    assert str(model) in told.output


def looping(graph: onnx.ModelProto) -> None:
    name = graph.graph.output[0].name
    node = next(node for node in graph.graph.node if name in node.output)
    node.op_type = "Loop"


def renamed_opset(graph: onnx.ModelProto) -> None:
    graph.opset_import[0].version = 21


GRAPHS: dict[str, Tamper] = {
    "no bytes": lambda model: put(model, "model.onnx", b""),
    "nonsense": lambda model: put(model, "model.onnx", b"nonsense" * 100),
    "a page": lambda model: put(model, "model.onnx", b"<!doctype html>"),
    "onnxruntime's format": lambda model: put(model, "model.onnx", b"\x18\0\0\0ORTM" + b"\0" * 64),
    "half": lambda model: put(model, "model.onnx", (model / "model.onnx").read_bytes()[:-200]),
    "a loop": lambda model: edit_graph(model, looping),
    "other operators": lambda model: edit_graph(model, renamed_opset),
    "no output": lambda model: edit_graph(model, lambda graph: graph.graph.ClearField("output")),
    "a table too small": lambda model: edit_constant(model, table_of(model), lambda array: array[:1]),
    "not a number": lambda model: edit_constant(model, table_of(model), lambda array: array * np.float32("nan")),
    "infinite": lambda model: edit_constant(model, table_of(model), lambda array: array / np.float32(0)),
}


def table_of(model: Path) -> str:
    return {
        "tag": "words.weight",
        "transcribe": "head.weight.T",
        "series": "head.weight.T",
        "forecast": "members.0.head.weight.T",
    }.get(model.name, "embedding.weight")


@pytest.mark.parametrize("change", GRAPHS)
@pytest.mark.parametrize("model", TASKS, indirect=True)
def test_a_graph_that_is_not_as_it_was_written(model: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECURRA_ENGINE", "onnxruntime")
    with np.errstate(all="ignore"):
        GRAPHS[change](model)
    assert_refused(model)


@pytest.mark.parametrize("model", WRITE_TWO, indirect=True)
def test_the_second_graph_is_looked_at_as_the_first_is(model: Path) -> None:
    edit_graph(model, looping, "step.onnx")
    assert_refused(model, "step.onnx is not a graph of Recurra: it has the operator 'Loop'")


@pytest.mark.parametrize("model", ["classify"], indirect=True)
def test_the_graph_of_a_classifier_is_looked_at_where_the_kernel_answers(model: Path) -> None:
    edit_graph(model, looping)
    assert_refused(model, "the operator 'Loop'")


def not_finite(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    weights["head.bias"][0] = np.inf
    return weights


WEIGHTS: dict[str, tuple[Tamper, str]] = {
    "not finite": (lambda model: edit_weights(model, not_finite), "'head.bias' hold values that are not finite"),
    "doubles": (
        lambda model: edit_weights(model, lambda weights: {n: a.astype(np.float64) for n, a in weights.items()}),
        "does not hold the weights of this network",
    ),
    "one missing": (
        lambda model: edit_weights(model, lambda weights: dict(list(weights.items())[1:])),
        "does not hold the weights of this network",
    ),
    "nothing": (lambda model: put(model, "weights.safetensors", b""), "is damaged"),
    "a long header": (lambda model: put(model, "weights.safetensors", b"\xff" * 8 + b"{}"), "is damaged"),
    "overlap": (
        lambda model: put(model, "weights.safetensors", header({"a": (0, 8), "b": (4, 12)}) + bytes(12)),
        "is damaged",
    ),
    "beyond the end": (
        lambda model: put(model, "weights.safetensors", header({"a": (0, 2**62)}) + bytes(8)),
        "is damaged",
    ),
    "an unknown type": (
        lambda model: put(model, "weights.safetensors", header({"a": (0, 4)}, "BF16") + bytes(4)),
        "is damaged|does not hold",
    ),
}


def header(parts: dict[str, tuple[int, int]], kind: str = "F32") -> bytes:
    entries = ",".join(
        f'"{name}":{{"dtype":"{kind}","shape":[2],"data_offsets":[{begin},{end}]}}'
        for name, (begin, end) in parts.items()
    )
    text = f"{{{entries}}}".encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize("change", WEIGHTS)
@pytest.mark.parametrize("model", ["classify"], indirect=True)
def test_weights_that_are_not_as_they_were_written(model: Path, change: str) -> None:
    tamper, reason = WEIGHTS[change]
    tamper(model)
    if recurra.load(MODELS / "classify").engine.name == "kernel":
        assert_refused(model, f"weights.safetensors.*({reason})")


def metrics(**changed: object) -> Tamper:
    return lambda model: edit_manifest(model, lambda plain: plain | {"metrics": plain["metrics"] | changed})


def tokenizer(**changed: object) -> Tamper:
    return lambda model: edit_json(model, "tokenizer.json", lambda plain: plain | changed)


CLASSIFIERS: dict[str, tuple[Tamper, str]] = {
    "huge lengths": (tokenizer(max_tokens=10**18, fill=True), "tokenizer.json has a value out of range"),
    "a word less": (
        lambda model: edit_json(model, "tokenizer.json", lambda plain: plain | {"words": plain["words"][1:]}),
        "tokenizer.json has .* ids and the network",
    ),
    "frozen": (metrics(temperature=1e-320), "states the temperature 1e-320"),
    "another temperature": (metrics(temperature=0.5), "divides by the temperature .* and manifest.json states 0.5"),
    "a frozen graph": (
        lambda model: edit_constant(model, "temperature", lambda array: array * np.float32(1e-30)),
        "divides its logits by no temperature that a model has",
    ),
}


@pytest.mark.parametrize("change", CLASSIFIERS)
@pytest.mark.parametrize("model", ["classify"], indirect=True)
def test_numbers_of_a_classifier_that_are_out_of_range(model: Path, change: str) -> None:
    tamper, reason = CLASSIFIERS[change]
    tamper(model)
    assert_refused(model, reason)


LABELS: dict[str, tuple[list[Any], str]] = {
    "none": ([], "has 0 labels for a network of 2"),
    "one more": (["a", "b", "c"], "has 3 labels for a network of 2"),
    "twice": (["a", "a"], "names a label twice"),
    "half a character": (["a", "\ud83d"], "label 1 holds half a character"),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("model", ["classify"], indirect=True)
def test_labels_that_do_not_fit_are_refused_by_inspect_too(
    model: Path, labels: str, cli: Callable[..., Result]
) -> None:
    given, reason = LABELS[labels]
    edit_manifest(model, lambda plain: plain | {"labels": given})
    assert_refused(model, reason)
    told = cli("inspect", model)
    assert_one_sentence(told, model)
    assert reason in told.output


@pytest.mark.parametrize("model", [task for task in TASKS if task != "classify"], indirect=True)
def test_no_task_has_labels_beyond_its_own(model: Path, cli: Callable[..., Result]) -> None:
    edit_manifest(model, lambda plain: plain | {"labels": [*plain["labels"], "more"]})
    assert_refused(model, r"labels for a network of \d+")
    assert_one_sentence(cli("inspect", model), model)


@pytest.mark.parametrize("model", TASKS, indirect=True)
def test_a_network_of_a_newer_version_is_named_as_such(model: Path, cli: Callable[..., Result]) -> None:
    edit_manifest(model, lambda plain: plain | {"recurra": "9.1.0", "network": plain["network"] | {"heads": 2}})
    assert_refused(model, r"knows no 'heads' of a network; the model was written by '9\.1\.0'")
    assert_one_sentence(cli("inspect", model), model)


@pytest.mark.parametrize("other", [*TASKS, "classyfy"])
@pytest.mark.parametrize("model", TASKS, indirect=True)
def test_another_task_is_refused_by_inspect_too(model: Path, other: str, cli: Callable[..., Result]) -> None:
    if other == model.name or {other, model.name} == set(WRITE_TWO):
        return  # a translator and a chat model have networks of one shape
    edit_manifest(model, lambda plain: plain | {"task": other})
    assert_refused(model)
    told = cli("inspect", model)
    assert_one_sentence(told, model)


@pytest.mark.parametrize("task", TASKS)
def test_an_engine_that_there_is_not_is_an_error_for_every_task(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECURRA_ENGINE", "onnx")
    with pytest.raises(OptionError, match=r"^RECURRA_ENGINE=onnx: accepted are"):
        recurra.load(MODELS / task)
    monkeypatch.setenv("RECURRA_ENGINE", "kernel")
    if task not in ("classify", "multilabel", "regress", "transcribe", "series", "forecast"):
        with pytest.raises(OptionError, match=rf"only models of classes, .* a model of the task {task};"):
            recurra.load(MODELS / task)


@pytest.mark.parametrize("model", ["classify"], indirect=True)
def test_inspect_names_missing_weights(model: Path, cli: Callable[..., Result]) -> None:
    assert "Missing " not in cli("inspect", model).output
    (model / "weights.safetensors").unlink()
    told = cli("inspect", model)
    assert told.exit_code == 0
    assert "Missing     weights.safetensors, which is not needed to answer" in told.output
    assert recurra.load(model).engine.name == "onnxruntime"


@pytest.mark.parametrize(
    "content", [b"[]", b"{", b"\xff", b'{"a": 1e999}', b"[" * 9999, b'{"test": 3}', b'{"split": []}']
)
@pytest.mark.parametrize("model", TASKS, indirect=True)
def test_figures_that_are_not_as_they_were_written(model: Path, content: bytes, cli: Callable[..., Result]) -> None:
    put(model, "metrics.json", content)
    told = cli("inspect", model)
    if told.exit_code:
        assert_one_sentence(told, model)
        assert "metrics.json" in told.output
    recurra.load(model)


@pytest.mark.parametrize("name", ["manifest.json", "tokenizer.json"])
@pytest.mark.parametrize("model", TASKS, indirect=True)
def test_any_field_may_hold_anything(model: Path, name: str, tmp_path: Path) -> None:
    """Whatever it is, the model is refused with one sentence that names it, or is opened."""
    plain = json.loads((model / name).read_text())
    for number, field in enumerate(fields(plain)):
        if field[0] in ("files", "digest"):
            continue
        kind, value = list(HOSTILE.items())[number % len(HOSTILE)]
        edit_json(model, name, lambda _, field=field, value=value: replaced(plain, field, value))
        try:
            recurra.load(model)
        except RecurraError as error:
            assert str(model) in str(error), (field, kind)  # noqa: PT017
    edit_json(model, name, lambda _: plain)
    recurra.load(model)
