"""The task `tag` from file to model directory and back, through the command line's own functions."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.cli.train import train
from recurra.errors import ColumnError, LabelError, OptionError, OutputError, ReadError
from recurra.storage import model_directory
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import load
from recurra.tasks.tag.evaluate import evaluate
from recurra.tasks.tag.options import TaggedFileOptions, TagPredictOptions
from recurra.tasks.tag.predict import tag_texts
from recurra.tasks.tag.predict_file import predict_file
from recurra.terminal.progress import Reporter
from support.killed_training import training_process
from support.vector_files import glove, made_vectors, written

TINY: dict[str, Any] = {
    "task": "tag", "hidden": 8, "embedding": 8, "affix_embedding": 8, "epochs": 12, "batch": 8, "learning_rate": 0.03,
    "threads": 1, "precision": "fp32", "valid": 0.1, "characters": "none",
}  # fmt: skip
DETERMINERS, NOUNS, VERBS = ["the", "a", "this"], ["dog", "cat", "bird", "run"], ["sees", "hears", "run"]


def made(count: int, seed: int = 0) -> list[list[tuple[str, str]]]:
    """Sentences whose tags follow from the words but for "run", which is told by what stands before it."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        sentence: list[tuple[str, str]] = []
        for _ in range(rng.integers(1, 4)):
            sentence += [(str(rng.choice(DETERMINERS)), "DET"), (str(rng.choice(NOUNS)), "NOUN")]
            sentence += [(str(rng.choice(VERBS)), "VERB"), ("".join(rng.choice(list("abcdefgh"), 5)) + "ly", "ADV")]
        found.append(sentence)
    return found


def conllu(sentences: list[list[tuple[str, str]]]) -> str:
    return "".join(
        f"# sent_id = {n}\n1-2\t{sentence[0][0]}{sentence[-1][0]}" + "\t_" * 8 + "\n"
        + "".join(f"{i}\t{word}\t_\t{tag}" + "\t_" * 6 + "\n" for i, (word, tag) in enumerate(sentence, 1)) + "\n"
        for n, sentence in enumerate(sentences, 1)
    )  # fmt: skip


def learnt(data: Path, out: Path, **options: Any) -> dict[str, Any]:
    chosen = task_options({**TINY, **options})
    return train(str(data), out, chosen, reporter=Reporter(quiet=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tagging")
    (place / "train.conllu").write_text(conllu(made(150)), encoding="utf-8")
    (place / "dev.conllu").write_text(conllu(made(40, seed=1)), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, dict[str, Any]]:
    out = folder / "tagger"
    return out, learnt(folder / "train.conllu", out, test=str(folder / "dev.conllu"))


def test_it_learns_and_is_compared_with_the_baseline(trained: tuple[Path, dict[str, Any]]) -> None:
    out, metrics = trained
    test = metrics["test"]
    assert test["accuracy"] > 0.97 > metrics["baseline"]["accuracy"]
    assert metrics["paired"]["p_value"] < 0.01 and metrics["paired"]["difference_ci95"][0] > 0
    assert test["unknown_words"]["words"] > 10 and test["unknown_words"]["accuracy"] > 0.9
    assert metrics["labels"] == ["ADV", "DET", "NOUN", "VERB"] and metrics["config"]["crf"] is False
    assert metrics["split"]["test"] == test["rows"] == 40
    manifest = model_directory.read(out).manifest
    assert manifest.task == "tag" and manifest.metrics["accuracy"] == test["accuracy"]
    assert json.loads((out / "metrics.json").read_text())["test"] == test
    page = (out / "report.html").read_text()
    assert "Commonest mix-ups" in page or test["accuracy"] == 1
    assert "most frequent tag of each word" in page and "tagger.tag" in (out / "README.md").read_text()


def test_a_loaded_model_scores_as_in_training(folder: Path, trained: tuple[Path, dict[str, Any]]) -> None:
    out, metrics = trained
    assert (
        evaluate(load(out), str(folder / "dev.conllu"), TaggedFileOptions(), Reporter(quiet=True))["accuracy"]
        == (metrics["test"]["accuracy"])
    )
    tagger = load(out)
    assert tagger.tag([["the", "run", "run", "badly"], []]) == [["DET", "NOUN", "VERB", "ADV"], []]
    (answer,) = tag_texts(load(out), ["a  cat run"])
    assert answer == {"tokens": ["a", "cat", "run"], "tags": ["DET", "NOUN", "VERB"]}


def test_predict_changes_the_tags_of_a_file_and_nothing_else(
    folder: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out, metrics = trained
    blank = tmp_path / "blank.conllu"
    text = (folder / "dev.conllu").read_text().replace("\n", "\r\n")
    for tag in ("DET", "NOUN", "VERB", "ADV"):
        text = text.replace(f"\t{tag}\t", "\t_\t")
    blank.write_bytes(b"\xef\xbb\xbf" + text.encode())
    result = predict_file(
        load(out), str(blank), tmp_path / "tagged.conllu", TagPredictOptions(), reporter=Reporter(quiet=True)
    )
    assert (result["rows"], result["words"]) == (40, metrics["test"]["words"])
    tagged = (tmp_path / "tagged.conllu").read_bytes()
    assert (
        evaluate(load(out), str(tmp_path / "tagged.conllu"), TaggedFileOptions(), Reporter(quiet=True))["accuracy"] == 1
    )
    for before, after in zip(blank.read_bytes().split(b"\n"), tagged.split(b"\n"), strict=True):
        cells, again = before.split(b"\t"), after.split(b"\t")
        assert cells[:3] + cells[4:] == again[:3] + again[4:]
    with pytest.raises(OutputError, match=r"exists already.*--overwrite"):
        predict_file(
            load(out), str(blank), tmp_path / "tagged.conllu", TagPredictOptions(), reporter=Reporter(quiet=True)
        )
    with pytest.raises(OutputError, match="is a folder"):
        predict_file(load(out), str(blank), tmp_path, TagPredictOptions(), reporter=Reporter(quiet=True))
    with pytest.raises(OutputError, match="there is no folder"):
        predict_file(
            load(out), str(blank), tmp_path / "no" / "tagged.conllu", TagPredictOptions(), reporter=Reporter(quiet=True)
        )
    broken = tmp_path / "broken.conllu"
    broken.write_text(text + "1\tword\n")
    with pytest.raises(ReadError, match="2 columns where CoNLL-U has 10"):
        predict_file(
            load(out), str(broken), tmp_path / "new.conllu", TagPredictOptions(), reporter=Reporter(quiet=True)
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blank.conllu", "broken.conllu", "tagged.conllu"]


def test_other_formats_are_tagged_by_the_same_model(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    out, _ = trained
    rows, words = tmp_path / "rows.jsonl", tmp_path / "words.txt.gz"
    rows.write_text('{"id": 7, "tokens": ["the", "cat"]}\n')
    predict_file(load(out), str(rows), tmp_path / "out.jsonl", TagPredictOptions(), reporter=Reporter(quiet=True))
    assert json.loads((tmp_path / "out.jsonl").read_text()) == {
        "id": 7, "tokens": ["the", "cat"], "tags": ["DET", "NOUN"],
    }  # fmt: skip
    import gzip

    words.write_bytes(gzip.compress(b"the\ncat\n\nthis\n"))
    predict_file(load(out), str(words), tmp_path / "out.txt.gz", TagPredictOptions(), reporter=Reporter(quiet=True))
    assert gzip.decompress((tmp_path / "out.txt.gz").read_bytes()) == b"the DET\ncat NOUN\n\nthis DET\n"


def test_spans_get_a_crf_and_are_scored_as_spans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    lines = []
    for row in range(120):
        name = [f"N{rng.integers(0, 999)}"] * int(rng.integers(1, 3))
        tags = ["O", "B-PER", *["I-PER"] * (len(name) - 1), "O"]
        if row == 119:
            tags[0] = "B-NEW"
        lines.append(json.dumps({"tokens": ["hello", *name, "!"], "tags": tags}))
    train_rows, test_rows = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    train_rows.write_text("\n".join(lines[:90]))
    test_rows.write_text("\n".join(lines[90:]))
    chosen = task_options({**TINY, "test": str(test_rows), "characters": "convolution"})
    metrics = train(str(train_rows), tmp_path / "m", chosen, reporter=Reporter())
    assert metrics["config"]["crf"] is True and metrics["network"]["crf"] is True
    assert metrics["test"]["f1"] > 0.9 and metrics["test"]["unknown_tags"] == {"B-NEW": 1}
    said = capsys.readouterr().err
    assert "Data: In the held-out sentences 1 word has a tag that the model does not know ('B-NEW') and count" in said
    assert metrics["hygiene"]["findings"][0] in said
    assert metrics["test"]["per_span"][0]["label"] == "NEW"
    assert load(tmp_path / "m").tag([["hello", "N7", "N7", "!"]]) == [["O", "B-PER", "I-PER", "O"]]


def test_equal_sentences_are_on_one_side(folder: Path, tmp_path: Path) -> None:
    twice = tmp_path / "twice.conllu"
    twice.write_text(conllu(made(30) * 2))
    metrics = learnt(twice, tmp_path / "m", epochs=1, split=0.2, baseline=False)
    assert metrics["split"]["repeats_of_training_in_test"] == 0 and metrics["split"]["test"] == 12
    assert metrics["baseline"] is None
    metrics = learnt(folder / "dev.conllu", tmp_path / "n", epochs=1, test=str(folder / "dev.conllu"))
    assert metrics["split"]["repeats_of_training_in_test"] == 40
    assert metrics["test"]["unseen_sentences"] == {"rows": 0, "words": 0, "accuracy": None}


@pytest.mark.parametrize(
    ("text", "options", "kind", "message"),
    [
        (conllu([[("a", "X")]] * 5), {}, LabelError, r"1 tag \('X'\); learning needs at least two"),
        (conllu([[("a", "X"), ("b", "Y")]]), {}, LabelError, "one sentence, of 2 words.*blank line ends"),
        (conllu(made(5)), {"tag_column": "ner"}, ColumnError, "--tag-column ner"),
        ("a b\nc\n", {}, ReadError, "line 2: 1 column where the first row has 2"),
    ],
)
def test_unusable_training_data_are_refused(
    tmp_path: Path, text: str, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    data = tmp_path / "a.txt"
    data.write_text(text)
    with pytest.raises(kind, match=message):
        learnt(data, tmp_path / "m", **options)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_options_of_other_tasks_are_refused() -> None:
    with pytest.raises(OptionError, match="--pooling does not go with --task tag; it goes with classify"):
        task_options({"task": "tag", "pooling": "max"})


def test_a_killed_run_is_resumed_to_equal_weights(folder: Path, tmp_path: Path) -> None:
    data, out = folder / "train.conllu", tmp_path / "m"
    vectors = written(tmp_path / "v.txt", glove(made_vectors([*NOUNS, *VERBS, "horse"], 8)))
    learnt(data, tmp_path / "whole", crf=True, word_vectors=str(vectors))
    chosen = {**TINY, "word_vectors": vectors}
    words = (data, "--out", out, *(f"--{name.replace('_', '-')}={value}" for name, value in chosen.items()), "--crf")
    with training_process(*words) as training:
        training.wait_for_step(40)
        training.child.kill()
        assert training.child.wait() == -signal.SIGKILL
    assert not out.exists()
    with training_process(*words, "--json", "--resume") as training:
        _, said = training.child.communicate(timeout=120)
        assert training.child.returncode == 0, said
    assert "Resuming after step" in said
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("whole", "m")]
    assert weights[0] == weights[1]
