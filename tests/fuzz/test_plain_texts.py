"""Plain texts of any bytes: given to a model that writes, to one that chats, and to their trainings."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st

from support.damage import damaged
from support.fuzzing import fuzzed
from support.live_models import LETTERS, write_chatter, write_writer
from support.trainings import what_training_reads
from support.whole_commands import in_words, run

SAID = "Good morning to you.\nWhere do you live?\nabc def\n\n/reset\nnaïve 日本 \U0001f600\n"
lines = damaged((SAID * 2).encode())
long_texts = damaged((SAID * 8).encode())
prompts = st.one_of(st.text(max_size=30), st.text(LETTERS, max_size=30)).filter(lambda text: "\0" not in text)


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_writer(tmp_path_factory.mktemp("models") / "writer")


@pytest.fixture(scope="module")
def chatter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chatter(tmp_path_factory.mktemp("models") / "chatter")


@fuzzed(30, prompt=prompts, temperature=st.sampled_from((0.0, 0.5, 1.0, 5.0, 1e-300, 1e300)), top_k=st.integers(0, 30))
def test_generate(writer: Path, prompt: str, temperature: float, top_k: int) -> None:
    words = ("generate", writer, f"--prompt={prompt}", "--tokens", 8, "--temperature", temperature, "--seed", 1)
    ended = run(*words, *(("--top-k", top_k) if top_k else ()), "--json")
    in_words(ended)
    if not ended.status:
        answer = json.loads(ended.out)
        assert answer["prompt"] == prompt and len(answer["text"]) <= 8 and set(answer["text"]) <= {*LETTERS, "\ufffd"}


@fuzzed(30, said=lines)
def test_chat(chatter: Path, said: bytes) -> None:
    ended = run("chat", chatter, "--json", "--seed", 1, input=said)
    in_words(ended)
    if not ended.status:
        answers = [json.loads(line) for line in ended.out.splitlines()]
        turns = [line.strip() for line in said.decode().removeprefix("\ufeff").splitlines()]
        assert all(answer["turn"] in turns or answer["turn"] in said.decode() for answer in answers)


@fuzzed(30, said=lines)
def test_evaluate_a_writer(writer: Path, said: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "text.txt"
        source.write_bytes(said)
        ended = run("evaluate", writer, source, "--json")
        in_words(ended)
        assert source.read_bytes() == said and [source] == list(Path(folder).iterdir())
        if not ended.status:
            text = said.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            result = json.loads(ended.out)
            assert result["characters"] == len(text) and result["perplexity"] >= 1
            unknown = sum(letter not in LETTERS for letter in text)
            assert abs(result["unknown_rate"] - unknown / len(text)) < 1e-9


@fuzzed(
    60, text=long_texts, level=st.sampled_from(("char", "word", "bpe")), encoding=st.sampled_from(("utf-8", "latin-1"))
)
def test_what_a_writers_training_reads(text: bytes, level: str, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "text.txt"
        source.write_bytes(text)
        data = what_training_reads(
            source, "generate", level=level, encoding=encoding, vocabulary=300 if level == "bpe" else None
        )
        assert source.read_bytes() == text
        if data is not None:
            read = text.decode(encoding).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            assert data["rows"] == len(read)
