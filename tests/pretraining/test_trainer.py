"""`recurra pretrain` from texts to a base: what is written, and that a run that was stopped ends the same."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.cli.train import train
from recurra.errors import InterruptedTraining, OutputError, ResumeError, TrainingError
from recurra.pretraining.options import PretrainOptions
from recurra.pretraining.trainer import BaseTrainer
from recurra.storage.base import read_base
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter
from recurra.training.run import run
from support.killed_training import training_process

TINY = {"hidden": 4, "embedding": 4, "epochs": 2, "threads": 1, "precision": "fp32", "window": 5, "min_count": 1}
FILES = ("weights.safetensors", "tokenizer.json")
SAME = ("test", "history", "split", "data", "network", "config")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """200 texts, each of the words of one of four subjects, and of some that all have."""
    rng = np.random.default_rng(0)
    lines = []
    for number in range(200):
        own = [f"s{number % 4}w{word}" for word in rng.integers(0, 40, 14)]
        lines.append(" ".join(rng.permutation([*own, *(f"c{word}" for word in rng.integers(0, 4, 6))])))
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def pretrain(data: Path, out: Path, *, resume: bool = False, overwrite: bool = False, **options: Any) -> dict[str, Any]:
    chosen = PretrainOptions.model_validate({**TINY, **options})
    return run(BaseTrainer, str(data), out, chosen, resume=resume, overwrite=overwrite, reporter=Reporter(quiet=True))


def test_it_learns_what_is_beside_what(texts: Path, tmp_path: Path) -> None:
    metrics = pretrain(texts, tmp_path / "base", epochs=12, hidden=8, embedding=8, learning_rate=0.03, batch=32)
    test = metrics["test"]
    assert test["perplexity"] < 0.7 * test["perplexity_by_counts"], "a subject has a quarter of the words"
    losses = [entry["valid_loss"] for entry in metrics["history"]]
    assert np.exp(losses[-1]) == pytest.approx(test["perplexity"])
    base = read_base(tmp_path / "base")
    assert base.shape.hidden == 8 and base.tokenizer.max_tokens is None
    assert sorted(path.name for path in (tmp_path / "base").iterdir()) == [
        "README.md", "curves.png", "manifest.json", "metrics.json", "tokenizer.json", "weights.safetensors",
    ]  # fmt: skip
    manifest = json.loads((tmp_path / "base" / "manifest.json").read_bytes())
    assert manifest["task"] == "base" and manifest["labels"] == []
    assert manifest["metrics"] == {name: test[name] for name in ("perplexity", "perplexity_by_counts", "rows")}
    assert manifest["data"]["texts"]["used"] == 200


@pytest.mark.parametrize(
    "sizes",
    [{"cell": "gru", "layers": 2}, {"cell": "rnn", "direction": "forward"}, {"level": "char"}, {"level": "bpe"}],
)
def test_every_kind_of_network_and_token_can_be_pretrained(sizes: dict[str, Any], texts: Path, tmp_path: Path) -> None:
    metrics = pretrain(texts, tmp_path / "base", **sizes)
    base = read_base(tmp_path / "base")
    assert base.tokenizer.level == metrics["config"]["level"] == sizes.get("level", "word")
    for name in ("cell", "layers", "direction"):
        assert getattr(base.shape, name) == sizes.get(name, getattr(PretrainOptions(), name))


def content(out: Path) -> tuple[list[bytes], dict[str, Any]]:
    metrics = json.loads((out / "metrics.json").read_bytes())
    for entry in metrics["history"]:
        del entry["seconds"]
    return [(out / name).read_bytes() for name in FILES], {name: metrics[name] for name in SAME}


def test_a_run_killed_and_stopped_ends_as_one_that_is_not(texts: Path, tmp_path: Path) -> None:
    long = {"epochs": 6, "batch": 16}
    pretrain(texts, tmp_path / "whole", **long)
    out = tmp_path / "base"
    given: list[object] = [texts, "--out", out]
    for name, value in {**TINY, **long}.items():
        given += [f"--{name.replace('_', '-')}", value]
    with training_process(*given, command="pretrain") as training:
        training.wait_for_step(int(np.random.default_rng().integers(1, 60)))
        training.child.kill()
        assert training.child.wait() == -signal.SIGKILL
    assert not out.exists()
    with pytest.raises(OutputError, match="holds an unfinished training run"):
        pretrain(texts, out, **long)
    with pytest.raises(ResumeError, match="--hidden was 4 and is now 8"):
        pretrain(texts, out, resume=True, **{**long, "hidden": 8})
    with training_process(*given, "--resume", command="pretrain") as training:
        training.wait_for_step(90)
        training.child.send_signal(signal.SIGINT)
        _, errors = training.child.communicate()
        assert training.child.returncode == InterruptedTraining.exit_code, errors
        assert "--resume" in errors and "Traceback" not in errors
    pretrain(texts, out, resume=True, **long)
    assert content(out) == content(tmp_path / "whole")
    assert not out.with_name("base.training").exists()


def test_other_texts_do_not_continue_a_run(texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BaseTrainer, "evaluate", stopped)
        with pytest.raises(InterruptedTraining):
            pretrain(texts, tmp_path / "base")
    texts.write_text(texts.read_text(encoding="utf-8") + "\none more text of some words", encoding="utf-8")
    with pytest.raises(
        ResumeError, match=r"one of `recurra pretrain`, and this is `recurra train`\. Give that command"
    ):
        train(str(texts), tmp_path / "base", ClassifyOptions(), resume=True, reporter=Reporter(quiet=True))
    with pytest.raises(ResumeError, match="the data were 200 rows"):
        pretrain(texts, tmp_path / "base", resume=True)
    assert pretrain(texts, tmp_path / "base", overwrite=True)["data"]["rows"] == 201


def test_texts_that_cannot_be_divided_are_refused(tmp_path: Path) -> None:
    short = tmp_path / "short.txt"
    short.write_text("\n".join(f"word{number % 5} {number}" for number in range(40)), encoding="utf-8")
    with pytest.raises(TrainingError, match=r"0 pieces of texts to train on.*longer ones"):
        pretrain(short, tmp_path / "base")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["short.txt"]


def test_a_base_is_replaced_only_when_asked(texts: Path, tmp_path: Path) -> None:
    pretrain(texts, tmp_path / "base")
    before = read_base(tmp_path / "base").digest
    with pytest.raises(OutputError, match="already holds a model"):
        pretrain(texts, tmp_path / "base")
    pretrain(texts, tmp_path / "base", overwrite=True, seed=1)
    assert read_base(tmp_path / "base").digest != before
