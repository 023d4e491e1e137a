"""Model directories that were changed: refused, or, where their digests were made to fit, at least sane in answers."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

import recurra
from recurra.errors import ArtefactError
from support.damage import altered, damaged
from support.fuzzing import fuzzed
from support.tampered_models import edit_json, put
from support.whole_commands import Ended, in_sentences, in_words, run
from support.written_models import MODELS, write_data

TASKS = ("classify", "generate", "tag", "translate", "chat")
TEXT = "the film was good"
ASKED: dict[str, tuple[Any, ...]] = {
    "classify": ("predict", TEXT, "--json"),
    "generate": ("generate", "--prompt", TEXT, "--tokens", 5, "--seed", 1, "--json"),
    "tag": ("predict", TEXT, "--json"),
    "translate": ("predict", TEXT, "--json"),
    "chat": ("chat", "--seed", 1, "--json"),
}
"""A command for each task that has the model answer."""


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def answered(model: Path, task: str) -> Ended:
    """Have the model answer, and describe itself; neither may change anything."""
    before = content(model)
    command, *rest = ASKED[task]
    ended = run(command, model, *rest, input=TEXT.encode())
    in_words(ended)
    described = run("inspect", model, "--json")
    in_words(described)
    if not described.status:
        json.loads(described.out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    shown = run("inspect", model)
    in_words(shown)
    assert content(model) == before
    return ended


def is_sane(task: str, out: str) -> None:
    """Check an answer as far as it does not depend on the weights."""
    answer = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    if task == "classify":
        (prediction,) = answer["predictions"]
        shares = list(prediction["probabilities"].values())
        assert all(0 <= share <= 1 for share in shares) and math.isclose(sum(shares), 1, abs_tol=1e-6)
        assert prediction["probability"] == max(shares)
    elif task == "tag":
        (prediction,) = answer["predictions"]
        assert prediction["tokens"] == TEXT.split() and len(prediction["tags"]) == len(prediction["tokens"])
    elif task == "translate":
        (prediction,) = answer["predictions"]
        assert isinstance(prediction["translation"], str)
    else:
        assert isinstance(answer["text" if task == "generate" else "reply"], str)


@st.composite
def places(draw: st.DrawFn, suffixes: tuple[str, ...]) -> tuple[str, str]:
    """Draw (task, name of a file of its model)."""
    task = draw(st.sampled_from(TASKS))
    names = sorted(path.name for path in (MODELS / task).iterdir() if path.suffix in suffixes)
    return task, draw(st.sampled_from(names))


@fuzzed(30, place=places((".json", ".onnx", ".safetensors", ".html", ".md", ".png")), data=st.data())
def test_changed_bytes_are_refused(place: tuple[str, str], data: st.DataObject) -> None:
    task, name = place
    good = (MODELS / task / name).read_bytes()
    changed = data.draw(damaged(good))
    with tempfile.TemporaryDirectory() as folder:
        model = Path(shutil.copytree(MODELS / task, Path(folder) / "model"))
        (model / name).write_bytes(changed)
        ended = answered(model, task)
        same = changed == good or (name == "manifest.json" and _same_json(changed, good))
        assert (ended.status == 0) == same, ended
        if same:
            is_sane(task, ended.out)


def _same_json(one: bytes, other: bytes) -> bool:
    """Return whether two manifests say the same: white space is no part of their digest."""
    try:
        return bool(json.loads(one.decode()) == json.loads(other.decode()))
    except ValueError:
        return False


@fuzzed(60, place=places((".json",)), data=st.data())
def test_changed_json_with_digests_that_fit(place: tuple[str, str], data: st.DataObject) -> None:
    task, name = place
    plain = json.loads((MODELS / task / name).read_text(encoding="utf-8"))
    changed = data.draw(altered(plain, most=2))
    with tempfile.TemporaryDirectory() as folder:
        model = Path(shutil.copytree(MODELS / task, Path(folder) / "model"))
        edit_json(model, name, lambda _: changed)
        ended = answered(model, task)
        if not ended.status:
            is_sane(task, ended.out)


@fuzzed(30, place=places((".json", ".onnx", ".safetensors")), data=st.data())
def test_changed_bytes_with_digests_that_fit(place: tuple[str, str], data: st.DataObject) -> None:
    task, name = place
    if name == "manifest.json":
        return
    with tempfile.TemporaryDirectory() as folder:
        model = Path(shutil.copytree(MODELS / task, Path(folder) / "model"))
        put(model, name, data.draw(damaged((MODELS / task / name).read_bytes())))
        ended = answered(model, task)
        if not ended.status:
            is_sane(task, ended.out)


@fuzzed(20, place=places((".json",)), data=st.data())
def test_evaluate_with_changed_json(place: tuple[str, str], data: st.DataObject) -> None:
    task, name = place
    plain = json.loads((MODELS / task / name).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        model = Path(shutil.copytree(MODELS / task, Path(folder) / "model"))
        edit_json(model, name, lambda _: data.draw(altered(plain, most=1)))
        before = content(model)
        ended = run("evaluate", model, write_data(task, Path(folder)), "--json")
        in_words(ended)
        assert content(model) == before
        if not ended.status:
            json.loads(ended.out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


@fuzzed(30, place=places((".json",)), data=st.data())
def test_load(place: tuple[str, str], data: st.DataObject) -> None:
    task, name = place
    plain = json.loads((MODELS / task / name).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        model = Path(shutil.copytree(MODELS / task, Path(folder) / "model"))
        edit_json(model, name, lambda _: data.draw(altered(plain, most=2)))
        try:
            recurra.load(model)
        except ArtefactError as error:
            in_sentences(str(error))
