"""Training that goes on with a classifier: what it knows before and after, through the command line and Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.errors import ArtefactError, DataError, LabelError, OptionError
from recurra.evaluation.significance import mcnemar
from recurra.many_to_one.text_profile import TextProfile
from recurra.tasks.task import warn_of_training_data
from support.commands import Cli, made_rows
from support.whole_commands import in_sentences

TINY = ["--epochs", "1", "--threads", "1", "--no-baseline"]
NEW = [(f"{text} zesty", label) for text, label in made_rows(60, seed=4)]
MIXED = [(f"so so and middling reel{number}", "mixed") for number in range(30)]


@pytest.fixture(scope="module")
def continued(trained: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A model that went on from `trained` with a further label, and what the command told."""
    from typer.testing import CliRunner

    from recurra.cli.app import app

    folder = tmp_path_factory.mktemp("continued")
    old = (trained[0].parent / "reviews.csv").read_text(encoding="utf-8").splitlines()
    lines = [f"{text},{label}" for text, label in NEW + MIXED]
    (folder / "new.csv").write_text("\n".join([*old[:100], *lines]) + "\n", encoding="utf-8")
    words = ["train", folder / "new.csv", "--from", trained[0], "--out", folder / "model", *TINY]
    result = CliRunner().invoke(app(), list(map(str, words)))
    assert result.exit_code == 0, result.output
    return folder / "model", " ".join(result.output.split())


def test_old_words_and_labels_keep_their_places_and_new_ones_follow(
    trained: tuple[Path, dict[str, Any]], continued: tuple[Path, str]
) -> None:
    before, after = (recurra.load(path, task="classify") for path in (trained[0], continued[0]))
    assert after.classes_.tolist() == [*before.classes_.tolist(), "mixed"]
    old, new = before.tokenizer.words, after.tokenizer.words
    assert new[: len(old)] == old and {"zesty", "middling"} <= set(new[len(old) :])
    metrics = json.loads((continued[0] / "metrics.json").read_bytes())
    assert metrics["continued"]["further_words"] == len(new) - len(old)
    assert metrics["continued"]["further_labels"] == ["mixed"]
    assert after.predict(["so so and middling"]).tolist() == ["mixed"]


def test_both_are_compared_on_the_same_rows_old_and_new(
    trained: tuple[Path, dict[str, Any]], continued: tuple[Path, str]
) -> None:
    """The oracle asks both models for the rows that the old one held out, which its own metrics count."""
    before, after = (recurra.load(path, task="classify") for path in (trained[0], continued[0]))
    found = json.loads((continued[0] / "metrics.json").read_bytes())["continued"]
    old = found["old"]
    assert old["rows"] == trained[1]["test"]["rows"]
    assert old["before"] == pytest.approx(trained[1]["test"]["accuracy"])
    new = found["new"]
    assert new["rows"] and new["measure"] == "accuracy"
    assert new["paired"]["difference"] == pytest.approx(new["after"] - new["before"])
    truth = np.array([label for _, label in NEW])
    right = [model.predict([text for text, _ in NEW]) == truth for model in (after, before)]
    assert mcnemar(*right)["difference"] == pytest.approx(right[0].mean() - right[1].mean())


def test_no_row_is_on_both_sides(trained: tuple[Path, dict[str, Any]], continued: tuple[Path, str]) -> None:
    """A hundred rows of the old file are in the new one: about ten that it held out, and some that it has learnt."""
    metrics = json.loads((continued[0] / "metrics.json").read_bytes())
    apart = metrics["continued"]["kept_apart"]
    assert apart["learnt"] > 0 and apart["again"] > 0
    split = metrics["split"]
    assert (
        split["train"] + split["valid"] + split["test"] + apart["learnt"] + apart["held_out"] == metrics["data"]["rows"]
    )
    assert f"{apart['learnt']:,} new rows repeat a text that" in continued[1]


def test_terminal_report_card_and_inspect_tell_of_it(
    trained: tuple[Path, dict[str, Any]], continued: tuple[Path, str], cli: Cli
) -> None:
    digest = recurra.load(trained[0]).digest[:12]
    assert "held-out rows of" in continued[1] and "new held-out rows: accuracy" in continued[1]
    assert "1 further label" in continued[1]
    for file in ("report.html", "README.md"):
        text = (continued[0] / file).read_text(encoding="utf-8")
        assert "Before and after" in text and digest in text, file
    shown = " ".join(cli("inspect", continued[0]).stdout.split())
    assert "which this goes on with" in shown and digest in shown


def test_a_chain_keeps_all_of_its_models(
    trained: tuple[Path, dict[str, Any]],
    continued: tuple[Path, str],
    write_csv: Callable[..., Path],
    train_tiny: Callable[..., Any],
    tmp_path: Path,
) -> None:
    data = write_csv(made_rows(60, seed=8))
    sizes = {"hidden": 8, "embedding": 8}
    metrics = train_tiny(data, tmp_path / "third", from_=str(continued[0]), **sizes)
    start = metrics["data"]["from"]
    assert start["digest"] == recurra.load(continued[0]).digest
    assert [older["digest"] for older in start["ancestors"]] == [recurra.load(trained[0]).digest]
    assert start["fingerprint"] and start["ancestors"][0]["fingerprint"] and start["created"]
    assert metrics["labels"] == ["negative", "positive", "mixed"], "a label that the new rows lack stays"
    manifests = [recurra.load(path).manifest for path in (trained[0], continued[0], tmp_path / "third")]
    rows = [TextProfile.stated(manifest).rows for manifest in manifests]
    assert rows[2] == rows[1] + metrics["split"]["train"] + metrics["split"]["valid"] and rows[1] > rows[0]
    told: list[str] = []
    reporter: Any = SimpleNamespace(info=told.append)
    for manifest in manifests:
        warn_of_training_data(manifests[2], manifest.data["training_fingerprint"], reporter)
    warn_of_training_data(manifests[2], "0" * 64, reporter)
    assert len(told) == 3 and all("the very data" in sentence for sentence in told)


def test_a_run_that_was_stopped_ends_as_one_that_was_not(
    trained: tuple[Path, dict[str, Any]],
    write_csv: Callable[..., Path],
    train_tiny: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, start = write_csv(NEW), {"from_": str(trained[0]), "hidden": 8, "embedding": 8}
    train_tiny(data, tmp_path / "whole", **start)
    with monkeypatch.context() as patch:
        patch.setattr("recurra.tasks.classify.learn.trainer.evaluate", interrupted)
        with pytest.raises(recurra.errors.InterruptedTraining):
            train_tiny(data, tmp_path / "m", **start)
    train_tiny(data, tmp_path / "m", resume=True, **start)
    same = "weights.safetensors"
    assert (tmp_path / "m" / same).read_bytes() == (tmp_path / "whole" / same).read_bytes()


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_old_rows_from_a_file_where_the_data_are_gone(
    trained: tuple[Path, dict[str, Any]],
    write_csv: Callable[..., Path],
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(name: object) -> None:
        raise recurra.errors.ReadError(f"{name} does not exist. Give a path.")

    data, held = write_csv(NEW), write_csv(made_rows(30, seed=7), "held.csv")
    words = ["train", data, "--from", trained[0], *TINY]
    reviews = str(trained[0].parent / "reviews.csv")
    from recurra.data import catalog

    whole = catalog.resolve
    monkeypatch.setattr(
        "recurra.many_to_one.reading.resolve", lambda name: gone(name) if str(name) == reviews else whole(name)
    )
    result = cli(*words, "--out", tmp_path / "m")
    told = " ".join(result.output.split())
    assert result.exit_code == 0, told
    assert "forgets is not measured" in told and "does not exist" in told and "--old-test" in told
    result = cli(*words, "--out", tmp_path / "n", "--old-test", held)
    assert result.exit_code == 0 and "On 30 held-out rows of" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("rows", "options", "error", "words"),
    [
        (NEW, {"hidden": 5}, OptionError, ("--hidden 5 contradicts --from", "--hidden 8")),
        (NEW, {"pooling": "last"}, OptionError, ("--pooling last contradicts",)),
        (NEW, {"max_tokens": 7}, OptionError, ("--max-tokens 7 contradicts",)),
        (NEW, {"ensemble": 2}, OptionError, ("--ensemble 2 does not go with",)),
        (NEW, {"vocabulary": 3}, OptionError, ("--vocabulary 3 contradicts", "words are kept")),
        (NEW, {"recipe": "tutorial"}, OptionError, ("--recipe tutorial does not go with",)),
        ([row for row in NEW if row[1] == "positive"], {}, LabelError, ("'positive' alone", "two labels")),
        ([], {}, recurra.errors.RecurraError, ()),
        ([("", "positive"), (" ", "negative")], {}, LabelError, ("no row with both",)),
    ],
)
def test_what_cannot_be_gone_on_with_is_refused(
    rows: list[tuple[str, str]],
    options: dict[str, Any],
    error: type[Exception],
    words: tuple[str, ...],
    trained: tuple[Path, dict[str, Any]],
    write_csv: Callable[..., Path],
    train_tiny: Callable[..., Any],
    tmp_path: Path,
) -> None:
    given = {"hidden": 8, "embedding": 8, **options}
    with pytest.raises(error) as found:
        train_tiny(write_csv(rows), tmp_path / "m", from_=str(trained[0]), **given)
    in_sentences(str(found.value))
    assert all(word in str(found.value) for word in words), str(found.value)
    assert not (tmp_path / "m").exists() and not (tmp_path / "m.training").exists()


def test_rows_that_the_model_was_judged_by_are_none_to_learn_from(
    trained: tuple[Path, dict[str, Any]], write_csv: Callable[..., Path], train_tiny: Callable[..., Any], tmp_path: Path
) -> None:
    held = write_csv(NEW, "held.csv")
    start = {"from_": str(trained[0]), "hidden": 8, "embedding": 8, "old_test": str(held)}
    with pytest.raises(DataError, match="There is no new row to learn from"):
        train_tiny(write_csv(NEW, "new.csv"), tmp_path / "m", **start)


def test_a_damaged_model_and_one_in_the_way_are_refused(
    trained: tuple[Path, dict[str, Any]], write_csv: Callable[..., Path], train_tiny: Callable[..., Any], tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(trained[0], tmp_path / "copy")
    data = write_csv(NEW)
    with pytest.raises(recurra.errors.OutputError, match="is the base of --from"):
        train_tiny(data, tmp_path / "copy", from_=str(tmp_path / "copy"), hidden=8, embedding=8, overwrite=True)
    weights = tmp_path / "copy" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ArtefactError, match=r"weights.safetensors has .* bytes"):
        train_tiny(data, tmp_path / "m", from_=str(tmp_path / "copy"), hidden=8, embedding=8)
    weights.unlink()
    with pytest.raises(ArtefactError, match=r"has no weights.safetensors"):
        train_tiny(data, tmp_path / "m", from_=str(tmp_path / "copy"), hidden=8, embedding=8)
