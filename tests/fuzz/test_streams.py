"""Messages of any kind over the WebSocket, damaged states among them: sane answers, or a close with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import strategies as st

from support.damage import JSON, altered, damaged
from support.fuzzing import fuzzed
from support.in_process import Closed, InProcess
from support.live_server import write_model

SECRET = "zanzibar"
pieces = st.one_of(
    st.sampled_from(("w1 w2", " w3", SECRET, "", "<br", " /> ", "\ud83d", "e\u0301", "w" * 300)), st.text(max_size=20)
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    made = InProcess(write_model(tmp_path_factory.mktemp("apps") / "model", direction="forward"))
    yield made
    made.close()


def is_sane(closed: Closed) -> None:
    """Check every message, and the code and the reason of the close."""
    assert closed.code in (None, 1000, 1008), closed
    assert closed.status is None or 400 <= closed.status < 500, closed
    assert "Traceback" not in closed.log and "failed" not in closed.log and SECRET not in closed.log, closed.log
    for message in closed.messages:
        if "probabilities" in message:
            shares = list(message["probabilities"].values())
            assert all(0 <= share <= 1 for share in shares) and math.isclose(sum(shares), 1, abs_tol=1e-6)
            assert message["probability"] == max(shares) and message["label"] in message["probabilities"]
            assert 0 <= message["tokens"] <= 2**53
    errors = [message["error"] for message in closed.messages if "error" in message]
    assert (closed.code == 1008) == bool(errors) and len(errors) <= 1
    for error in errors:
        assert error["status"] == 1008 and error["message"] and SECRET not in error["message"]


@st.composite
def frames(draw: st.DrawFn) -> list[str | bytes]:
    """Draw messages: pieces and commands, good and damaged, text and bytes."""
    good = st.one_of(
        pieces.map(lambda text: json.dumps({"text": text})),
        st.sampled_from(('{"state": true}', '{"finish": false}', '{"restore": {}}', "{}", "[1]", "")),
        pieces,
    )
    message = st.one_of(
        good, good, good, st.binary(max_size=10), JSON.map(json.dumps),
        st.dictionaries(st.sampled_from(("text", "state", "finish", "restore")), JSON, max_size=2).map(json.dumps),
        damaged(b'{"text": "w1 w2"}').map(lambda it: it.decode("utf-8", "replace")),
    )  # fmt: skip
    return draw(st.lists(message, max_size=6))


@fuzzed(100, messages=frames(), query=st.sampled_from((b"", b"format=text", b"format=%ff", b"\xff")))
def test_messages(app: InProcess, messages: list[str | bytes], query: bytes) -> None:
    is_sane(app.talk("/stream", messages, query))


def a_state(app: InProcess, texts: list[str]) -> tuple[Any, Any]:
    """Return the state after `texts`, and the running answer then."""
    closed = app.talk("/stream", [*(json.dumps({"text": text}) for text in texts), '{"state": true}'])
    *_, answer, state = [{}, *closed.messages]
    return state["state"], answer


@fuzzed(
    100,
    texts=st.lists(st.sampled_from(("w1 w2", " w3 ", "w4", "unheard", " <b")), min_size=0, max_size=3),
    data=st.data(),
)
def test_states_of_another_hand(app: InProcess, texts: list[str], data: st.DataObject) -> None:
    state, before = a_state(app, texts)
    tampered = data.draw(altered(state))
    message = json.dumps({"restore": tampered})
    if data.draw(st.integers(0, 4)) == 0:
        message = data.draw(damaged(message.encode())).decode("utf-8", "replace")
    closed = app.talk("/stream", [message, '{"text": " w5"}', '{"state": true}', '{"finish": true}'])
    is_sane(closed)
    if tampered == state and message == json.dumps({"restore": state}):
        assert closed.code == 1000 and len(closed.messages) == 4
        assert before == {} or closed.messages[0] == before


@fuzzed(20, path=st.sampled_from(("/stream/", "/predict", "/", "/nothing")), messages=frames())
def test_other_paths(app: InProcess, path: str, messages: list[str | bytes]) -> None:
    closed = app.talk(path, messages)
    is_sane(closed)
    assert not closed.messages
