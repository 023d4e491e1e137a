"""Writing and scoring through ONNX Runtime: the state carried along, drawn as asked, refused as said."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from recurra.errors import ArtefactError, OptionError
from recurra.storage.model_directory import Artefact, Manifest
from recurra.tasks.generate import model as module
from recurra.tasks.generate.learn.check import checked_graph
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.model import Generator
from recurra.tasks.generate.session import LanguageSession
from recurra.tasks.generate.shape import LanguageShape
from recurra.tasks.generate.tokenizer import UNKNOWN, CharacterTokenizer, SymbolTokenizer, fit_tokenizer

LETTERS = "abcdefghij\n"


@pytest.fixture(scope="module")
def made() -> tuple[LanguageNetwork, Generator]:
    """A network of random weights, large enough to differ from symbol to symbol, and its generator."""
    tokenizer = CharacterTokenizer(list(LETTERS))
    torch.manual_seed(1)
    shape = LanguageShape(
        level="char", vocabulary=tokenizer.size, embedding=6, cell="lstm", hidden=9, layers=2, tied=False
    )
    network = LanguageNetwork(shape).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(3)
    return network, Generator(tokenizer, checked_graph(network)[0], {"level": "char"})


def nats_by_torch(network: LanguageNetwork, tokenizer: SymbolTokenizer, text: str) -> np.ndarray:
    ids = tokenizer.encode(text).astype(np.int64)
    before = np.concatenate([[tokenizer.start()], ids[:-1]])
    with torch.inference_mode():
        logits = network.read(torch.from_numpy(before)[:, None])[0][:, 0]
    return -logits.log_softmax(-1).numpy()[np.arange(len(ids)), ids]


def test_a_text_is_scored_as_torch_would(
    made: tuple[LanguageNetwork, Generator], monkeypatch: pytest.MonkeyPatch
) -> None:
    network, generator = made
    text = "".join(np.random.default_rng(0).choice(list(LETTERS + "é"), 70))
    expected = nats_by_torch(network, generator.tokenizer, text)
    np.testing.assert_allclose(generator.surprisals(text), expected, atol=1e-4)
    assert generator.score(text) == pytest.approx(float(expected.mean()), abs=1e-5)
    monkeypatch.setattr(generator, "_block", 7)  # the state goes from block to block
    np.testing.assert_allclose(generator.surprisals(text), expected, atol=1e-4)
    nats, right = generator.read(text)
    assert len(nats) == len(right) == 70


def test_the_likeliest_text_is_torchs_symbol_for_symbol(made: tuple[LanguageNetwork, Generator]) -> None:
    network, generator = made
    for prompt in ("", "a", "hide\nbad"):
        written = "".join(generator.generate(prompt, 40, temperature=0))
        ids = [*generator.tokenizer.encode(prompt or "\n").astype(int)]
        with torch.inference_mode():
            for _ in range(40):  # reads all anew for each symbol
                logits = network.read(torch.tensor(ids)[:, None])[0][-1, 0]
                logits[UNKNOWN] = -math.inf
                ids.append(int(logits.argmax()))
        assert written == generator.tokenizer.decode(ids[-40:])


def test_a_long_prompt_is_read_in_blocks(
    made: tuple[LanguageNetwork, Generator], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, generator = made
    prompt = "fade\nbiga" * 9
    whole = "".join(generator.generate(prompt, 30, seed=4))
    monkeypatch.setattr(generator, "_block", 5)
    assert "".join(generator.generate(prompt, 30, seed=4)) == whole


def test_the_same_seed_writes_the_same_and_another_does_not(made: tuple[LanguageNetwork, Generator]) -> None:
    _, generator = made
    texts = ["".join(generator.generate("a", 50, temperature=1.5, seed=seed)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert [len(text) for text in texts] == [50] * 3
    first, second = generator.generate("a", 50, seed=3), generator.generate("a", 50, seed=3)
    woven = [next(each) for _ in range(50) for each in (first, second)]
    assert woven[::2] == woven[1::2]  # each text has a state of its own


def test_it_streams_and_costs_nothing_before_it_is_read(made: tuple[LanguageNetwork, Generator]) -> None:
    _, generator = made
    endless = generator.generate("a", 10**12, seed=1)
    assert len([next(endless) for _ in range(20)]) == 20
    assert list(generator.generate("a", 0)) == []


def test_the_unknown_is_read_but_never_written(made: tuple[LanguageNetwork, Generator]) -> None:
    _, generator = made
    written = "".join(generator.generate("é¿ab", 300, temperature=50.0, seed=0))
    assert set(written) <= set(LETTERS)
    assert generator.tokenizer.unknown("é¿ab") == ["é", "¿"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"temperature": -0.1}, "temperature must be 0"), ({"temperature": math.nan}, "temperature must be 0"),
        ({"temperature": math.inf}, "temperature must be 0"), ({"top_k": 0}, "top_k must be at least 1"),
        ({"top_p": 0.0}, "top_p must be above 0"), ({"top_p": 1.1}, "top_p must be above 0"),
        ({"top_p": math.nan}, "top_p must be above 0"), ({"tokens": -1}, "tokens must be 0"),
        ({"seed": -1}, "seed must be 0"), ({"prompt": "a\0"}, "NUL"),
    ],
)  # fmt: skip
def test_values_out_of_range_are_refused_at_once(
    made: tuple[LanguageNetwork, Generator], more: dict[str, object], words: str
) -> None:
    with pytest.raises(OptionError, match=words):
        made[1].generate(**more)  # type: ignore[arg-type]


def test_an_empty_text_has_no_score(made: tuple[LanguageNetwork, Generator]) -> None:
    with pytest.raises(OptionError, match="empty"):
        made[1].score("")


@pytest.mark.parametrize("level", ["word", "bpe"])
def test_words_and_pieces_are_written_as_text(level: str) -> None:
    text = "The cat sat.\nIt's a cat, isn't it? – Ja, so süß!\n" * 3
    tokenizer = fit_tokenizer(level, text, size=300, min_count=1)  # type: ignore[arg-type]
    shape = LanguageShape(
        level=level, vocabulary=tokenizer.size, embedding=4, cell="gru", hidden=5, layers=1, tied=True
    )  # type: ignore[arg-type]
    torch.manual_seed(2)
    network = LanguageNetwork(shape)
    generator = Generator(tokenizer, checked_graph(network)[0])
    written = "".join(generator.generate("The cat", 80, temperature=2.0, seed=1))
    assert written
    np.testing.assert_allclose(generator.surprisals(text), nats_by_torch(network.eval(), tokenizer, text), atol=1e-4)


def test_parts_of_different_models_are_refused(made: tuple[LanguageNetwork, Generator]) -> None:
    network, generator = made
    graph = checked_graph(network)[0]
    with pytest.raises(ArtefactError, match=r"writes 12 symbols and tokenizer\.json has 4"):
        Generator(CharacterTokenizer(list("abc")), graph)
    for damaged in (b"", b"nonsense", graph + b"location"):
        with pytest.raises(ArtefactError, match=r"model\.onnx"):
            LanguageSession(damaged)
    assert generator.config == {"level": "char"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hidden": "9"}, "hidden"), ({"extra": 1}, "extra"), ({"vocabulary": 13}, "13 symbols"),
        ({"level": "word"}, "level 'word'"), ({"cell": "lru"}, "cell"),
    ],
)  # fmt: skip
def test_a_manifest_that_does_not_fit_is_refused(
    made: tuple[LanguageNetwork, Generator], change: dict[str, object], words: str, tmp_path: Path
) -> None:
    network, generator = made
    network_of = network.shape.model_dump() | change
    manifest = Manifest.model_construct(recurra="0.1.0", network=network_of, config={}, labels=[])
    files = {"model.onnx": checked_graph(network)[0], "tokenizer.json": generator.tokenizer.to_json().encode()}
    source = Artefact(tmp_path, manifest, files)
    with pytest.raises(ArtefactError, match=words):
        module.from_artefact(source)


def test_the_old_name_of_the_tokenizer_warns(made: tuple[LanguageNetwork, Generator]) -> None:
    _, generator = made
    with pytest.warns(DeprecationWarning, match=r"Generator\.units is deprecated; use Generator\.tokenizer"):
        assert generator.units is generator.tokenizer
