"""Whole files are tagged: the same format with other tags, or a table, and the same bytes after a stop as without."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest

import recurra
from recurra.errors import OptionError, OutputError, ReadError
from recurra.tasks.tag import familiarity
from recurra.tasks.tag import predict_file as module
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.options import TagPredictOptions
from recurra.terminal.progress import Reporter
from support.written_models import MODELS

MODEL = MODELS / "tag"
SENTENCES = [["the", "film", f"w{n}"][: 1 + n % 3] for n in range(40)]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    model = recurra.load(MODEL)
    assert isinstance(model, Tagger)
    return model


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE_ROWS", 4)
    monkeypatch.setattr(module, "PART_ROWS", 8)


@pytest.fixture
def predict(tagger: Tagger) -> Callable[..., dict[str, Any]]:
    def run(data: Path, output: Path, **more: Any) -> dict[str, Any]:
        return module.predict_file(
            tagger, str(data), output, TagPredictOptions(), reporter=Reporter(quiet=True), **more
        )

    return run


def made(folder: Path, suffix: str) -> Path:
    path = folder / f"in{suffix}"
    if suffix == ".jsonl":
        path.write_text("".join(json.dumps({"id": n, "tokens": s}) + "\n" for n, s in enumerate(SENTENCES)))
    else:
        content = "".join("".join(f"{word} x\n" for word in sentence) + "\n" for sentence in SENTENCES).encode()
        path.write_bytes(gzip.compress(content) if suffix.endswith(".gz") else content)
    return path


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(".conll", ".conll"), (".conll.gz", ".conll.gz"), (".jsonl", ".jsonl"), (".conll", ".jsonl"),
     (".conll", ".parquet"), (".jsonl", ".parquet")],
)  # fmt: skip
def test_a_run_stopped_and_resumed_writes_the_same_bytes(
    tmp_path: Path,
    stopped: Callable[..., None],
    predict: Callable[..., dict[str, Any]],
    given: str,
    wanted: str,
) -> None:
    data, output, whole = made(tmp_path, given), tmp_path / f"out{wanted}", tmp_path / f"whole{wanted}"
    counts = predict(data, whole)
    assert counts == {"rows": 40, "words": sum(map(len, SENTENCES)), "output": str(whole)}
    stopped(3, lambda: predict(data, output))
    with pytest.raises(OutputError, match=r"unfinished run .*--resume"):
        predict(data, output)
    assert predict(data, output, resume=True) == counts | {"output": str(output)}
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(os.listdir(tmp_path)) == sorted([data.name, output.name, whole.name])


def test_a_table_has_lists_of_tokens_and_tags(
    tmp_path: Path, tagger: Tagger, predict: Callable[..., dict[str, Any]]
) -> None:
    data, tags = made(tmp_path, ".conll"), tagger.tag(SENTENCES)
    predict(data, tmp_path / "out.parquet")
    table = polars.read_parquet(tmp_path / "out.parquet")
    assert table.schema == {"tokens": polars.List(polars.String), "tags": polars.List(polars.String)}
    assert (table["tokens"].to_list(), table["tags"].to_list()) == (SENTENCES, tags)
    predict(data, tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert rows == [{"tokens": s, "tags": t} for s, t in zip(SENTENCES, tags, strict=True)]


def test_json_lines_keep_their_other_keys(
    tmp_path: Path, tagger: Tagger, predict: Callable[..., dict[str, Any]]
) -> None:
    predict(made(tmp_path, ".jsonl"), tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    tags = tagger.tag(SENTENCES)
    assert rows == [{"id": n, "tokens": s, "tags": tags[n]} for n, s in enumerate(SENTENCES)]


def test_what_does_not_go_with_tagged_files(tmp_path: Path, predict: Callable[..., dict[str, Any]]) -> None:
    data = made(tmp_path, ".conll")
    with pytest.raises(OptionError, match="--escape-formulas"):
        predict(data, tmp_path / "out.conll", escape_formulas=True)
    predict(data, tmp_path / "out.conll")
    with pytest.raises(OutputError, match="exists already"):
        predict(data, tmp_path / "out.conll")
    predict(data, tmp_path / "out.conll", overwrite=True)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(".conll", "a.csv"), (".conll", "a.tsv"), (".conll", "a.json"), (".conll", "a.jsonl.gz"), (".jsonl", "a.conll"),
     (".jsonl", "a.csv"), (".jsonl", "a"), (".conll", "a.parquet.gz")],
)  # fmt: skip
def test_a_name_that_promises_another_format_is_refused(
    tmp_path: Path, predict: Callable[..., dict[str, Any]], given: str, wanted: str
) -> None:
    data = made(tmp_path, given)
    with pytest.raises(OptionError, match=rf"--output .*{wanted}: a tagger writes the file that it reads again"):
        predict(data, tmp_path / wanted)
    assert os.listdir(tmp_path) == [data.name]


def test_numbers_stay_numbers(tmp_path: Path) -> None:
    from recurra.tasks.tag.reading import open_tagged
    from recurra.tasks.tag.tagged_file import TrainingColumns

    path = tmp_path / "a.jsonl"
    path.write_text('{"tokens": ["a", "b"]}\n')
    training = TrainingColumns("jsonl", "ner_tags", numbered=True)
    file = open_tagged(path, tags_needed=False, training=training)
    (sentence,) = file.sentences()
    assert json.loads(file.retagged(sentence, ["0", "-1"])) == {"tokens": ["a", "b"], "ner_tags": [0, -1]}


@pytest.mark.parametrize(("suffix", "broken"), [(".conll", "too many columns\n"), (".jsonl", "[1]\n")])
def test_a_broken_row_far_down_keeps_what_was_answered(
    tmp_path: Path, predict: Callable[..., dict[str, Any]], suffix: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(familiarity, "SAMPLE", 8)
    data, output = made(tmp_path, suffix), tmp_path / f"out{suffix}"
    data.write_text(data.read_text() + broken)
    with pytest.raises(ReadError, match=r"--bad-rows skip.*rows are answered and kept in .*--resume"):
        predict(data, output)
    options = TagPredictOptions(bad_rows="skip")
    counts = module.predict_file(
        recurra.load(MODEL, task="tag"), str(data), output, options, overwrite=True, reporter=Reporter(quiet=True)
    )
    assert (counts["rows"], counts["rejected_rows"]) == (40, 1)
    assert (tmp_path / f"out{suffix}.rejects").read_text().splitlines()[1].endswith(broken.strip())
