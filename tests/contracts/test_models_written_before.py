"""Model directories that versions of 0.1.0 wrote are read and answer as they did then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from numpy.testing import assert_allclose

import recurra
from recurra.tasks.forecast.options import ForecastPredictOptions
from recurra.tasks.forecast.predict import predict
from recurra.tasks.transcribe.recording import Samples
from support.forecast_files import write_long
from support.series import waves
from support.speech import RATE, spoken
from support.written_models import MODELS

ANSWERS: dict[str, Any] = json.loads((MODELS / "answers.json").read_text(encoding="utf-8"))


def test_there_is_a_model_of_every_task() -> None:
    assert {path.name for path in MODELS.iterdir() if path.is_dir()} == set(ANSWERS)


def test_the_classifier_gives_the_same_labels_and_probabilities() -> None:
    expected = ANSWERS["classify"]
    model = recurra.load(MODELS / "classify")
    assert model.predict(expected["texts"]).tolist() == expected["labels"]
    assert_allclose(model.predict_proba(expected["texts"]), expected["probabilities"], rtol=0, atol=1e-5)


def test_the_model_of_several_labels_gives_the_same_ones() -> None:
    expected = ANSWERS["multilabel"]
    model = recurra.load(MODELS / "multilabel", task="multilabel")
    assert model.predict(expected["texts"]) == expected["labels"]
    assert model.thresholds.tolist() == expected["thresholds"]
    assert_allclose(model.predict_proba(expected["texts"]), expected["probabilities"], rtol=0, atol=1e-5)


def test_the_model_of_numbers_gives_the_same_numbers_and_intervals() -> None:
    expected = ANSWERS["regress"]
    model = recurra.load(MODELS / "regress", task="regress")
    assert_allclose(model.predict(expected["texts"]), expected["values"], rtol=0, atol=1e-4)
    assert_allclose(model.predict_interval(expected["texts"]), expected["intervals"], rtol=0, atol=1e-4)


def test_the_generator_draws_the_same_text() -> None:
    expected = ANSWERS["generate"]
    model = recurra.load(MODELS / "generate")
    assert "".join(model.generate(expected["prompt"], 40, seed=7)) == expected["text"]


def test_the_tagger_gives_the_same_tags() -> None:
    expected = ANSWERS["tag"]
    assert recurra.load(MODELS / "tag").tag(expected["sentences"]) == expected["tags"]


def test_the_translator_gives_the_same_translations() -> None:
    expected = ANSWERS["translate"]
    model = recurra.load(MODELS / "translate")
    assert model.translate(expected["texts"]) == expected["translations"]


def test_the_chat_model_gives_the_same_reply() -> None:
    expected = ANSWERS["chat"]
    model = recurra.load(MODELS / "chat")
    assert model.reply(expected["turns"], seed=expected["seed"]) == expected["reply"]


def test_the_transcriber_writes_the_same_texts() -> None:
    expected = ANSWERS["transcribe"]
    model = recurra.load(MODELS / "transcribe")
    found = model.transcribe([Samples(spoken(text, 7), RATE) for text in expected["spoken"]])
    assert [one.text for one in found] == expected["texts"]
    assert_allclose([one.confidence for one in found], expected["confidences"], rtol=0, atol=1e-3)


def test_the_model_of_series_gives_the_same_labels_and_probabilities() -> None:
    expected = ANSWERS["series"]
    model, (series, _) = recurra.load(MODELS / "series"), waves(6, seed=11)
    assert model.predict(series).tolist() == expected["labels"]
    assert_allclose(model.predict_proba(series), expected["probabilities"], rtol=0, atol=1e-4)


def test_the_model_that_forecasts_gives_the_same_quantiles(tmp_path: Path) -> None:
    expected = ANSWERS["forecast"]
    model = recurra.load(MODELS / "forecast", task="forecast")
    path = write_long(tmp_path / "sales.csv", 6, 40)
    answers = list(predict(model, [str(path)], ForecastPredictOptions()))
    assert [answer["series"] for answer in answers] == list(expected)
    for answer in answers:
        found = [[step["lo"], step["y"], step["hi"]] for step in answer["forecast"]]
        assert_allclose(found, expected[answer["series"]], rtol=1e-4)


@pytest.mark.parametrize("task", ANSWERS)
def test_inspect_reads_the_manifest(task: str) -> None:
    from recurra.storage.model_directory import read_manifest

    assert read_manifest(MODELS / task).task == task
