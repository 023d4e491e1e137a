"""The task `transcribe` from recordings to a model directory and back, through the command line's own functions."""

from __future__ import annotations

import csv
import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from recurra.cli.train import train
from recurra.errors import LabelError, OptionError, ReadError
from recurra.storage import model_directory
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import load
from recurra.tasks.transcribe.evaluate import evaluate
from recurra.tasks.transcribe.learn.trainer import TranscribeTrainer
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribeEvaluateOptions, TranscribePredictOptions
from recurra.tasks.transcribe.predict import transcribe_files
from recurra.tasks.transcribe.recording import Samples
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext
from support.killed_training import training_process
from support.speech import RATE, TINY, WORDS, spoken, texts, write_speech, write_wav

pytest.importorskip("soundfile")
QUIET = Reporter(quiet=True)


def learnt(data: Path, out: Path, **options: Any) -> dict[str, Any]:
    chosen = task_options({**TINY, "task": "transcribe", **options})
    return train(str(data), out, chosen, reporter=QUIET)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("speech")
    write_speech(place, texts(140), 7)
    write_speech(place, texts(30, seed=1), name="test.csv", seed=5_000)
    return place


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, dict[str, Any]]:
    out = folder / "model"
    return out, learnt(folder / "list.csv", out, epochs=30)


@pytest.fixture(scope="module")
def model(trained: tuple[Path, dict[str, Any]]) -> Transcriber:
    return load(trained[0], task="transcribe")


def test_it_learns_to_write_what_it_hears(trained: tuple[Path, dict[str, Any]]) -> None:
    out, metrics = trained
    test = metrics["test"]
    assert test["wer"] < 0.1 and test["cer"] < 0.1
    assert test["wer_ci95"][0] <= test["wer"] <= test["wer_ci95"][1]
    assert metrics["split"]["how"].startswith("1 of 7 speakers held out")
    assert test["rows"] == metrics["split"]["test"] == 20
    assert test["seconds"] > 5 and test["real_time_factor"] > 0
    assert metrics["history"][-1]["valid_cer"] < metrics["history"][0]["valid_cer"]
    manifest = model_directory.read(out).manifest
    assert manifest.task == "transcribe" and manifest.metrics["wer"] == test["wer"]
    assert json.loads((out / "tokenizer.json").read_text())["words"] == sorted(WORDS)
    page = (out / "report.html").read_text()
    assert "Word error rate" in page and "Speakers" not in page
    assert "transcriber.transcribe" in (out / "README.md").read_text()


def test_a_loaded_model_is_evaluated_and_answers(folder: Path, model: Transcriber) -> None:
    result = evaluate(model, str(folder / "test.csv"), TranscribeEvaluateOptions(), QUIET)
    assert result["rows"] == 30 and result["wer"] < 0.1
    path = write_wav(folder / "said.wav", spoken("oboe do"))
    (answer,) = transcribe_files(model, [str(path)], TranscribePredictOptions())
    assert answer["text"] == "oboe do" and answer["path"] == str(path)
    first, second = answer["words"]
    assert 0 <= first["start"] < first["end"] <= second["start"] < second["end"] <= answer["seconds"]
    assert first["end"] < 0.6 < second["end"] and 0 < answer["confidence"] <= 1
    (subtitled,) = transcribe_files(model, [str(path)], TranscribePredictOptions(subtitles="srt"))
    assert subtitled["subtitles"].startswith("1\n00:00:00,") and "oboe do" in subtitled["subtitles"]


def test_a_long_recording_is_heard_in_pieces(model: Transcriber) -> None:
    import numpy as np

    said = texts(60, seed=3)
    rng = np.random.default_rng(0)
    samples = np.concatenate([spoken(text, seed) for seed, text in enumerate(said)])
    silence = (0.002 * rng.standard_normal(3 * RATE)).astype(np.float32)
    (answer,) = model.transcribe([Samples(np.concatenate([samples, silence]), RATE)])
    assert answer.seconds > 50
    from recurra.tasks.transcribe.edits import count_edits

    assert count_edits(" ".join(said).split(), answer.text.split()).errors < 0.1 * len(answer.text.split())
    starts = [word.start for word in answer.words]
    assert starts == sorted(starts) and starts[-1] < answer.seconds - 2


def test_recordings_that_cannot_be_learnt_are_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_speech(tmp_path, texts(40))
    short = write_wav(tmp_path / "short.wav", spoken("a")[:700])
    with (tmp_path / "list.csv").open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([[short.name, "idea oboe idea"], ["audio/list-0.wav", "!"]])
    chosen = task_options({**TINY, "task": "transcribe", "epochs": 1, "baseline": False, "split": 0.05})
    metrics = train(str(tmp_path / "list.csv"), tmp_path / "m", chosen, reporter=Reporter())
    findings = metrics["hygiene"]["findings"]
    assert "1 recording left out, too short for the transcript (short.wav)." in findings
    assert "1 recording without a word, learnt as silence (list-0.wav)." in findings
    assert f"Data: {findings[0]}" in capsys.readouterr().err
    assert metrics["split"]["train"] + metrics["split"]["valid"] + metrics["split"]["test"] == 41


@pytest.mark.parametrize(
    ("rows", "kind", "message"),
    [
        ([["a.wav", "..."], ["b.wav", "?"], ["c.wav", "!"]], LabelError, "has a word in it"),
        ([["a.wav", "do"]], LabelError, "no recording"),
        ([["a.wav", "do"], ["nowhere.wav", "do"]], ReadError, "nowhere.wav"),
    ],
)
def test_unusable_data_are_refused(tmp_path: Path, rows: list[list[str]], kind: type[Exception], message: str) -> None:
    for name in "abc":
        write_wav(tmp_path / f"{name}.wav", spoken("do", ord(name)))
    with (tmp_path / "list.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["path", "transcript"], *rows])
    with pytest.raises(kind, match=message):
        learnt(tmp_path / "list.csv", tmp_path / "m", split=0.4)
    assert not (tmp_path / "m").exists()


def test_words_that_cannot_be_spelt_are_refused_before_training(folder: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("do\nzebra\n")
    started: list[str] = []
    reporter = Reporter(quiet=True)
    reporter.heading = started.append  # type: ignore[method-assign]
    chosen = task_options({**TINY, "task": "transcribe", "word_list": str(words)})
    with pytest.raises(OptionError, match=r"1 of the words have characters.*zebra"):
        train(str(folder / "list.csv"), tmp_path / "m", chosen, reporter=reporter)
    assert not started


def test_a_run_is_that_of_its_speakers_and_its_sound(folder: Path, tmp_path: Path) -> None:
    def fingerprints() -> tuple[str, str]:
        chosen = task_options({**TINY, "task": "transcribe"})
        trainer = TranscribeTrainer(
            chosen, RunContext(str(tmp_path / "list.csv"), tmp_path, tmp_path / "rejects", QUIET)
        )
        data = trainer.read()
        trainer.close()
        return data["fingerprint"], data["training_fingerprint"]

    shutil.copytree(folder / "audio", tmp_path / "audio")
    listed = (folder / "list.csv").read_text()
    (tmp_path / "list.csv").write_text(listed)
    before = fingerprints()
    assert fingerprints() == before
    said = tmp_path / "audio" / "list-0.wav"
    content = said.read_bytes()
    said.write_bytes(content[:-2] + b"\x00\x01")  # as many bytes
    after = fingerprints()
    assert after[0] != before[0] and after[1] == before[1]
    said.write_bytes(content)
    (tmp_path / "list.csv").write_text(listed.replace(",speaker1\n", ",speaker2\n", 1))
    assert (tmp_path / "list.csv").read_text() != listed
    after = fingerprints()
    assert after[0] != before[0] and after[1] == before[1]


def test_a_killed_run_is_resumed_to_equal_weights(folder: Path, tmp_path: Path) -> None:
    data, out = folder / "list.csv", tmp_path / "m"
    options: dict[str, Any] = {**TINY, "augment": True, "epochs": 6, "baseline": False}
    learnt(data, tmp_path / "whole", **options)
    chosen = {name: value for name, value in options.items() if not isinstance(value, bool)}
    flags = (f"--{name.replace('_', '-')}={value}" for name, value in chosen.items())
    words = (data, "--task", "transcribe", "--out", out, *flags, "--no-baseline")
    with training_process(*words) as training:
        training.wait_for_step(20)
        training.child.kill()
        assert training.child.wait() == -signal.SIGKILL
    assert not out.exists()
    with training_process(*words, "--json", "--resume") as training:
        _, said = training.child.communicate(timeout=120)
        assert training.child.returncode == 0, said
    assert "Resuming after step" in said
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("whole", "m")]
    assert weights[0] == weights[1]


def test_the_held_out_part_of_a_named_set_is_its_own(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Transcriber
) -> None:
    """Speech Commands as it unpacks, of tones."""
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path))
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "speech_commands_v0.02"
    names = []
    for number in range(40):
        word = WORDS[number % len(WORDS)]
        names.append(f"{word}/{number // 10:x}_nohash_{number % 10}.wav")
        (place / word).mkdir(parents=True, exist_ok=True)
        write_wav(place / names[-1], spoken(word, number))
    (place / "testing_list.txt").write_text("\n".join(names[30:]))
    metrics = learnt(Path("speech-commands"), tmp_path / "model", epochs=1)
    assert metrics["split"]["test"] == metrics["test"]["rows"] == 10
    manifest = model_directory.read(tmp_path / "model").manifest
    assert manifest.data["how"].startswith("speech-commands: under RECURRA_DATA")
    assert evaluate(model, "speech-commands", TranscribeEvaluateOptions(), QUIET)["rows"] == 10


def test_data_of_the_training_are_recognised(
    folder: Path, model: Transcriber, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, known in (("list.csv", True), ("test.csv", False)):
        evaluate(model, str(folder / name), TranscribeEvaluateOptions(), Reporter())
        said = " ".join(capsys.readouterr().err.split())
        assert ("These are the very data that the model was trained on" in said) is known
