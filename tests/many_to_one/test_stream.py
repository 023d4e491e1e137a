"""Sessions: a text in any pieces gives what the whole text gives, from a state that does not grow."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.kernel.layout import Cell
from recurra.many_to_one import stream
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage import model_directory
from recurra.tasks.classify.model import Classifier
from recurra.tasks.registry import load
from recurra.text.word_tokenizer import WordTokenizer

WORDS = ["don't", "good", "film", "bad", "br", "a", "b", "'", "’", ".", "!", "<", ">", "/", "中", "e\u0301", "x"]
CELLS, POOLINGS = get_args(Cell), ("last", "mean", "max", "max-mean", "attention")
GRID = list(itertools.product(CELLS, (1, 2), POOLINGS))
CHUNKS = st.lists(
    st.one_of(st.sampled_from([*WORDS, " ", "<br />", "<br", "don", "'t", "\u0301", "go"]), st.text(max_size=6)),
    max_size=12,
)
CLOSE = {"atol": 2e-6, "rtol": 0}


def shape(
    cell: str = "lstm", layers: int = 1, pooling: str = "attention", direction: str = "forward"
) -> ManyToOneShape:
    return ManyToOneShape.model_validate(
        {
            "vocabulary": len(WORDS) + 2,
            "embedding": 5,
            "cell": cell,
            "hidden": 4,
            "layers": layers,
            "direction": direction,
            "pooling": pooling,
            "outputs": 3,
        }
    )


def weights_of(network: ManyToOneShape, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(scale=0.8, size=size) for name, size in network.weight_shapes().items()}


@cache
def model_of(cell: str = "lstm", layers: int = 1, pooling: str = "attention", seed: int = 1) -> Classifier:
    network = shape(cell, layers, pooling)
    graph = build(network, weights_of(network, seed), 1.4)
    return Classifier(WordTokenizer(WORDS, max_tokens=None), graph, ["a", "b", "c"], threads=1)


def pieces(text: str, rng: np.random.Generator) -> Iterator[str]:
    cuts = sorted(rng.integers(0, len(text) + 1, size=int(rng.integers(0, 12))))
    for start, end in itertools.pairwise([0, *cuts, len(text)]):
        yield text[start:end]


def text_of(tokens: int, rng: np.random.Generator) -> str:
    return "".join(str(word) + " " * int(rng.integers(0, 2)) for word in rng.choice([*WORDS, "unheard"], tokens))


@pytest.mark.parametrize(("cell", "layers", "pooling"), GRID)
def test_any_pieces_give_what_predict_gives(cell: str, layers: int, pooling: str) -> None:
    model, rng = model_of(cell, layers, pooling), np.random.default_rng(3)
    answers = []
    for tokens in (1, 2, 9, 40, 130):
        text = text_of(tokens, rng)
        expected = model.predict_proba([text])[0]
        for chunks in (list(pieces(text, rng)), [text], list(text)):
            session, fed = model.session(), ""
            for number, chunk in enumerate(chunks):
                running, fed = session.feed(chunk), fed + chunk
                if number % 7 == 0:
                    np.testing.assert_allclose(running.probabilities, model.predict_proba([fed])[0], **CLOSE)
                    assert running.tokens == model.encode([fed])[0].tokens
            final = session.finish()
            np.testing.assert_allclose(final.probabilities, expected, **CLOSE)
            assert final.label == model.predict([text])[0]
            assert final.tokens == session.tokens == model.encode([text])[0].tokens
        answers.append(expected)
    assert len(np.unique(np.round(answers, 5), axis=0)) >= 4


@settings(max_examples=150, deadline=None)
@given(chunks=CHUNKS, where=st.integers(0, 12))
def test_every_answer_is_that_of_all_that_was_fed_also_after_being_written_down(chunks: list[str], where: int) -> None:
    model = model_of()
    session, fed = model.session(), ""
    for number, chunk in enumerate(chunks):
        if number == where:
            session = model.session(json.loads(json.dumps(session.state())))
        running, fed = session.feed(chunk), fed + chunk
        np.testing.assert_allclose(running.probabilities, model.predict_proba([fed])[0], **CLOSE)
        assert running.tokens == model.encode([fed])[0].tokens
    np.testing.assert_allclose(session.finish().probabilities, model.predict_proba([fed])[0], **CLOSE)


def test_a_long_chunk_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    model, text = model_of("gru", 2, "mean"), text_of(100, np.random.default_rng(5))
    expected = model.predict_proba([text])[0]
    monkeypatch.setattr(stream, "TOKENS_PER_RUN", 7)
    np.testing.assert_allclose(model.session().feed(text).probabilities, expected, **CLOSE)


def test_nothing_fed_is_the_empty_text() -> None:
    model = model_of()
    session = model.session()
    for running in (session.prediction(), session.feed(""), session.feed(" \n<br />"), session.finish()):
        np.testing.assert_allclose(running.probabilities, model.predict_proba([""])[0], **CLOSE)
        assert running.tokens == 0
    assert session.state()["arrays"] == {}


def test_asking_does_not_read_on() -> None:
    model = model_of("rnn", 1, "last")
    session = model.session()
    session.feed("a good fil")
    before = session.state()
    first = session.prediction()
    assert first.to_dict() == session.prediction().to_dict()
    assert session.state() == before
    assert (session.tokens, first.tokens) == (2, 3)
    session.feed("m")
    np.testing.assert_allclose(session.prediction().probabilities, model.predict_proba(["a good film"])[0], **CLOSE)


def test_running_as_plain_values() -> None:
    running = model_of().session().feed("good film")
    plain = json.loads(json.dumps(running.to_dict()))
    assert plain["label"] == running.label == max(plain["probabilities"], key=plain["probabilities"].get)
    assert list(plain["probabilities"]) == ["a", "b", "c"]
    assert plain["probability"] == max(plain["probabilities"].values())
    assert sum(plain["probabilities"].values()) == pytest.approx(1)
    assert plain["tokens"] == 2


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_million_tokens_in_constant_space(pooling: str) -> None:
    """A stream of a repeated text approaches a fixed answer, which an inexact running sum would leave."""
    model = model_of("rnn", 1, pooling)
    session = model.session()
    chunk = "good film . " * 4000
    sizes, early = [], np.zeros(3)
    for tokens in range(12_000, 1_000_001, 12_000):
        running = session.feed(chunk)
        assert running.tokens == tokens
        state = session.state()
        sizes.append(sum(len(array) for array in state["arrays"].values()))
        assert state["held_back"] == ""
        early = running.probabilities if tokens == 24_000 else early
    assert session.tokens == 996_000
    assert len(set(sizes)) == 1
    assert len(json.dumps(state)) < 2_000
    np.testing.assert_allclose(running.probabilities, early, atol=2e-4)


def test_sums_over_a_long_stream_are_exact() -> None:
    """The mean of a million states against double precision, by hand."""
    network = shape("rnn", 1, "mean")
    weights = {name: np.zeros(size) for name, size in network.weight_shapes().items()}
    rng = np.random.default_rng(2)
    table = rng.uniform(0.1, 0.7, size=weights["embedding.weight"].shape)
    weights["embedding.weight"] = table
    weights["recurrent.layers.0.left_to_right.weight_ih"] = np.eye(4, 5)
    weights["head.weight"] = rng.normal(size=(3, 4)) * 50
    model = Classifier(WordTokenizer(WORDS, max_tokens=None), build(network, weights), ["a", "b", "c"], threads=1)
    session, counts = model.session(), np.zeros(len(table))
    for word in ("good", "bad", "film", "x", "a"):
        session.feed(f"{word} " * 150_000)
        counts[model.tokenizer.ids(word)[0]] += 150_000
    states = np.tanh(table.astype(np.float32).astype(np.float64) @ np.eye(4, 5).T)
    logits = weights["head.weight"].astype(np.float32) @ (counts @ states / counts.sum())
    expected = np.exp(logits - logits.max())
    np.testing.assert_allclose(session.prediction().probabilities, expected / expected.sum(), atol=2e-5)


def test_sessions_do_not_disturb_each_other() -> None:
    model = model_of("lstm", 2, "max")
    texts = [text_of(60, np.random.default_rng(seed)) for seed in range(8)]
    expected = model.predict_proba(texts)

    def read(text: str) -> np.ndarray:
        session = model.session()
        for character in text:
            session.feed(character)
        return session.finish().probabilities

    with ThreadPoolExecutor(4) as threads:
        np.testing.assert_allclose(np.stack(list(threads.map(read, texts))), expected, **CLOSE)
    one, other = model.session(), model.session()
    for a, b in itertools.zip_longest(texts[0], texts[1], fillvalue=""):
        one.feed(a)
        other.feed(b)
    np.testing.assert_allclose([s.finish().probabilities for s in (one, other)], expected[:2], **CLOSE)


def test_a_finished_session_takes_no_more_text() -> None:
    session = model_of().session()
    session.feed("a goo")
    answer = session.finish()
    assert session.prediction().to_dict() == answer.to_dict()
    with pytest.raises(OptionError, match=r"finished.*model\.session\(\)"):
        session.feed("d")
    again = model_of().session(session.state())
    assert again.prediction().to_dict() == answer.to_dict()
    with pytest.raises(OptionError, match="finished"):
        again.feed("d")


@pytest.mark.parametrize("chunk", [None, b"good", 3, ["good"]])
def test_what_is_no_text_is_refused(chunk: Any) -> None:
    with pytest.raises(OptionError, match="A chunk must be a str"):
        model_of().session().feed(chunk)


def saved() -> dict[str, Any]:
    session = model_of().session()
    session.feed("a good fil")
    state: dict[str, Any] = json.loads(json.dumps(session.state()))
    return state


def first_array(change: Callable[[list[float]], Any]) -> Callable[[dict[str, Any]], Any]:
    def apply(state: dict[str, Any]) -> Any:
        name = next(iter(state["arrays"]))
        return state | {"arrays": state["arrays"] | {name: change(state["arrays"][name])}}

    return apply


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: None, "all its fields"),
        (lambda s: {**s, "more": 1}, "all its fields"),
        (lambda s: {k: v for k, v in s.items() if k != "answer"}, "all its fields"),
        (lambda s: s | {"version": 2}, "version 2"),
        (lambda s: s | {"model": "0" * 64}, "another model"),
        (lambda s: s | {"tokens": -1}, "damaged"),
        (lambda s: s | {"tokens": True}, "damaged"),
        (lambda s: s | {"tokens": 0}, "damaged"),
        (lambda s: s | {"held_back": 3}, "damaged"),
        (lambda s: s | {"held_back": "two words"}, "damaged"),
        (lambda s: s | {"held_back": "x" * 10_000}, "damaged"),
        (lambda s: s | {"finished": 1}, "damaged"),
        (lambda s: s | {"answer": None}, "damaged"),
        (lambda s: s | {"answer": [0.5, 0.5]}, "numbers"),
        (lambda s: s | {"answer": [0.5, 0.5, "x"]}, "numbers"),
        (lambda s: s | {"arrays": [1]}, "arrays"),
        (lambda s: s | {"arrays": {"0.h": [0.0] * 4}}, "arrays"),
        (first_array(lambda a: a[:-1]), "numbers"),
        (first_array(lambda a: [float("nan"), *a[1:]]), "numbers"),
        (first_array(lambda a: [None, *a[1:]]), "numbers"),
        (first_array(lambda a: [1e300, *a[1:]]), "too large"),
        (first_array(lambda a: [10**400, *a[1:]]), "numbers"),
        (first_array(lambda a: "abcd"), "numbers"),
        (lambda s: s | {"version": True}, "version of another kind"),
        (lambda s: s | {"version": 1.0}, "version of another kind"),
        (lambda s: s | {"tokens": 2**53 + 1}, "damaged"),
        (lambda s: s | {"tokens": 10**30}, "damaged"),
        (lambda s: s | {"answer": [6.0, 0.0, 0.0]}, "no text leads"),
        (lambda s: s | {"answer": [-0.5, 1.0, 0.5]}, "no text leads"),
        (lambda s: s | {"answer": [0.0, 0.0, 0.0]}, "no text leads"),
        (first_array(lambda a: [7.0, *a[1:]]), "no text leads"),
    ],
)
def test_states_that_are_not_of_this_model_or_damaged_are_refused(
    change: Callable[[dict[str, Any]], Any], reason: str
) -> None:
    assert model_of().session(saved()).feed("m").tokens == 3
    with pytest.raises(OptionError, match=reason):
        model_of().session(change(saved()) or {})


@pytest.mark.parametrize(
    ("pooling", "arrays"),
    [
        ("attention", {"mass": [0.0], "top": [3e38], "weighted": [-1e300] * 4}),
        ("attention", {"mass": [0.0]}),
        ("attention", {"mass": [-1.0]}),
        ("attention", {"mass": [1e9]}),
        ("attention", {"weighted": [50.0, 0.0, 0.0, 0.0]}),
        ("mean", {"count": [0]}),
        ("mean", {"count": [-3]}),
        ("mean", {"count": [2.0]}),
        ("mean", {"count": [2**53]}),
        ("mean", {"sum": [9.0, 0.0, 0.0, 0.0]}),
        ("max", {"largest": [2.0, 0.0, 0.0, 0.0]}),
    ],
)
def test_a_state_that_no_text_leads_to_is_refused(pooling: str, arrays: dict[str, Any]) -> None:
    session = model_of(pooling=pooling).session()
    session.feed("a good fil")
    state = json.loads(json.dumps(session.state()))
    assert model_of(pooling=pooling).session(state).feed("m").tokens == 3
    assert state["arrays"].keys() >= arrays.keys()
    state["arrays"].update(arrays)
    with pytest.raises(OptionError, match="damaged"):
        model_of(pooling=pooling).session(state)


def test_a_state_continues_in_the_same_model_alone(tmp_path: Path) -> None:
    network = shape("lstm", 1, "mean")
    files = {
        "model.onnx": build(network, weights_of(network, 4)),
        "tokenizer.json": WordTokenizer(WORDS, max_tokens=3).to_json().encode(),
    }
    for name, labels in (("one", ["a", "b", "c"]), ("other", ["a", "b", "d"])):
        model_directory.write(
            tmp_path / name,
            files,
            task="classify",
            labels=labels,
            network=network.model_dump(),
            config={},
            metrics={},
            data={},
        )
    first, second, other = (load(tmp_path / name) for name in ("one", "one", "other"))
    session = first.session()
    session.feed("good fil")
    state = session.state()
    np.testing.assert_array_equal(
        second.session(state).feed("m bad").probabilities, session.feed("m bad").probabilities
    )
    with pytest.raises(OptionError, match="another model"):
        other.session(state)


def test_a_stream_is_read_on_where_predict_cuts() -> None:
    whole = model_of("gru", 1, "max")
    network = shape("gru", 1, "max")
    cut = Classifier(
        WordTokenizer(WORDS, max_tokens=4), build(network, weights_of(network, 1), 1.4), ["a", "b", "c"], threads=1
    )
    for text in ("good film .", "bad a good film bad x good ."):
        np.testing.assert_allclose(cut.session().feed(text).probabilities, whole.predict_proba([text])[0], **CLOSE)
    np.testing.assert_allclose(
        cut.session().feed("good film .").probabilities, cut.predict_proba(["good film ."])[0], **CLOSE
    )


def test_models_that_cannot_stream_are_refused(tmp_path: Path) -> None:
    both = shape(direction="both")
    graph = build(both, weights_of(both, 1))
    with pytest.raises(OptionError, match=r"both directions.*--direction forward"):
        Classifier(WordTokenizer(WORDS, max_tokens=None), graph, ["a", "b", "c"]).session()
    forward = shape()
    graph = build(forward, weights_of(forward, 1))
    filled = WordTokenizer(WORDS, max_tokens=9, fill=True)
    with pytest.raises(OptionError, match=r"padded in front.*without --fill.*--direction forward"):
        Classifier(filled, graph, ["a", "b", "c"]).session()
    present = Classifier(WordTokenizer(WORDS, max_tokens=None), graph, ["a", "b", "c"])
    old = onnx.load_from_string(graph)
    del old.graph.input[2:], old.graph.output[2:]
    files = {
        "model.onnx": old.SerializeToString(),
        "tokenizer.json": WordTokenizer(WORDS, max_tokens=None).to_json().encode(),
    }
    model_directory.write(
        tmp_path / "old",
        files,
        task="classify",
        labels=["a", "b", "c"],
        network=forward.model_dump(),
        config={},
        metrics={},
        data={},
    )
    texts, model = ["a good film", "bad"], load(tmp_path / "old")
    np.testing.assert_allclose(model.predict_proba(texts), present.predict_proba(texts))
    with pytest.raises(OptionError, match=r"could not stream yet\. Train it again"):
        model.session()
