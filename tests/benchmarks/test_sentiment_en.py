"""What the packaged model is made from: nothing that is held out is trained on, and the card says what was measured."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentiment_en import sources, table
from sentiment_en.__main__ import beaten
from sentiment_en.card import model_card
from sentiment_en.everyday import ASPECTS, BAD, GOOD, sentences
from sentiment_en.packaging import _file_names, _without_places, package
from sentiment_en.sources import LABELS, SHORT, key, natural, read_sources
from sentiment_en.table import write_table, write_unlabelled

import recurra
from recurra.storage.packaged_models import licence_of, summary_of
from support.written_models import MODELS


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small data in the places and forms of the real ones, with texts that stand in two parts."""
    for name in ("imdb", "sst"):
        (tmp_path / "data" / name).mkdir(parents=True)
    reviews = [(number, f"A film, number {number}.", LABELS[number % 2]) for number in range(60)]
    reviews += [(60 + number, f"a FILM number {number}!", LABELS[number % 2]) for number in range(60)]
    values = ", ".join(f"({number}, '{text}', '{label}')" for number, text, label in reviews)
    path = tmp_path / "data" / "imdb" / "reviews.parquet"
    duckdb.sql(f"copy (select * from (values {values}) t(id, review, sentiment)) to '{path}' (format parquet)")
    for part, texts in (("dev", ["it 's n't bad , really"]), ("train", ["one more .", "It's n't BAD really!"])):
        rows = "".join(f"1\t{text}\n" for text in texts)
        (tmp_path / "data" / "sst" / f"binary.{part}.tsv").write_text(f"label\ttext\n{rows}", encoding="utf-8")
    tomatoes = [(f"a sentence {number} .", LABELS[number % 2], "rt") for number in range(20)]
    monkeypatch.setattr(
        sources,
        "_movie_reviews",
        lambda: [*tomatoes, ("it 's n't bad really", "positive", "rt"), ("x", "positive", "imdb")],
    )
    monkeypatch.setattr(sources, "HELD_OUT_REVIEWS", 10)
    monkeypatch.setattr(sources, "HELD_OUT_SENTENCES", 5)
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path / "data"))
    return tmp_path


def test_nothing_held_out_is_trained_on(data: Path) -> None:
    found = read_sources()
    assert list(found.held_out) == ["imdb", "rotten-tomatoes", "sst-dev", "products", "restaurants"]
    held_out = {key(text) for rows in found.held_out.values() for text, _ in rows}
    chosen = np.random.default_rng(7).permutation(120)[:10] % 60
    assert {key(text) for text, _ in found.held_out["imdb"]} == {f"afilmnumber{number}" for number in chosen}
    trained = [key(text) for text, _ in found.reviews + found.sentences]
    assert len(trained) == len(set(trained)) and not held_out & set(trained)
    assert len(found.reviews) == 60 - len(set(chosen)), "each text once, and none of those held out"
    assert "onemore" in trained and "itsntbadreally" not in trained


def test_the_table_holds_what_is_counted(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "VALIDATION", 3)
    found = read_sources()
    counts = write_table(found, data / "table.csv")
    parts: dict[str, list[tuple[str, str]]] = {}
    with (data / "table.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            parts.setdefault(row["part"], []).append((row["text"], row["label"]))
    assert len(parts["train"]) == sum(counts.values())
    assert counts["reviews"] == len(found.reviews) - 3 and counts["sentences"] == len(found.sentences) - 3
    assert len(parts["valid"]) == 6 and set(parts["valid"]) < set(found.reviews + found.sentences)
    assert sorted(parts["test"]) == sorted(found.held_out["imdb"])
    held_out = {key(text) for rows in found.held_out.values() for text, _ in rows}
    keys = {name: {key(text) for text, _ in rows} for name, rows in parts.items()}
    assert not held_out & (keys["train"] | keys["valid"]) and not keys["train"] & keys["valid"]
    write_table(found, data / "again.csv")
    assert (data / "again.csv").read_bytes() == (data / "table.csv").read_bytes()


def test_unlabelled_reviews_are_neither_held_out_nor_labelled(data: Path) -> None:
    assert read_sources().unlabelled == [], "there is no such file"
    path = data / "data" / "imdb" / "unlabelled.parquet"
    texts = ", ".join(
        f"({number}, '{text}')" for number, text in enumerate(["New, 1", "new 1", "A film, number 3.", "Also\nnew"])
    )
    duckdb.sql(f"copy (select * from (values {texts}) t(id, review)) to '{path}' (format parquet)")
    found = read_sources()
    assert found.unlabelled == ["New, 1", "Also\nnew"], (
        "number 3 is labelled or held out, and the second is the first again"
    )
    assert write_unlabelled(found, data / "unlabelled.csv") == 2
    with (data / "unlabelled.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["text"], ["New, 1"], ["Also\nnew"]]


def test_without_the_folder_the_reviews_are_those_of_the_package(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECURRA_DATA")
    found = read_sources()
    assert found.held_out["imdb"] == [("x", "positive")] and "sst-dev" not in found.held_out


@pytest.mark.parametrize(
    ("tokenised", "typed"),
    [
        ("it is n't bad , really .", "it isn't bad, really."),
        ("they wo n't -lrb- or ca n't -rrb- stop !", "they won't (or can't) stop!"),
        ("`` a film '' of sorts", '"a film" of sorts'),
        ("", ""),
    ],
)
def test_a_tokenised_sentence_as_it_is_typed(tokenised: str, typed: str) -> None:
    assert natural(tokenised) == typed


@given(st.text())
def test_case_spaces_and_punctuation_make_no_other_text(text: str) -> None:
    assert key(f" {text} !?") == key(text)
    assert key(text) == "" or key(text).isalnum()


def test_everyday_sentences_are_balanced_and_different() -> None:
    found = sentences(500, seed=3)
    assert found == sentences(500, seed=3) and len({text for text, _ in found}) == 500
    assert [label for _, label in found].count("negative") == 250
    assert not any("{" in text for text, _ in found)


def test_no_word_is_good_and_bad() -> None:
    assert not set(GOOD) & set(BAD)
    for things, good, bad in ASPECTS.values():
        assert things and not set(good) & set(bad)


def test_the_sentences_that_are_measured_on_are_balanced_and_no_everyday_ones() -> None:
    with SHORT.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kinds = {(row["domain"], row["label"]) for row in rows}
    assert kinds == {(d, n) for d in ("product", "restaurant") for n in LABELS}
    assert len({key(row["text"]) for row in rows}) == len(rows) == 240
    phrases = {key(phrase) for phrase in GOOD + BAD}
    assert not phrases & {key(row["text"]) for row in rows}


def scores(accuracy: float, peer: float) -> dict[str, Any]:
    return {
        "rows": 1234,
        "accuracy": accuracy,
        "accuracy_ci95": (accuracy - 0.01, accuracy + 0.01),
        "log_loss": 0.321,
        "ece": 0.0456,
        "peers": {"VADER 3": {"accuracy": peer}},
    }


def test_a_peer_that_is_as_good_is_noticed() -> None:
    assert beaten({"imdb": scores(0.9, 0.7), "products": scores(0.8, 0.8), "restaurants": scores(0.7, 0.8)}) == [
        "products",
        "restaurants",
    ]


def test_the_card_says_what_was_measured() -> None:
    card = model_card({"imdb": scores(0.93, 0.7), "products": scores(0.86, 0.6)}, {"reviews": 40_000, "x": 5}, 1000)
    assert "| IMDB reviews (long) | 1,234 | **93.0%** [92.0% to 94.0%] | 0.321 | 0.046 | 70.0% |" in card
    assert "40,000 reviews, 5 x." in card and "{" not in card
    assert summary_of(card).startswith("Says whether an English review") and licence_of(card).startswith("Apache-2.0")


def test_a_packaged_model_names_no_place() -> None:
    beside = {"name": "/home/me/texts.csv", "how": "/home/me/texts.csv: a file", "rows": 5}
    data = _without_places({"name": "/home/me/a.csv", "how": "/home/me/a.csv", "rows": 3, "unlabelled": beside})
    assert data["rows"] == 3 and data["unlabelled"] == {
        "name": "texts.csv",
        "how": "beside the training table",
        "rows": 5,
    }
    config = _file_names({"word_vectors": "/home/me/glove.txt", "unlabelled": "/home/me/texts.csv", "epochs": 3})
    assert config == {"word_vectors": "glove.txt", "unlabelled": "texts.csv", "epochs": 3}
    assert "/home" not in json.dumps([data, config])


def test_a_packaged_model_answers_alike_and_quotes_nothing(tmp_path: Path) -> None:
    trained = MODELS / "classify"
    package(trained, tmp_path / "out", "# A card\n\nIt is one.\n", {"held_out": {"a": 1}})
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"manifest.json", "model.onnx", "tokenizer.json", "metrics.json", "README.md"}
    texts = ["the film was good", "a river and a bridge"]
    before, after = (recurra.load(path, task="classify").predict_proba(texts) for path in (trained, tmp_path / "out"))
    assert np.allclose(before, after, atol=1e-5)
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_bytes())
    assert metrics["held_out"] == {"a": 1} and not metrics.keys() & {"mistakes", "command"}
    assert "/" not in json.dumps(json.loads((tmp_path / "out" / "manifest.json").read_bytes())["data"])
