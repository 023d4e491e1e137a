"""The task `translate` from files to model directory and back, through the command line's own functions."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from recurra.cli.app import app
from recurra.cli.inspect import inspect
from recurra.cli.train import train
from recurra.errors import ArtefactError, DataError, OptionError, OutputError, ReadError
from recurra.storage import model_directory
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import get_task, load
from recurra.tasks.translate.evaluate import evaluate
from recurra.tasks.translate.model import Translator
from recurra.tasks.translate.options import TranslateEvaluateOptions, TranslatePredictOptions
from recurra.tasks.translate.predict import translate_texts
from recurra.tasks.translate.predict_file import predict_file
from recurra.terminal.progress import Reporter
from support.killed_training import training_process

TINY: dict[str, Any] = {
    "task": "translate", "hidden": 16, "embedding": 24, "vocabulary": 300, "epochs": 6, "batch": 16, "dropout": 0.0,
    "learning_rate": 0.02, "label_smoothing": 0.0, "threads": 1, "precision": "fp32", "valid": 0.1, "beam": 2,
    "patience": None,
}  # fmt: skip
WORDS = {"der": "the", "ein": "a", "Hund": "dog", "Katze": "cat", "Vogel": "bird", "läuft": "runs", "schläft": "sleeps"}


def made(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Sentences that are translated word for word."""
    rng, words = np.random.default_rng(seed), list(WORDS)
    found = []
    for _ in range(count):
        said = [str(rng.choice(words)) for _ in range(rng.integers(1, 5))]
        found.append((" ".join(said), " ".join(WORDS[word] for word in said)))
    return found


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def aligned(folder: Path, name: str, pairs: list[tuple[str, str]]) -> tuple[Path, Path]:
    return tuple(write(folder / f"{name}.{side}", [pair[i] for pair in pairs]) for i, side in enumerate(("de", "en")))


def learnt(data: Path, out: Path, *, resume: bool = False, **options: Any) -> dict[str, Any]:
    return train(str(data), out, task_options({**TINY, **options}), resume=resume, reporter=Reporter(quiet=True))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small products are slower on several threads, and far slower where these must wait for other programs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("translating")
    aligned(place, "train", made(500))
    known = made(500)
    aligned(place, "dev", [pair for pair in made(300, seed=1) if pair not in known] + [("", "")])
    return place


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, dict[str, Any]]:
    out = folder / "model"
    test = {"test": str(folder / "dev.de"), "test_target_file": str(folder / "dev.en")}
    return out, learnt(folder / "train.de", out, target_file=str(folder / "train.en"), **test)


def test_it_learns_and_is_compared_with_the_baseline(trained: tuple[Path, dict[str, Any]]) -> None:
    out, metrics = trained
    test = metrics["test"]
    assert 1 < test["perplexity"] < 15 and test["rows"] > 50
    assert metrics["history"][-1]["valid_loss"] < metrics["history"][0]["valid_loss"]
    assert test["bleu_ci95"][0] <= test["bleu"] <= test["bleu_ci95"][1]
    assert metrics["baseline"]["name"] == "Word-for-word dictionary" and metrics["baseline"]["chrf"] > 90
    assert metrics["split"]["test"] == test["rows"] and metrics["hygiene"]["empty_rows"] == 1
    manifest = model_directory.read(out).manifest
    assert (manifest.task, manifest.labels) == ("translate", [])
    assert manifest.metrics["bleu"] == test["bleu"]
    page = (out / "report.html").read_text()
    assert ">Attention<" in page and 'class="attention"' in page and "<script" not in page
    assert "model.translate" in (out / "README.md").read_text()
    assert "examples" not in inspect(out)["metrics"]


def test_a_loaded_model_scores_as_in_training(folder: Path, trained: tuple[Path, dict[str, Any]]) -> None:
    out, metrics = trained
    found = evaluate(
        load(out),
        str(folder / "dev.de"),
        TranslateEvaluateOptions(target_file=str(folder / "dev.en")),
        Reporter(quiet=True),
    )
    for name in ("bleu", "chrf", "exact_match", "nats_per_token"):
        assert found[name] == pytest.approx(metrics["test"][name], abs=1e-5)
    assert (found["rows"], found["left_out_rows"]) == (metrics["test"]["rows"], 1)


def test_a_text_is_translated_the_same_alone_and_among_others(trained: tuple[Path, dict[str, Any]]) -> None:
    model = load(trained[0])
    assert isinstance(model, Translator)
    texts = ["ein Hund schläft", "", "der Vogel läuft", "Katze", "nie gesehen \U0001f600"] * 12
    together = model.translate(texts)
    assert together[0] and together[1] == ""
    assert together == [model.translate([text])[0] for text in texts[:5]] * 12
    assert model.translate(texts[:1], beam=1, length_penalty=0.5)[0]
    assert load(trained[0], threads=2).translate(texts) == together
    long = next(model.translate_iter(["der Hund " * 100]))
    assert long.truncated
    for bad in ({"beam": 0}, {"beam": 65}, {"length_penalty": -1}):
        with pytest.raises(OptionError):
            model.translate(["ein"], **bad)
    with pytest.raises(OptionError, match="Put it into a list"):
        model.translate("ein Hund")
    with pytest.raises(OptionError, match="Item 1 of texts is int"):
        model.translate(["a", 3])


def test_a_translation_without_words_has_no_attention(trained: tuple[Path, dict[str, Any]]) -> None:
    found = load(trained[0]).align("der Hund", "")
    assert found.target == () and found.weights.shape == (0, len(found.source))


def test_attention_is_drawn_and_printed(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    model, page = load(trained[0]), tmp_path / "map.html"
    alignment = model.align("ein <b>Hund</b> läuft", "a dog runs")
    assert (alignment.source, alignment.target) == (("ein", "<b>Hund</b>", "läuft"), ("a", "dog", "runs"))
    np.testing.assert_allclose(alignment.weights.sum(1), 1, atol=1e-5)
    explanation = get_task("translate").explain(model, "ein <b>Hund</b> läuft", "a dog runs")
    assert "&lt;b&gt;Hund" in explanation.page(10) and "<b>Hund" not in explanation.page(10)
    assert explanation.values["target"] == ["a", "dog", "runs"]
    command = ("explain", trained[0], "ein <b>Hund</b> läuft", "--target", "a dog runs", "--html", page)
    run = CliRunner().invoke(app(), [*map(str, command)])
    assert (run.exit_code, page.read_text()) == (0, explanation.page(10)) and explanation.values["given"]
    again = CliRunner().invoke(app(), [*map(str, command)])
    assert again.exit_code == 1 and "exists already" in again.stderr
    with pytest.raises(OptionError, match="empty"):
        get_task("translate").explain(model, "", None)


def test_files_are_translated_line_by_line_and_tables_row_by_row(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    texts = ["ein Hund schläft", "", "der Vogel läuft"]
    expected = [answer["translation"] for answer in translate_texts(load(trained[0]), texts)]
    lines, out = write(tmp_path / "in.de", texts), tmp_path / "out.en"
    quiet = Reporter(quiet=True)
    assert predict_file(load(trained[0]), str(lines), out, TranslatePredictOptions(), reporter=quiet)["rows"] == 3
    assert out.read_text().splitlines() == expected
    with pytest.raises(OutputError, match="exists already"):
        predict_file(load(trained[0]), str(lines), out, TranslatePredictOptions(), reporter=quiet)
    with pytest.raises(OptionError, match="a text file becomes a text file"):
        predict_file(load(trained[0]), str(lines), tmp_path / "out.csv", TranslatePredictOptions(), reporter=quiet)
    table = tmp_path / "in.jsonl"
    table.write_text("".join(json.dumps({"id": str(i), "de": text}) + "\n" for i, text in enumerate(texts)))
    with pytest.raises(DataError, match="--source COL"):
        predict_file(load(trained[0]), str(table), tmp_path / "o.jsonl", TranslatePredictOptions(), reporter=quiet)
    predict_file(
        load(trained[0]), str(table), tmp_path / "o.jsonl", TranslatePredictOptions(source="de"), reporter=quiet
    )
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [row["translation"] for row in rows] == expected and rows[2]["id"] == "2"
    predict_file(load(trained[0]), str(table), tmp_path / "o.tsv", TranslatePredictOptions(source="de"), reporter=quiet)
    assert (tmp_path / "o.tsv").read_text().splitlines()[0] == "id\tde\ttranslation"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.de", "in.jsonl", "o.jsonl", "o.tsv", "out.en"]


def test_bad_input_is_refused_before_any_training(folder: Path, tmp_path: Path) -> None:
    short = write(tmp_path / "short.en", ["one", "two"])
    with pytest.raises(ReadError, match=r"500 lines.*has 2: from line 3 on"):
        learnt(folder / "train.de", tmp_path / "m", target_file=str(short))
    with pytest.raises(OptionError, match="give --target-file and --test-target-file both, or neither"):
        learnt(folder / "train.de", tmp_path / "m", target_file=str(short), test="x")
    with pytest.raises(DataError, match="No pair is left"):
        learnt(short, tmp_path / "m", target_file=str(short))
    assert not (tmp_path / "m").exists() and not (tmp_path / "m.training").exists()


def test_a_directory_whose_parts_do_not_fit_is_refused(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    source = model_directory.read(trained[0], (model_directory.MODEL, model_directory.STEP, model_directory.TOKENIZER))
    manifest = source.manifest

    def rewritten(name: str, network: dict[str, Any], **files: bytes) -> Path:
        content = {"model.onnx": source.files["model.onnx"], "step.onnx": source.files["step.onnx"],
                   "tokenizer.json": source.files["tokenizer.json"]} | files  # fmt: skip
        model_directory.write(
            tmp_path / name, content, task="translate", labels=[], network=network, config={}, metrics={}, data={}
        )
        return tmp_path / name

    whole = dict(manifest.network)
    assert load(rewritten("same", whole)).translate(["ein Hund"]) == load(trained[0]).translate(["ein Hund"])
    for name, network, files in (
        ("layers", whole | {"layers": 2}, {}),
        ("hidden", whole | {"hidden": 17}, {}),
        ("field", whole | {"more": 1}, {}),
        ("swapped", whole, {"step.onnx": source.files["model.onnx"]}),
        ("pieces", whole, {"tokenizer.json": b'{"kind": "byte-pairs-1", "specials": ["<s>", "</s>"], "merges": []}'}),
        ("bytes", whole, {"tokenizer.json": b"\xff"}),
        ("graph", whole, {"model.onnx": b"nothing"}),
    ):
        with pytest.raises(ArtefactError):
            load(rewritten(name, network, **files))


def test_a_killed_run_is_resumed_to_equal_weights(folder: Path, tmp_path: Path) -> None:
    options = {"epochs": 6, "hidden": 4, "embedding": 4, "dropout": 0.2, "rows": 200, "patience": 1000}
    data, target = folder / "train.de", str(folder / "train.en")
    learnt(data, tmp_path / "whole", target_file=target, **options)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in {**TINY, **options}.items()]
    out = tmp_path / "m"
    with training_process(data, "--target-file", target, "--out", out, *flags) as training:
        training.wait_for_step(20)
        training.child.kill()
        assert training.child.wait() == -signal.SIGKILL
    assert not out.exists()
    learnt(data, out, resume=True, target_file=target, **options)
    for name in ("weights.safetensors", "tokenizer.json", "model.onnx", "step.onnx"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
