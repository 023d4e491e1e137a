"""Reading a trained model that training goes on with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save

import recurra
from recurra.errors import ArtefactError
from recurra.many_to_one.learn.trained import read_trained
from recurra.storage import model_directory
from recurra.tasks.classify.model import Classifier
from support.whole_commands import in_sentences

BEFORE = Path(__file__).parents[2] / "fixtures" / "models-0.1.0"


def test_all_of_a_model_is_read_and_it_answers_as_it_did(trained: tuple[Path, dict[str, Any]]) -> None:
    found = read_trained(trained[0], "classify")
    loaded = recurra.load(trained[0], task="classify")
    weights = load_file(trained[0] / "weights.safetensors")
    assert found.weights.keys() == weights.keys()
    assert all(np.array_equal(found.weights[name], weights[name]) for name in weights)
    assert list(found.labels) == loaded.classes_.tolist() and found.tokenizer.to_json() == loaded.tokenizer.to_json()
    texts = ["a good film", "awful"]
    assert np.array_equal(found.model(Classifier).predict_proba(texts), loaded.predict_proba(texts))
    facts = found.facts()
    assert facts["digest"] == loaded.digest and facts["continued"] and facts["ancestors"] == []


@pytest.mark.parametrize("task", ["classify", "multilabel", "regress"])
def test_models_written_before_can_be_gone_on_with(task: str) -> None:
    assert read_trained(BEFORE / task, task).shape.vocabulary > 2


def test_a_model_of_another_task_is_refused_with_both_names() -> None:
    with pytest.raises(ArtefactError) as error:
        read_trained(BEFORE / "tag", "classify")
    in_sentences(str(error.value))
    assert "of the task tag" in str(error.value) and "--task tag" in str(error.value)


def rewritten(source: Path, target: Path, **changes: Any) -> Path:
    """Write a model anew with another network, other weights, or without them."""
    manifest = json.loads((source / "manifest.json").read_bytes())
    files = {name: (source / name).read_bytes() for name in manifest["files"]}
    if "weights" in changes:
        if changes["weights"] is None:
            del files["weights.safetensors"]
        else:
            files["weights.safetensors"] = changes["weights"]
    network = manifest["network"] | changes.get("network", {})
    metrics = manifest["metrics"] | changes.get("metrics", {})
    rest = {name: manifest[name] for name in ("task", "labels", "config", "data")}
    model_directory.write(target, files, network=network, metrics=metrics, **rest)
    return target


def test_what_does_not_fit_together_is_refused(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    weights = load_file(trained[0] / "weights.safetensors")
    infinite = {**weights, "head.bias": np.full_like(weights["head.bias"], np.inf)}
    lacking = {name: array for name, array in weights.items() if name != "head.bias"}
    for number, (changes, words) in enumerate(
        [
            ({"weights": None}, "written without weights.safetensors"),
            ({"weights": save(infinite)}, "head.bias holds what is no number"),
            ({"weights": save(lacking)}, "does not have head.bias"),
            ({"weights": b"nothing"}, "cannot be read"),
            ({"network": {"members": 3}}, "an ensemble of 3 networks"),
            ({"network": {"vocabulary": 7}}, "for a network of 7"),
            ({"metrics": {"temperature": -1.0}}, "the temperature -1.0"),
        ]
    ):
        copy = rewritten(trained[0], tmp_path / str(number), **changes)
        with pytest.raises(ArtefactError) as error:
            read_trained(copy, "classify")
        in_sentences(str(error.value))
        assert words in str(error.value), str(error.value)


def test_a_model_of_a_later_schema_is_refused(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    shutil.copytree(trained[0], tmp_path / "m")
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_bytes())
    (tmp_path / "m" / "manifest.json").write_text(json.dumps({**manifest, "schema": 2}), encoding="utf-8")
    with pytest.raises(ArtefactError, match="newer Recurra"):
        read_trained(tmp_path / "m", "classify")


def test_how_the_rows_were_divided_is_known(trained: tuple[Path, dict[str, Any]]) -> None:
    directory, metrics = trained
    found = read_trained(directory, "classify").split
    assert found == {**metrics["split"], "kept_apart": {}}
    assert found["test"] > 0
