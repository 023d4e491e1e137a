"""A tagger's words with a file of word vectors: digits are one, further words come along and are answered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import recurra
from recurra.tasks.tag.learn.vocabulary import fit_vocabulary
from recurra.tasks.tag.options import TagOptions
from support.commands import Cli
from support.vector_files import glove, made_vectors, written

SENTENCES = [["In", "1999", "the", "Cat", "sat", "."], ["the", "dog", "sat"]]
VECTORS = made_vectors(["the", "2008", "Cat", "new york", "mouse", "1812", "ran"], 5)


def test_words_are_looked_up_as_the_tagger_knows_them(tmp_path: Path) -> None:
    path = written(tmp_path / "v.txt", glove(VECTORS))
    options = TagOptions(word_vectors=str(path), keep_words=2)
    vocabulary = fit_vocabulary(SENTENCES, options)
    assert vocabulary.word_features.words == ["sat", "the", "0000", "cat", "mouse", "ran"]
    assert vocabulary.counts.tolist() == [0, 2, 2]  # "0000" and "cat" are too rare for a learnt vector
    assert vocabulary.vectors is not None and vocabulary.facts is not None
    found = vocabulary.vectors.vectors.found
    assert {word: vector.tolist() for word, vector in found.items()} == {
        "the": VECTORS["the"],
        "0000": VECTORS["2008"],
        "cat": VECTORS["Cat"],
    }
    assert vocabulary.facts["vocabulary_covered"] == pytest.approx(3 / 4)
    assert vocabulary.facts["tokens_covered"] == pytest.approx(4 / 9)
    assert vocabulary.word_features.knows("RAN") and not vocabulary.word_features.knows("dog")
    plain = fit_vocabulary(SENTENCES, TagOptions())
    assert plain.word_features.words == ["sat", "the"] and plain.counts.tolist() == [0, 2, 2]
    assert plain.vectors is None and plain.facts is None


def conllu(path: Path, nouns: list[str], verbs: list[str], count: int) -> Path:
    """Sentences of a noun and a verb in either order, so that the words alone say which is which."""
    rng = np.random.default_rng(0)
    lines = []
    for _ in range(count):
        pair = [(str(rng.choice(nouns)), "NOUN"), (str(rng.choice(verbs)), "VERB")]
        for place, (word, tag) in enumerate(pair if rng.random() < 0.5 else pair[::-1], 1):
            lines.append("\t".join([str(place), word, "_", tag, *"______"]))
        lines.append("")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def trained(tmp_path: Path, cli: Cli) -> tuple[Path, dict[str, list[float]]]:
    """A model whose further words have vectors near those of the words of their tag."""
    rng = np.random.default_rng(1)
    kinds = {"NOUN": ["zab", "zeb", "zib", "zob", "zub"], "VERB": ["zap", "zep", "zip", "zop", "zup"]}
    vectors = {}
    for words in kinds.values():
        centre = rng.normal(size=8)
        for word in words:
            vectors[word] = [float(value) for value in (centre + 0.1 * rng.normal(size=8)).astype(np.float32)]
    data = conllu(tmp_path / "data.conllu", kinds["NOUN"][:4], kinds["VERB"][:4], 200)
    path, out = written(tmp_path / "v.txt", glove(vectors)), tmp_path / "model"
    options = ["--task", "tag", "--hidden", "8", "--epochs", "8", "--threads", "1", "--no-baseline"]
    spelling = [
        "--characters",
        "none",
        "--affix-embedding",
        "0",
        "--layers",
        "1",
        "--dropout",
        "0.1",
        "--word-dropout",
        "0.3",
    ]
    result = cli("train", data, "--out", out, "--word-vectors", path, *options, *spelling)
    assert result.exit_code == 0, result.stderr
    assert "Word vectors: v.txt (GloVe text, 8 numbers a word" in result.stderr
    return out, vectors


def test_a_tagger_answers_words_that_only_the_file_has(trained: tuple[Path, dict[str, list[float]]], cli: Cli) -> None:
    out, vectors = trained
    tagger = recurra.load(out)
    words = tagger.word_features.words
    assert words[-2:] == ["zub", "zup"]
    assert tagger.tag([["zub", "zup"], ["zup", "zub"]]) == [["NOUN", "VERB"], ["VERB", "NOUN"]]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["network"]["embedding"] == manifest["config"]["embedding"] == 8
    assert manifest["metrics"]["word_vectors"]["words_beyond_training"] == 2
    table = load_file(out / "weights.safetensors")["words.weight"]
    for row in (-2, -1):  # what the file says, and the learnt vector of the unknown word
        np.testing.assert_allclose(table[row], table[0] + np.float32(vectors[words[row]]), rtol=1e-5, atol=1e-6)
    for shown in (cli("inspect", out).stdout, (out / "README.md").read_text(), (out / "report.html").read_text()):
        assert "v.txt" in shown


def test_a_tagger_may_start_from_counts(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recurra.training.counted_vectors.MIN_TOKENS", 10)
    data = conllu(tmp_path / "data.conllu", ["cat", "dog", "cow", "owl"], ["ran", "sat", "ate", "bit"], 60)
    tables = []
    for word_vectors in ("random", "counted"):
        out = tmp_path / word_vectors
        options = ["--task", "tag", "--hidden", "4", "--embedding", "4", "--epochs", "1", "--threads", "1"]
        result = cli("train", data, "--out", out, "--word-vectors", word_vectors, "--no-baseline", *options)
        assert result.exit_code == 0, result.stderr
        tables.append(load_file(out / "weights.safetensors")["words.weight"])
    assert tables[0].shape == tables[1].shape and not np.allclose(tables[0], tables[1])
    assert "word_vectors" not in json.loads((tmp_path / "counted" / "manifest.json").read_text())["metrics"]
