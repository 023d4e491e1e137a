"""recurra.Classifier: what it accepts, what it returns, and what it refuses."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import ArtefactError, OptionError
from recurra.many_to_one import model as module
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.model import classes_array
from recurra.many_to_one.shape import ManyToOneShape, shape_of
from recurra.storage.model_directory import Label, read, write
from recurra.tasks.classify.model import Classifier
from recurra.tasks.registry import load
from recurra.text.word_tokenizer import WordTokenizer
from support import ngram_models

TEXTS = ["w1 w2 w3", "", "w7", "W3, w9! unheard", " ".join(f"w{n}" for n in range(30)), "w1 w2 w3"]


@pytest.fixture(scope="module")
def model(model_directory: Path) -> Classifier:
    return load(model_directory)


def test_probabilities_are_those_of_each_text_alone(model: Classifier) -> None:
    got = model.predict_proba(TEXTS)
    assert got.shape == (6, 2)
    assert got.dtype == np.float64
    np.testing.assert_allclose(got.sum(axis=1), 1, atol=1e-12)
    alone = np.concatenate([model.predict_proba([text]) for text in TEXTS])
    np.testing.assert_allclose(got, alone, atol=1e-5)
    assert len(np.unique(got.round(6), axis=0)) == 5
    expected = [model.graph.run([model.tokenizer.encode(text).ids])[1][0] for text in TEXTS]
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_labels_are_the_most_probable_classes(model: Classifier) -> None:
    labels = model.predict(TEXTS)
    assert labels.tolist() == [["neg", "pos"][place] for place in model.predict_proba(TEXTS).argmax(axis=1)]
    assert model.classes_.tolist() == ["neg", "pos"]


def test_the_same_answer_from_every_container(model: Classifier) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    expected = model.predict_proba(TEXTS)
    containers: list[Any] = [
        tuple(TEXTS),
        np.array(TEXTS),
        np.array(TEXTS, dtype=object),
        iter(TEXTS),
        dict.fromkeys(TEXTS[:0]).keys(),
        pandas.Series(TEXTS, index=range(10, 16)),
        pandas.Series(TEXTS, dtype="string"),
        polars.Series(TEXTS),
    ]
    for texts in containers:
        got = model.predict_proba(texts)
        np.testing.assert_allclose(got, expected[: len(got)], atol=1e-5)
        assert len(got) in (0, len(TEXTS))
    for table in (pandas.DataFrame({"text": TEXTS}), polars.DataFrame({"text": TEXTS}), np.array([TEXTS])):
        with pytest.raises(OptionError, match="one column of texts"):
            model.predict(table)
    for holes in (pandas.Series(["a", None]), polars.Series(["a", None]), np.array(["a", np.nan], dtype=object)):
        with pytest.raises(OptionError, match="Item 1 of texts is"):
            model.predict(holes)


def test_a_model_cannot_be_pickled(model: Classifier) -> None:
    with pytest.raises(TypeError, match="give the other process its directory"):
        pickle.dumps(model)


def test_no_texts(model: Classifier) -> None:
    assert model.predict_proba([]).shape == (0, 2)
    assert model.predict([]).tolist() == []
    assert list(model.predict_iter([])) == []
    assert model.encode([]) == []


@pytest.mark.parametrize("method", ["predict", "predict_proba", "encode", "predict_iter"])
def test_what_is_no_list_of_texts_is_refused(model: Classifier, method: str) -> None:
    def call(texts: object) -> object:
        return list(getattr(model, method)(texts))

    for one in ("a film", b"a film", np.str_("a film")):
        with pytest.raises(OptionError, match=r"got one text.*\[text\]"):
            call(one)
    for other in (None, 3, {"a": 1}, {"a"}, np.array("a film")):
        with pytest.raises(OptionError, match="texts must be"):
            call(other)
    for items, kind in ((["a", 1], "int"), (["a", None], "NoneType"), (["a", b"b"], "bytes"), (["a", ["b"]], "list")):
        with pytest.raises(OptionError, match=f"Item 1 of texts is {kind}; every item must be a str"):
            call(items)


def test_items_are_counted_over_chunks_and_pieces(model: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEXTS_IN_MEMORY", 5)
    monkeypatch.setattr(module, "TEXTS_PER_RUN", 2)
    with pytest.raises(OptionError, match="Item 13 "):
        model.predict_proba([*["w1"] * 13, 7])  # type: ignore[list-item]
    many = TEXTS * 4
    np.testing.assert_allclose(model.predict_proba(many), np.tile(model.predict_proba(TEXTS), (4, 1)), atol=1e-5)
    assert [encoding.tokens for encoding in model.encode(many)] == [3, 0, 1, 5, 30, 3] * 4


def test_predict_iter_reads_no_further_than_it_must(model: Classifier) -> None:
    read: list[int] = []

    def endless() -> Iterator[str]:
        while True:
            read.append(len(read))
            yield TEXTS[len(read) % 6]

    answers = model.predict_iter(endless(), chunk=4)
    first = next(answers)
    assert len(read) == 4
    next(answers)
    assert len(read) == 8
    assert first.labels.tolist() == model.predict([TEXTS[n] for n in (1, 2, 3, 4)]).tolist()
    assert first.tokens.tolist() == [0, 1, 5, 30]
    assert first.truncated.tolist() == [False, False, False, True]
    assert first.unknown.tolist() == [0, 0, 3, 0]
    assert first.logits.shape == (4, 1)
    np.testing.assert_allclose(1 / (1 + np.exp(-first.logits[:, 0])), first.probabilities[:, 1], atol=1e-6)
    with pytest.raises(OptionError, match="chunk"):
        next(model.predict_iter(["a"], chunk=0))


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(st.text(max_size=30), max_size=8))
def test_any_text_gets_probabilities(model_directory: Path, texts: list[str]) -> None:
    got = load(model_directory, threads=1).predict_proba(texts)
    assert got.shape == (len(texts), 2)
    assert np.isfinite(got).all()


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["a", "bb"], "U"), ([0, 1], "i"), ([False, True], "b"), ([0.5, 1.5], "f"),
        ([0, "a"], "O"), ([1, True], "O"), ([1, 1.5], "O"), (["a\0", "b"], "O"), ([10**30, 1], "O"),
    ],
)  # fmt: skip
def test_classes_keep_values_and_types(labels: list[Label], kind: str) -> None:
    array = classes_array(labels)
    assert array.dtype.kind == kind
    assert array.tolist() == labels
    assert [type(label) for label in array.tolist()] == [type(label) for label in labels]


def test_parts_of_different_models_are_refused(
    tmp_path: Path, binary_graph: bytes, ternary_graph: bytes, tokenizer_json: bytes, model_directory: Path
) -> None:
    network = shape_of(read(model_directory), "classify", ManyToOneShape)

    def save(name: str, graph: bytes, tokenizer: bytes, labels: list[Label], shape: ManyToOneShape) -> Path:
        write(
            tmp_path / name,
            {"model.onnx": graph, "tokenizer.json": tokenizer},
            task="classify",
            labels=labels,
            network=shape.model_dump(),
            config={},
            metrics={},
            data={},
        )
        return tmp_path / name

    with pytest.raises(ArtefactError, match="different models"):
        load(save("outputs", ternary_graph, tokenizer_json, [0, 1], network))
    larger = WordTokenizer([f"w{n}" for n in range(41)], max_tokens=None).to_json().encode()
    with pytest.raises(ArtefactError, match="belong to different models"):
        load(save("words", binary_graph, larger, [0, 1], network))
    for number, broken in enumerate((b"", b"[]", b"\xff", b'{"pattern": 1}')):
        with pytest.raises(ArtefactError, match=r"tokenizer\.json"):
            load(save(f"broken{number}", binary_graph, broken, [0, 1], network))
    with pytest.raises(ArtefactError, match=r"model\.onnx cannot be loaded"):
        load(save("graph", binary_graph[:-9], tokenizer_json, [0, 1], network))


def test_a_tampered_directory_is_refused_before_its_graph_is_parsed(
    tmp_path: Path, model_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(model_directory, tmp_path / "model")
    (tmp_path / "model" / "tokenizer.json").write_bytes(b"{}")

    def parse(*_: object) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(module, "GraphSession", parse)
    monkeypatch.setattr(module, "tokenizer_from_json", parse)
    with pytest.raises(ArtefactError, match=r"tokenizer\.json has"):
        load(tmp_path / "model")


BARE = """
import sys

HEAVY = {"torch", "sklearn", "scipy", "matplotlib", "onnx", "jinja2", "pandas", "polars", "joblib"}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(f"{name} is not installed here")

sys.meta_path.insert(0, Absent())
import recurra.storage.model_directory, recurra.storage.files, recurra.many_to_one.shape
model = recurra.load(sys.argv[1])
print(*model.predict(["w1 w2", "w5"]), *model.predict_proba(["w1"]).shape)
assert not HEAVY & {name.partition(".")[0] for name in sys.modules}
"""


def test_the_reading_side_runs_where_the_training_packages_are_absent(model_directory: Path, model: Classifier) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", "-c", BARE, str(model_directory)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*model.predict(["w1 w2", "w5"]), "1", "2"]


def _written_with_ngrams(path: Path, content: bytes, network: ManyToOneShape, tokenizer: WordTokenizer) -> Path:
    files = {"model.onnx": content, "tokenizer.json": tokenizer.to_json().encode()}
    labels: list[Label] = ["no", "yes"]
    write(
        path, files, task="classify", labels=labels, network=network.model_dump(), config={}, metrics={}, data={}
    )  # fmt: skip
    return path


def test_parts_with_other_n_grams_are_refused(tmp_path: Path) -> None:
    shape = ngram_models.shape(2, subwords=97, vectors=True)
    content = build(shape, ngram_models.network(shape).exported(), 1.3)
    opened = WordTokenizer(ngram_models.WORDS, max_tokens=None, subwords=97)
    sound = load(_written_with_ngrams(tmp_path / "sound", content, shape, opened))
    expected = ngram_models.classifier(shape).predict_proba(["w1 w2 zork"])
    np.testing.assert_allclose(sound.predict_proba(["w1 w2 zork"]), expected, atol=1e-6)
    assert sound.ngrams is not None and sound.explain("w1 w2 zork").ngrams
    assert sound.temperature == pytest.approx(1.3)

    def changed(**fields: object) -> ManyToOneShape:
        return ManyToOneShape.model_validate({**shape.model_dump(), **fields})

    alone = ngram_models.shape(0)
    cases = [
        (content, changed(ngram_buckets=103), opened, "does not hold the n-grams"),
        (content, changed(ngrams=0, ngram_buckets=0), opened, "does not hold the n-grams"),
        (content, changed(subwords=89), opened.with_subwords(89), "does not hold the n-grams"),
        (content, shape, opened.with_subwords(0), "0 buckets of character n-grams and the network 97"),
        (build(alone, ngram_models.network(alone).exported()), shape, opened, "does not hold the n-grams"),
    ]
    for number, (graph, network, tokenizer, what) in enumerate(cases):
        with pytest.raises(ArtefactError, match=what):
            load(_written_with_ngrams(tmp_path / f"m{number}", graph, network, tokenizer))
