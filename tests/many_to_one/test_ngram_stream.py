"""N-grams of a text that arrives in pieces: each once, and a state that can be written down and is checked."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.many_to_one import ngram_stream as module
from recurra.many_to_one.ngram_stream import NgramStream
from recurra.tasks.classify.model import Classifier
from support.ngram_models import KINDS, UNHEARD, WORDS, by_hand, classifier, network, shape, text_of

FORWARD = [{**kind, "direction": "forward"} for kind in KINDS]
MODELS: list[Classifier] = [classifier(shape(**kind)) for kind in FORWARD]
PIECES = st.lists(
    st.one_of(st.sampled_from([*WORDS[:4], *UNHEARD, " ", " ", "w", "zo", "rk", ". "]), st.text(max_size=4)),
    max_size=14,
)


@pytest.mark.parametrize("number", range(len(FORWARD)), ids=lambda number: str(KINDS[number]))
@settings(max_examples=40, deadline=None)
@given(pieces=PIECES, where=st.integers(0, 14))
def test_any_pieces_give_what_the_whole_text_gives(number: int, pieces: list[str], where: int) -> None:
    model = MODELS[number]
    session, fed = model.session(), ""
    for place, piece in enumerate(pieces):
        if place == where:
            session = model.session(json.loads(json.dumps(session.state())))
        running, fed = session.feed(piece), fed + piece
        np.testing.assert_allclose(running.probabilities, model.predict_proba([fed])[0], atol=1e-5)
    np.testing.assert_allclose(session.finish().probabilities, model.predict_proba([fed])[0], atol=1e-5)


@pytest.mark.parametrize("kind", [kind for kind in FORWARD if kind["order"]], ids=str)
def test_the_total_is_that_of_all_read_so_far(kind: dict[str, Any]) -> None:
    model, rng = MODELS[FORWARD.index(kind)], np.random.default_rng(5)
    weights, words = network(shape(**kind)).exported(), text_of(60, rng).split()
    assert model.ngrams is not None
    stream, place = NgramStream(model.ngrams), 0
    while place < len(words):
        piece = words[place : place + int(rng.integers(1, 5))]
        ids, unknown = model.tokenizer.ids_and_unknown(" ".join(piece))
        asked = stream.after(ids, unknown)
        np.testing.assert_array_equal(stream.after(ids, unknown), asked)
        np.testing.assert_array_equal(stream.read(ids, unknown), asked)
        place += len(piece)
        np.testing.assert_allclose(asked, by_hand(shape(**kind), weights, " ".join(words[:place])), atol=1e-5)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SEEN", 3)
    model = MODELS[4]
    session = model.session()
    for text in ("w1 w2 zork ", "blah w99 other w3 w4 ", "w5 w6 more ", "w1 w2 zork "):
        session.feed(text)
    state = session.state()["ngrams"]
    assert len(state["seen"]) <= 3 and len(state["words"]) <= 3
    assert model.session(json.loads(json.dumps(session.state()))).finish().tokens == session.tokens


def test_no_word_can_be_read_from_a_state() -> None:
    session = MODELS[4].session()
    session.feed("secretword w1 ")
    assert "secret" not in json.dumps(session.state()) and len(session.state()["ngrams"]["words"]) == 1


def changed(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda ngrams: {**ngrams, name: value}


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda _: [],
        lambda ngrams: {name: ngrams[name] for name in ("seen", "words", "last")},
        lambda ngrams: {**ngrams, "more": 1},
        changed("seen", "12"),
        changed("seen", [-1]),
        changed("seen", [10**9]),
        changed("seen", [1.0]),
        changed("seen", [True]),
        changed("seen", [2] * (module.MOST_SEEN + 1)),
        changed("words", [2**48]),
        changed("words", {"a": 1}),
        changed("last", [2, 3]),
        changed("last", [16]),
        changed("last", ["2"]),
        changed("total", []),
        changed("total", [0.0, 0.0]),
        changed("total", [float("nan")]),
        changed("total", [float("inf")]),
        changed("total", [1e30]),
        changed("total", ["0"]),
        changed("total", 0.5),
    ],
)
def test_damaged_states_are_refused(change: Callable[[dict[str, Any]], Any]) -> None:
    session = MODELS[4].session()
    session.feed("w1 w2 zork w3 ")
    state = session.state()
    assert MODELS[4].session(copy.deepcopy(state)).state() == state
    with pytest.raises(OptionError, match="The state of a session is damaged"):
        MODELS[4].session({**state, "ngrams": change(state["ngrams"])})


def test_a_state_of_a_network_alone_is_not_one_of_a_model_with_n_grams() -> None:
    with_ngrams, alone = MODELS[4].session().state(), MODELS[6].session().state()
    assert "ngrams" in with_ngrams and "ngrams" not in alone
    for model, state in (
        (MODELS[4], {k: v for k, v in with_ngrams.items() if k != "ngrams"}),
        (MODELS[6], with_ngrams),
    ):
        with pytest.raises(OptionError, match="state of a session"):
            model.session(state)
