"""The words of a classifier with a file of word vectors and without, and models trained with one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import recurra
from recurra import SequenceClassifier
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.vocabulary import fit_vocabulary
from recurra.many_to_one.options import ModelOptions
from recurra.text.tokenizer import FIRST_WORD, UNKNOWN
from support.commands import WORDS, Cli, CsvMaker, made_rows
from support.vector_files import glove, made_vectors, written
from support.whole_commands import in_sentences

FILE_WORDS = ["Great", "the", "...", "film", "don't", "New York", "awful", "elsewhere", "Film", "!", "faraway"]
VECTORS = made_vectors(FILE_WORDS, 4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "vectors.txt", glove(VECTORS))


@pytest.fixture
def corpus() -> Iterator[Corpus]:
    with Corpus() as filled:
        for text in ("The film was great", "the film, the plot", "awful elsewhere", "unheard faraway"):
            filled.add(text, "a")
        filled.seal()
        yield filled


def test_words_of_the_file_need_not_be_frequent_and_further_ones_come_last(corpus: Corpus, path: Path) -> None:
    training = np.array([True, True, False, False])
    options = ModelOptions(word_vectors=str(path), min_count=2, keep_words=3)
    vocabulary = fit_vocabulary(corpus, training, options)
    assert vocabulary.tokenizer.words == ["the", "film", "great", "don't", "awful", "elsewhere"]
    ids = vocabulary.table[corpus.pool[0 : len(corpus.pool)]]
    of = {word: number for number, word in enumerate(vocabulary.tokenizer.words, FIRST_WORD)}
    expected = ["the", "film", None, "great", "the", "film", None, "the", None, "awful", "elsewhere", None, None]
    assert ids.tolist() == [UNKNOWN if word is None else of[word] for word in expected]
    assert vocabulary.tokenizer.ids("Awful FARAWAY don't!").tolist() == [of["awful"], UNKNOWN, of["don't"], UNKNOWN]
    assert vocabulary.facts is not None
    assert vocabulary.facts["vocabulary_covered"] == 1 and vocabulary.facts["words_beyond_training"] == 3
    assert vocabulary.facts["tokens_covered"] == pytest.approx(6 / 9)


def test_without_punctuation_no_sign_comes_along(path: Path) -> None:
    with Corpus(punctuation=False) as corpus:
        corpus.add("the plot!", "a")
        corpus.seal()
        options = ModelOptions(word_vectors=str(path), min_count=2, punctuation=False)
        words = fit_vocabulary(corpus, np.array([True]), options).tokenizer.words
        assert words == ["the", "great", "film", "don't", "awful", "elsewhere", "faraway"]


def test_without_a_file_the_vocabulary_is_that_of_the_rows(corpus: Corpus) -> None:
    training = np.array([True, True, True, False])
    for word_vectors in ("counted", "random"):
        vocabulary = fit_vocabulary(corpus, training, ModelOptions(word_vectors=word_vectors, min_count=2))
        assert vocabulary.tokenizer.words == ["the", "film"]
        assert vocabulary.vectors is None and vocabulary.facts is None


def test_a_model_is_trained_from_a_file_and_answers_words_that_only_the_file_has(
    tmp_path: Path, write_csv: CsvMaker, cli: Cli
) -> None:
    """The further words of each class have vectors near those of its training words."""
    rng = np.random.default_rng(0)
    centres = {label: rng.normal(size=6) for label in WORDS}
    further = {"positive": ["superb", "splendid"], "negative": ["dreadful", "tedious"]}
    vectors = {
        word: [float(value) for value in (centres[label] + 0.1 * rng.normal(size=6)).astype(np.float32)]
        for label in WORDS
        for word in (*WORDS[label], *further[label])
    }
    path, out = written(tmp_path / "v.txt", glove(vectors)), tmp_path / "model"
    options = ["--hidden", "8", "--epochs", "20", "--threads", "1", "--no-baseline", "--dropout", "0.1"]
    words = ["--word-vectors", str(path), "--word-dropout", "0.1", "--learning-rate", "0.006"]
    result = cli("train", write_csv(made_rows(240)), "--out", out, *options, *words)
    assert result.exit_code == 0, result.stderr
    assert "Word vectors: v.txt (GloVe text, 6 numbers a word" in result.stderr
    metrics: dict[str, Any] = json.loads((out / "metrics.json").read_text())
    manifest = json.loads((out / "manifest.json").read_text())
    assert metrics["config"]["embedding"] == manifest["network"]["embedding"] == 6
    assert metrics["word_vectors"] == manifest["metrics"]["word_vectors"]
    assert metrics["word_vectors"]["words_beyond_training"] == 4
    model = recurra.load(out)
    for label, names in further.items():
        assert model.predict([f"it was {name} {name}" for name in names]).tolist() == [label] * 2
    table = load_file(out / "weights.safetensors")["embedding.weight"]
    for row, word in enumerate(model.tokenizer.words, FIRST_WORD):
        came_along = word in (*further["positive"], *further["negative"])
        assert (table[row].tolist() == vectors.get(word)) == came_along, word
    for shown in (cli("inspect", out).stdout, (out / "README.md").read_text(), (out / "report.html").read_text()):
        assert "v.txt" in shown and metrics["word_vectors"]["sha256"][:12] in shown


def test_the_estimator_takes_a_file(path: Path, tmp_path: Path) -> None:
    texts, labels = ["the film great", "great film", "awful the", "awful film the"] * 5, ["p", "p", "n", "n"] * 5
    classifier = SequenceClassifier(word_vectors=str(path), hidden=4, epochs=1, threads=1, keep_words=2)
    classifier.fit(texts, labels).save(tmp_path / "model")
    assert classifier.network_shape_.embedding == 4
    assert classifier.tokenizer_.words == ["film", "the", "awful", "great", "don't", "elsewhere"]
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text())
    assert manifest["config"]["embedding"] == 4 and manifest["metrics"]["word_vectors"]["dimensions"] == 4


def test_what_cannot_be_is_refused_before_anything_is_made(tmp_path: Path, reviews: Path, cli: Cli, path: Path) -> None:
    out = tmp_path / "model"
    for words, what in (
        (["--word-vectors", path, "--embedding", "5"], "--embedding 5 contradicts --word-vectors"),
        (["--word-vectors", tmp_path], "is a folder"),
        (["--word-vectors", tmp_path / "none.txt"], "there is no such file"),
        (["--word-vectors", "glove.6B.100d"], "recurra vectors fetch glove.6B.100d"),
        (["--word-vectors", "count"], "Did you mean 'counted'?"),
        (["--word-vectors", path, "--keep-words", "-1"], "at least 0"),
    ):
        result = cli("train", reviews, "--out", out, *words)
        assert result.exit_code != 0 and what in result.stderr, result.stderr
        in_sentences(result.stderr.removeprefix("Error: ").strip())
        assert not out.exists() and not out.with_name("model.training").exists()


def test_a_file_of_another_language_is_told(tmp_path: Path, reviews: Path, cli: Cli) -> None:
    path = written(tmp_path / "v.txt", glove(made_vectors(["der", "die", "was"], 4)))
    options = ["--hidden", "4", "--epochs", "1", "--threads", "1", "--no-baseline"]
    result = cli("train", reviews, "--out", tmp_path / "model", "--word-vectors", path, *options)
    assert result.exit_code == 0, result.stderr
    assert "are they of the language of the texts" in result.stderr


SYLLABLES = ["ดี", "มาก", "แย่", "หนัง", "เรื่อง", "นี้", "คน", "ดู", "ไม่", "ชอบ"]


def thai_rows(count: int) -> list[tuple[str, str]]:
    """Texts without spaces, of which one syllable in eight tells the label."""
    rng = np.random.default_rng(1)
    rows = []
    for row in range(count):
        syllables = rng.choice(SYLLABLES[3:], 7).tolist()
        syllables.insert(int(rng.integers(8)), SYLLABLES[0] if row % 2 else SYLLABLES[2])
        rows.append(("".join(syllables), "good" if row % 2 else "bad"))
    return rows


def test_one_command_suits_texts_without_spaces(cli: Cli, write_csv: CsvMaker, tmp_path: Path) -> None:
    data = write_csv(thai_rows(400), header=("text", "label"))
    out = tmp_path / "m"
    said = cli("train", data, "--out", out, "--no-baseline", "--epochs", 6, "--threads", 1)
    told = " ".join((said.stdout + said.stderr).split())
    assert "The texts have no spaces between their words" in told and "give --level word" in told
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["config"]["level"], metrics["config"]["vocabulary"]) == ("bpe", 8_000)
    assert metrics["hygiene"]["tokens"]["unknown_rate"] < 0.01
    assert metrics["test"]["accuracy"] > 0.9
    model = recurra.load(out)
    assert model.predict(["เรื่องนี้ดีมาก", "เรื่องนี้แย่มาก"]).tolist() == ["good", "bad"]


@pytest.mark.parametrize("level", ["word", "bpe", "char"])
def test_every_command_at_every_level(level: str, cli: Cli, write_csv: CsvMaker, tmp_path: Path) -> None:
    data, out = write_csv(made_rows(80)), tmp_path / "m"
    tiny = ("--epochs", 1, "--embedding", 8, "--hidden", 8, "--threads", 1, "--no-baseline")
    cli("train", data, "--out", out, "--level", level, "--direction", "forward", "--max-tokens", 20, *tiny)
    assert json.loads((out / "metrics.json").read_text())["config"]["level"] == level
    model = recurra.load(out)
    assert model.tokenizer.level == level
    texts = ["It isn't a good film, the plot was <br />awful!", "Жж", "", "good " * 30]
    (part,) = model.predict_iter(texts)
    assert part.nothing_known.tolist() == [False, True, True, False]
    assert part.truncated[3] and part.read[3] == 20
    table = tmp_path / "answers.csv"
    cli("predict", out, "--input", data, "--output", table)
    assert len(table.read_text().splitlines()) == 81
    cli("evaluate", out, data)
    explanation = model.explain(texts[0])
    shown = [texts[0][word.start : word.end] for word in explanation.words]
    assert shown == [word.text for word in explanation.words]
    assert not [word for word in shown if word != word.strip() or not word]
    if level == "bpe":
        assert shown[:3] == ["It", "isn't", "a"]
    assert cli("explain", out, texts[0]).exit_code == 0
    session = model.session()
    for character in "A good film":
        session.feed(character)
    assert session.finish().probabilities == pytest.approx(model.predict_proba(["A good film"])[0], abs=1e-5)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--level", "syllable"), "'syllable' is not one of 'char', 'word', 'bpe'"),
        (("--level", "bpe", "--vocabulary", 100), "--vocabulary must be at least 256 with --level bpe"),
    ],
)
def test_levels_that_cannot_be(
    options: tuple[Any, ...], told: str, cli: Cli, write_csv: CsvMaker, tmp_path: Path
) -> None:
    refused = cli("train", write_csv(made_rows(20)), "--out", tmp_path / "m", *options)
    assert refused.exit_code != 0
    assert told in " ".join(refused.stderr.split())
    assert not (tmp_path / "m").exists()


def test_vectors_of_words_need_words(path: Path) -> None:
    with pytest.raises(ValueError, match="--level char reads none"):
        ModelOptions(level="char", word_vectors=str(path))
    assert ModelOptions(level="word", word_vectors=str(path)).level == "word"


def test_an_estimator_at_a_level(tmp_path: Path) -> None:
    texts, labels = zip(*made_rows(60), strict=True)
    fitted = SequenceClassifier(level="bpe", epochs=1, embedding=8, hidden=8, threads=1).fit(texts, labels)
    assert fitted.tokenizer_.level == "bpe"
    fitted.save(tmp_path / "m")
    loaded = recurra.load(tmp_path / "m")
    assert loaded.manifest.config["level"] == "bpe" and loaded.manifest.config["min_count"] == 10
    assert loaded.predict_proba(texts[:5]) == pytest.approx(fitted.predict_proba(texts[:5]), abs=1e-6)
