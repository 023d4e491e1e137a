"""Write text with a trained language model, symbol by symbol, and score how likely a given text is."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.inference.sampling import Sampling, seeded
from recurra.inference.threads import thread_count
from recurra.options.arguments import check_text, check_whole
from recurra.report.notebook import NotebookModel
from recurra.storage.model_directory import MODEL, NGRAMS, Artefact, Manifest
from recurra.storage.parts import mismatch, tokenizer_text
from recurra.tasks.generate.mixture import Mixture, mixture_from
from recurra.tasks.generate.session import SCORING_LOGITS, LanguageSession, Reader
from recurra.tasks.generate.shape import LanguageShape
from recurra.tasks.generate.tokenizer import UNKNOWN, SymbolTokenizer, tokenizer_from_json

PROMPT_SYMBOLS = 1024
"""Symbols of a prompt that are read at one time: reading them takes as long as writing some tens of symbols."""

TEMPERATURE, TOKENS = 0.8, 200
"""The defaults of `generate`."""


class Generator(NotebookModel):
    """A language model that writes text.

    tokenizer: text to symbols and back. graph: the bytes of model.onnx. ngrams: those of ngrams.safetensors, and their
    order, where n-grams stand beside the network.
    Safe to use from several threads; each text that is written has a state of its own.
    Raises ArtefactError where symbols and graph do not fit each other.

        generator = recurra.load("writer")
        print("".join(generator.generate("ROMEO:", 200, temperature=0.8, seed=1)))
    """

    def __init__(
        self,
        tokenizer: SymbolTokenizer,
        graph: bytes,
        config: dict[str, Any] | None = None,
        *,
        ngrams: tuple[bytes, int] | None = None,
        manifest: Manifest | None = None,
        where: str = MODEL,
    ) -> None:
        """where: the file of the graph, for errors."""
        self.tokenizer, self.manifest = tokenizer, manifest
        self.config = dict(config or {})
        self._session = LanguageSession(graph, symbols=tokenizer.size, name=where)
        if self._session.vocabulary != tokenizer.size:
            raise mismatch(f"{where} writes {self._session.vocabulary} symbols and tokenizer.json has {tokenizer.size}")
        self._reader: Reader[Any] = self._session
        if ngrams is not None:
            content, order = ngrams
            beside = str(Path(where).with_name(NGRAMS))
            self._reader = mixture_from(content, self._session, order=order, vocabulary=tokenizer.size, where=beside)
        self._block = max(1, SCORING_LOGITS // tokenizer.size)

    def check_shape(self, shape: LanguageShape) -> None:
        """Raise ArtefactError where the graph is not that of a network of this shape."""
        if (tuple(self._session.names), self._session.hidden) != (shape.states, shape.hidden):
            raise mismatch("model.onnx and manifest.json differ in the recurrent layers")

    @property
    def mixture(self) -> Mixture | None:
        """The network and the n-grams beside it; None for a network alone."""
        return self._reader if isinstance(self._reader, Mixture) else None

    @property
    def units(self) -> SymbolTokenizer:
        """The former name of `tokenizer`."""
        warnings.warn("Generator.units is deprecated; use Generator.tokenizer", DeprecationWarning, stacklevel=2)
        return self.tokenizer

    def generate(
        self,
        prompt: str = "",
        tokens: int = TOKENS,
        *,
        temperature: float = TEMPERATURE,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> Iterator[str]:
        """Return the text that follows `prompt` in pieces as they are written; joined they are the whole.

        A piece may be empty: one comes after each part of a long prompt. Without a prompt the text begins as a line
        does. tokens: how many symbols to write. temperature, top_k, top_p: see `Sampling`. seed: the same one writes
        the same text; None another each time. Each symbol costs the same, however long the text is. Symbols of the
        prompt that the model does not know are read as unknown; the unknown symbol is never written. Raises
        OptionError, at once, for values out of range.
        """
        sampling = Sampling(temperature, top_k, top_p)
        check_text(prompt, "The prompt")
        check_whole(tokens, "tokens")
        if tokens < 0:
            raise OptionError(f"tokens must be 0 or larger; got {tokens}.")
        if "\0" in prompt:
            raise OptionError("The prompt contains a NUL character, which no text may contain. Remove it.")
        return self._written(self._ids(prompt), tokens, sampling, seeded(seed))

    def surprisals(self, text: str) -> NDArray[np.float32]:
        """Return the surprisal [N] of each symbol of `text` after those before it: -log p, in nats.

        The first symbol is scored as the first of a line. Raises OptionError for an empty text.
        """
        return self.read(text)[0]

    def read(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return (surprisals [N] in nats, whether each symbol [N] was the likeliest)."""
        check_text(text, "The text to score")
        ids = self.tokenizer.encode(text)
        if not len(ids):
            raise OptionError("The text is empty; give at least one character to score.")
        nats = np.empty(len(ids), dtype=np.float32)
        correct = np.empty(len(ids), dtype=bool)
        read = np.concatenate([[self.tokenizer.start()], ids[:-1]]).astype(np.int64)  # each symbol's own past
        reader = self._reader
        states = reader.empty()
        for start in range(0, len(ids), self._block):
            part = slice(start, start + self._block)
            logits, states = reader.run(read[None, part], states)
            nats[part], correct[part] = _scored(logits[0], ids[part])
        return nats, correct

    def score(self, text: str) -> float:
        """Return the mean surprisal of `text`, in nats per symbol: see `surprisals`."""
        return float(self.surprisals(text).mean(dtype=np.float64))

    def _ids(self, prompt: str) -> NDArray[np.int64]:
        ids = self.tokenizer.encode(prompt).astype(np.int64)
        return ids if len(ids) else np.array([self.tokenizer.start()], dtype=np.int64)

    def _written(
        self, ids: NDArray[np.int64], tokens: int, sampling: Sampling, rng: np.random.Generator
    ) -> Iterator[str]:
        reader = self._reader
        states, block = reader.empty(), min(self._block, PROMPT_SYMBOLS)
        logits = np.empty(0, dtype=np.float32)  # [V] for the next symbol
        for start in range(0, len(ids), block):
            if start:
                yield ""
            answers, states = reader.run(ids[None, start : start + block], states)
            logits = answers[0, -1].copy()
        detokenizer, read = self.tokenizer.detokenizer(), np.empty((1, 1), dtype=np.int64)
        for _ in range(tokens):
            logits[UNKNOWN] = -np.inf
            read[0, 0] = number = sampling.draw(logits, rng)
            if piece := detokenizer.write(number):
                yield piece
            answers, states = reader.run(read, states)
            logits = answers[0, 0]
        if rest := detokenizer.end():
            yield rest


def from_artefact(source: Artefact, threads: int | None = None) -> Generator:
    """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
    thread_count(threads)
    shape, tokenizer = source.manifest.network_as(LanguageShape), tokenizer_from_json(tokenizer_text(source))
    if (shape.level, shape.vocabulary) != (tokenizer.level, tokenizer.size):
        raise mismatch(
            f"{source.path}: manifest.json describes {shape.vocabulary} symbols of the level {shape.level!r}, and "
            f"tokenizer.json has {tokenizer.size} of the level {tokenizer.level!r}"
        )
    config = json.loads(json.dumps(source.manifest.config))
    where = str(source.path / MODEL)
    ngrams = None
    if shape.ngrams:
        if NGRAMS not in source.files:
            raise mismatch(f"{source.path} has no {NGRAMS}, and manifest.json states n-grams of {shape.ngrams} symbols")
        ngrams = source.files[NGRAMS], shape.ngrams
    model = Generator(tokenizer, source.files[MODEL], config, ngrams=ngrams, manifest=source.manifest, where=where)
    model.check_shape(shape)
    return model


def _scored(logits: NDArray[np.float32], ids: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return (-log p of each of `ids` [T], whether it was the likeliest) from logits [T, V]."""
    largest = logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(logits - largest).sum(axis=1, dtype=np.float64)) + largest[:, 0]
    return (total - logits[np.arange(len(ids)), ids]).astype(np.float32), logits.argmax(axis=1) == ids
