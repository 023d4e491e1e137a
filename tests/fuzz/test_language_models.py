"""Language models and word lists of any bytes: what they say is what a reading by hand says, or they are refused."""

from __future__ import annotations

import gzip
import math
import re
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from recurra.errors import RecurraError
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.arpa import read_arpa, write_arpa
from recurra.tasks.transcribe.decoding import decoder, language_model
from recurra.tasks.transcribe.language_model import BEGIN, END, LanguageModel
from recurra.tasks.transcribe.options import DecodingOptions
from support.damage import INTERESTING, damaged
from support.fuzzing import fuzzed
from support.whole_commands import in_sentences

ALPHABET = Alphabet(" abdeio", "words")
SAID = ("bad", "do", "idea", "oboe", "aid", "zebra")
ARPA = (
    b"\\data\\\nngram 1=6\nngram 2=4\nngram 3=2\n\n"
    b"\\1-grams:\n-0.5\t</s>\n-99\t<s>\t-0.3\n-0.7\tbad\t-0.2\n-0.9\tdo\t-0.1\n-1.2\tidea\n-2.0\t<unk>\n\n"
    b"\\2-grams:\n-0.1\t<s> bad\t-0.4\n-0.4\tbad do\n-0.2\tdo </s>\n-0.6\tdo idea\t-0.5\n\n"
    b"\\3-grams:\n-0.05\t<s> bad do\n-0.3\tbad do idea\n\n\\end\\\n"
)
WITHOUT_COUNTS = re.sub(rb"ngram .*\n", b"", ARPA)
TEXT = b"bad idea\ndo bad\n\nidea do aid\noboe oboe\n"
WORDS = (
    *INTERESTING, b"\n\\2-grams:\n", b"\n\\end\\\n", b"\n\\data\\\n", b"<unk>", b"<UNK>", b"<s>", b"</s>", b"-99",
    b"-inf", b"nan", b"1e999", b"-1e-320", b"-0", b"1e308", b"ngram 2=4\n", b"\xd9\xa1", b"bad do",
    b"\n-0.3\tbad do aid\n",
)  # fmt: skip
texts = st.lists(st.sampled_from(SAID), max_size=5)


def by_hand(text: str) -> dict[tuple[str, ...], tuple[float, float]]:
    """Return the n-grams of an ARPA file, with logarithms to base 10."""
    found: dict[tuple[str, ...], tuple[float, float]] = {}
    lines = [line.strip() for line in re.split("\r\n|\r|\n", text)]
    order = 0
    for line in lines[lines.index("\\data\\") + 1 :]:
        if line == "\\end\\":
            break
        if re.fullmatch(r"\\\d+-grams:", line):
            order += 1
        elif line and order:
            value, *rest = line.split()
            words = ["<unk>" if word == "<UNK>" else word for word in rest[:order]]
            found[tuple(words)] = max(float(value), -99), max(float(rest[order]), -99) if len(rest) > order else 0.0
    if ("<unk>",) not in found:
        likely = [value for words, (value, _) in found.items() if len(words) == 1 and value > -99]
        found[("<unk>",)] = min(likely, default=-99), 0.0
    return found


def probability(found: dict[tuple[str, ...], tuple[float, float]], words: tuple[str, ...]) -> float:
    """Return the logarithm to base 10 of the probability of the last word after the others."""
    if words in found:
        return found[words][0]
    return found.get(words[:-1], (0, 0.0))[1] + probability(found, words[1:])


@fuzzed(150, content=damaged(ARPA, WORDS) | damaged(WITHOUT_COUNTS, WORDS), zipped=st.booleans(), said=texts)
def test_arpa(content: bytes, zipped: bool, said: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("model.arpa.gz" if zipped else "model.arpa")
        path.write_bytes(gzip.compress(content, mtime=0) if zipped else content)
        try:
            model = read_arpa(path)
        except RecurraError as error:
            in_sentences(str(error))
            return
        found = by_hand(content.decode().removeprefix("\ufeff"))
        assert {len(words) for words in found} <= set(range(1, model.order + 1))
        spelt = [word if (word,) in found else "<unk>" for word in said]
        total, history = 0.0, [BEGIN]
        for word in [*spelt, END]:
            total += probability(found, tuple([*history, word][-model.order :]))
            history.append(word)
        assert math.isfinite(total)
        assert math.isclose(model.of_text(said), total * math.log(10), rel_tol=1e-9, abs_tol=1e-9)
        write_arpa(model, Path(folder) / "again.arpa")
        again = read_arpa(Path(folder) / "again.arpa")
        assert math.isclose(again.of_text(said), model.of_text(said), rel_tol=1e-5, abs_tol=1e-4)
        decodes(path)


@fuzzed(60, content=damaged(TEXT * 2), said=texts)
def test_text(content: bytes, said: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.txt"
        path.write_bytes(content)
        try:
            model = language_model(path, ALPHABET)
        except RecurraError as error:
            in_sentences(str(error))
            return
        assert sums_to_one(model, said)
        decodes(path)


def sums_to_one(model: LanguageModel, said: list[str]) -> bool:
    """Return whether the probabilities of all words, of unknown ones and of the end sum to 1 after a text."""
    history = model.after((), model.words[BEGIN])
    for word in said:
        history = model.after(history, model.number(word))
    next_ones = [number for word, number in model.words.items() if word != BEGIN]
    total = sum(math.exp(model.log_probability(history, number)) for number in next_ones)
    return math.isclose(total, 1, abs_tol=1e-6)


def decodes(path: Path) -> None:
    """Check that a language model is joined to what was heard, or refused in words."""
    options = DecodingOptions(language_model=str(path), beam=4)
    try:
        decode = decoder(ALPHABET, options)
    except RecurraError as error:
        in_sentences(str(error))
        return
    heard = decode(noise())
    assert set(ALPHABET.text(heard.symbols)) <= set(" abdeio")


def noise(steps: int = 12) -> np.ndarray:
    """Return log-probabilities [T, K] of nothing in particular."""
    scores = np.random.default_rng(0).normal(0, 2, (steps, len(ALPHABET)))
    return (scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)).astype(np.float32)


@fuzzed(60, content=damaged(b"bad\ndo idea\n\noboe\nbad\n", most=3))
def test_word_list(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words.txt"
        path.write_bytes(content)
        try:
            decode = decoder(ALPHABET, DecodingOptions(word_list=str(path)))
        except RecurraError as error:
            in_sentences(str(error))
            return
        heard = ALPHABET.text(decode(noise(40)).symbols).split()
        assert heard and set(heard) <= set(ALPHABET.normalised(content.decode()).split())
