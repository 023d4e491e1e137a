"""Tables of tagged words from training to answers: a column of tags beside those of the file, in the chosen scheme."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest
from seqeval.scheme import IOB2, IOBES, Entities

import recurra
from recurra.cli.train import train
from recurra.errors import OptionError
from recurra.tasks.configuration import task_options
from recurra.tasks.tag import predict_file as module
from recurra.tasks.tag.evaluate import evaluate
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.options import TaggedFileOptions, TagPredictOptions
from recurra.tasks.tag.schemes import converted
from recurra.terminal.progress import Reporter
from support.commands import TINY

QUIET = Reporter(quiet=True)
NAMES = ["Ana", "Boris", "Chen", "Dara"]
SENTENCES = [
    [
        (NAMES[n % 4], "B-PER"), ("Li", "I-PER"), (f"x{n}", "O"), ("met", "O"), (NAMES[(n + 1) % 4], "B-PER"),
        ("in", "O"), ("Lima", "B-LOC"),
    ][: 4 + n % 4]
    for n in range(40)
]  # fmt: skip
WORDS = [[word for word, _ in sentence] for sentence in SENTENCES]
TAGS = [[tag for _, tag in sentence] for sentence in SENTENCES]
IOBES_TAGS = [converted(tags, "iobes") for tags in TAGS]
OPTIONS = {
    "task": "tag", **TINY, "hidden": 16, "epochs": 12, "learning_rate": 0.05, "affix_embedding": 4, "characters": "none"
}  # fmt: skip


def table(path: Path, tags: list[list[str]], *, once: bool = True) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Sentence #", "Word", "POS", "Tag"])
        for number, (words, several) in enumerate(zip(WORDS, tags, strict=True), 1):
            for place, (word, tag) in enumerate(zip(words, several, strict=True)):
                writer.writerow([f"Sentence: {number}" if place == 0 or not once else "", word, "X", tag])
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tagger, dict[str, Any]]:
    """A tagger of a table in IOBES: its directory, the tagger, its metrics."""
    folder = tmp_path_factory.mktemp("table")
    metrics = train(str(table(folder / "train.csv", IOBES_TAGS)), folder / "m", task_options(OPTIONS), reporter=QUIET)
    return folder / "m", recurra.load(folder / "m", task="tag"), metrics


def test_a_table_in_iobes_is_learnt_as_iob2(trained: tuple[Path, Tagger, dict[str, Any]]) -> None:
    folder, tagger, metrics = trained
    data = json.loads((folder / "manifest.json").read_text())["data"]
    assert (data["format"], data["sentence_column"], data["word_column"]) == ("table", "Sentence #", "Word")
    assert (data["tag_column"], data["scheme"]) == ("Tag", "iobes")
    assert sorted(tagger.tags) == ["B-LOC", "B-PER", "I-PER", "O"] and tagger.scheme == "iobes"
    assert metrics["test"]["f1"] == 1
    assert tagger.tag(WORDS) == IOBES_TAGS
    assert tagger.tag(WORDS, scheme="iob2") == tagger.inner_tags(WORDS) == TAGS
    assert tagger.tag(WORDS, scheme="iob1") == [converted(tags, "iob1") for tags in TAGS]
    with pytest.raises(OptionError, match=r"no scheme 'bio'\. The schemes are: iob1, iob2, iobes, bilou"):
        tagger.tag(WORDS, scheme="bio")  # type: ignore[arg-type]


def test_the_same_spans_in_any_scheme_make_the_same_network(
    tmp_path: Path, trained: tuple[Path, Tagger, dict[str, Any]]
) -> None:
    """What is learnt does not depend on how the spans, or the table, are written."""
    lines = "".join(
        "".join(f"{word}\t{tag}\n" for word, tag in zip(words, converted(tags, "bilou"), strict=True)) + "\n"
        for words, tags in zip(WORDS, TAGS, strict=True)
    )
    (tmp_path / "train.conll").write_text(lines)
    train(str(tmp_path / "train.conll"), tmp_path / "m", task_options(OPTIONS), reporter=QUIET)
    digests = [json.loads((where / "manifest.json").read_text())["files"] for where in (trained[0], tmp_path / "m")]
    assert digests[0]["model.onnx"] == digests[1]["model.onnx"]
    assert recurra.load(tmp_path / "m", task="tag").tag(WORDS[:1]) == [converted(TAGS[0], "bilou")]


@pytest.mark.parametrize("scheme", ["iob1", "iob2", "iobes", "bilou"])
def test_a_file_in_any_scheme_is_judged_by_its_spans(
    tmp_path: Path, trained: tuple[Path, Tagger, dict[str, Any]], scheme: Any
) -> None:
    path = table(tmp_path / "dev.csv", [converted(tags, scheme) for tags in TAGS], once=False)
    result = evaluate(trained[1], str(path), TaggedFileOptions(), QUIET)
    assert (result["accuracy"], result["f1"], result["unknown_tags"]) == (1, 1, {})


@pytest.fixture
def predict(
    trained: tuple[Path, Tagger, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    monkeypatch.setattr(module, "PIECE_ROWS", 4)
    monkeypatch.setattr(module, "PART_ROWS", 8)

    def run(data: Path, output: Path, options: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return module.predict_file(
            trained[1], str(data), output, TagPredictOptions(**(options or {})), reporter=QUIET, **more
        )

    return run


FLAT = [tag for tags in IOBES_TAGS for tag in tags]


def frame(path: Path) -> polars.DataFrame:
    """A table, all of its values as texts."""
    if path.suffix == ".parquet":
        return polars.read_parquet(path)
    if path.suffix == ".jsonl":
        return polars.read_ndjson(path)
    tab = path.suffix == ".tsv"
    quote = None if tab else '"'
    return polars.read_csv(path, separator="\t" if tab else ",", quote_char=quote, infer_schema=False)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_table_keeps_its_columns_and_gets_one_of_tags(
    tmp_path: Path, predict: Callable[..., dict[str, Any]], suffix: str
) -> None:
    given, output = table(tmp_path / "in.csv", TAGS), tmp_path / f"out{suffix}"
    assert predict(given, output) == {"rows": 40, "words": len(FLAT), "output": str(output)}
    written = frame(output)
    assert written.columns == ["Sentence #", "Word", "POS", "Tag", "Tag_"]
    assert written["Tag_"].to_list() == FLAT
    before = frame(given).with_columns(polars.all().fill_null(""))
    assert written.drop("Tag_").with_columns(polars.all().fill_null("")).equals(before)
    again = tmp_path / f"again{suffix}"
    predict(output, again, {"scheme": "iob2", "tag_column": "Other"})
    assert frame(again)["Other"].to_list() == [tag for tags in TAGS for tag in tags]


def test_a_run_stopped_and_resumed_writes_the_same_bytes(
    tmp_path: Path, stopped: Callable[..., None], predict: Callable[..., dict[str, Any]]
) -> None:
    given, output, whole = table(tmp_path / "in.csv", TAGS), tmp_path / "out.csv", tmp_path / "whole.csv"
    counts = predict(given, whole)
    stopped(3, lambda: predict(given, output))
    assert predict(given, output, resume=True) == counts | {"output": str(output)}
    assert output.read_bytes() == whole.read_bytes()


def test_rows_without_a_word_and_broken_ones(tmp_path: Path, predict: Callable[..., dict[str, Any]]) -> None:
    (tmp_path / "in.csv").write_text("Sentence,Word\n1,Ana\n,\n2,Boris\n2\n2,met\n")
    output = tmp_path / "out.csv"
    counts = predict(tmp_path / "in.csv", output, {"bad_rows": "skip"})
    assert (counts["rows"], counts["words"], counts["rejected_rows"]) == (2, 3, 1)
    assert output.read_text().splitlines() == ["Sentence,Word,Tag", "1,Ana,S-PER", ",,", "2,Boris,S-PER", "2,met,O"]
    assert (tmp_path / "out.csv.rejects").read_text().splitlines()[1].startswith("5,")


def test_formulas_are_defused(tmp_path: Path, predict: Callable[..., dict[str, Any]]) -> None:
    (tmp_path / "in.csv").write_text("Sentence,Word\n1,=1+1\n")
    predict(tmp_path / "in.csv", tmp_path / "out.csv", escape_formulas=True)
    assert "'=1+1" in (tmp_path / "out.csv").read_text()


def test_lists_in_parquet_keep_their_columns(tmp_path: Path, predict: Callable[..., dict[str, Any]]) -> None:
    rows = polars.DataFrame({"id": range(42), "tokens": [*WORDS, [], ["Ana"]], "x": [{"y": n} for n in range(42)]})
    rows.write_parquet(tmp_path / "in.parquet")
    assert predict(tmp_path / "in.parquet", tmp_path / "out.parquet")["rows"] == 41
    written = polars.read_parquet(tmp_path / "out.parquet")
    assert written.drop("tags").equals(rows)
    assert written["tags"].to_list() == [*IOBES_TAGS, [], ["S-PER"]]
    predict(tmp_path / "in.parquet", tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["tags"] for line in lines] == [*IOBES_TAGS, ["S-PER"]]
    with pytest.raises(OptionError, match=r"must end in one of \.parquet, \.jsonl"):
        predict(tmp_path / "in.parquet", tmp_path / "out.csv")


def test_skipped_rows_of_lists_stay_without_tags(tmp_path: Path, predict: Callable[..., dict[str, Any]]) -> None:
    tokens = [["Ana"], ["a", ""], ["met"], [""]]
    polars.DataFrame({"tokens": tokens}).write_parquet(tmp_path / "in.parquet")
    counts = predict(tmp_path / "in.parquet", tmp_path / "out.parquet", {"bad_rows": "skip"})
    assert (counts["rows"], counts["rejected_rows"]) == (2, 2)
    written = polars.read_parquet(tmp_path / "out.parquet")
    assert (written["tokens"].to_list(), written["tags"].to_list()) == (tokens, [["S-PER"], [], ["O"], []])


@pytest.mark.parametrize("scheme", ["iob2", "iobes"])
def test_conll_and_json_lines_are_written_in_the_scheme(
    tmp_path: Path, predict: Callable[..., dict[str, Any]], scheme: Any
) -> None:
    (tmp_path / "in.conll").write_text("".join("".join(f"{word}\n" for word in words) + "\n" for words in WORDS))
    predict(tmp_path / "in.conll", tmp_path / "out.conll", {"scheme": scheme})
    found = [
        [line.split()[1] for line in sentence.splitlines()]
        for sentence in (tmp_path / "out.conll").read_text().strip().split("\n\n")
    ]
    strict = Entities(found, scheme={"iob2": IOB2, "iobes": IOBES}[scheme]).entities
    expected = Entities(TAGS, scheme=IOB2).entities
    assert [[each.to_tuple() for each in sentence] for sentence in strict] == [
        [each.to_tuple() for each in sentence] for sentence in expected
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"tokens": words}) + "\n" for words in WORDS))
    predict(tmp_path / "in.jsonl", tmp_path / "out.jsonl", {"scheme": scheme})
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["tags"] for line in lines] == found


def test_tags_out_of_scheme_are_reported_and_kept(tmp_path: Path) -> None:
    broken = [list(tags) for tags in TAGS]
    broken[7][0] = "I-PER"
    metrics = train(str(table(tmp_path / "a.csv", broken)), tmp_path / "m", task_options(OPTIONS), reporter=QUIET)
    (finding,) = (each for each in metrics["hygiene"]["findings"] if "IOB2" in each)
    row = 1 + sum(map(len, WORDS[:7]))
    assert "1 tag does not keep to IOB2" in finding and f"at word 1 of the sentence at row {row} of a.csv" in finding
    data = json.loads((tmp_path / "m" / "manifest.json").read_text())["data"]
    assert (data["scheme"], data["tags_out_of_scheme"]) == ("iob2", 1)
