"""`recurra generate`: continue a prompt. Base installation only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recurra.tasks.generate.model import Generator
from recurra.tasks.generate.options import WriteOptions
from recurra.terminal.progress import Reporter

MOST_SHOWN = 10


@dataclass
class Writing:
    """A text while it is written: iterate over it once for its pieces; then `result` is whole.

    prompt: what it follows. seed: the one that writes it again. unknown: parts of the prompt that the model does not
    know.
    """

    prompt: str
    seed: int
    level: str
    unknown: list[str]
    pieces: Iterator[str]
    written: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __iter__(self) -> Iterator[str]:
        started = time.perf_counter()
        for piece in self.pieces:
            self.written.append(piece)
            self.seconds = time.perf_counter() - started
            yield piece
        self.seconds = time.perf_counter() - started

    @property
    def result(self) -> dict[str, Any]:
        """What `--json` prints."""
        text = "".join(self.written)
        return {
            "prompt": self.prompt,
            "text": text,
            "level": self.level,
            "seed": self.seed,
            "unknown": self.unknown,
            "seconds": round(self.seconds, 4),
            "characters_per_second": round(len(text) / self.seconds, 1) if self.seconds else None,
        }


def generate(model: Generator, options: WriteOptions, reporter: Reporter) -> Writing:
    """Return the text that the model writes after `options.prompt`: see `model.Generator.generate`.

    Without a seed one is drawn and reported, so that the same text can be had again.
    Raises OptionError for values out of range.
    """
    seed = int(np.random.default_rng().integers(2**31)) if options.seed is None else options.seed
    pieces = model.generate(
        options.prompt,
        options.tokens,
        temperature=options.temperature,
        top_k=options.top_k,
        top_p=options.top_p,
        seed=seed,
    )
    unknown = model.tokenizer.unknown(options.prompt)
    if unknown:
        shown = ", ".join(repr(part) for part in unknown[:MOST_SHOWN]) + (", ..." if len(unknown) > MOST_SHOWN else "")
        reporter.info(f"Unknown to the model, and read as unknown symbols: {shown}.")
    if options.seed is None and options.temperature > 0:
        reporter.info(f"The seed is {seed}; --seed {seed} writes the same text again.")
    return Writing(options.prompt, seed, model.tokenizer.level, unknown, pieces)
