"""`recurra generate`: write on from a prompt. Base installation only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from recurra.errors import ArtefactError
from recurra.tasks.generate.model import Generator
from recurra.tasks.registry import load
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


def generate(
    directory: Path,
    prompt: str = "",
    tokens: int = 400,
    *,
    temperature: float = 0.8,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    reporter: Reporter | None = None,
) -> Writing:
    """Return the text that the model in `directory` writes after `prompt`: see `runtime.generator.Generator.generate`.

    Without a seed one is drawn, and said with `reporter`, so that the same text can be had again.
    Raises ArtefactError for what is no writing model, OptionError for values out of range.
    """
    reporter = reporter or Reporter()
    model = opened(directory)
    chosen = int(np.random.default_rng().integers(2**31)) if seed is None else seed
    pieces = model.generate(prompt, tokens, temperature=temperature, top_k=top_k, top_p=top_p, seed=chosen)
    unknown = model.units.unknown(prompt)
    if unknown:
        shown = ", ".join(repr(part) for part in unknown[:MOST_SHOWN]) + (", ..." if len(unknown) > MOST_SHOWN else "")
        reporter.info(f"Unknown to the model, and read as unknown symbols: {shown}.")
    if seed is None and temperature > 0:
        reporter.info(f"The seed is {chosen}; --seed {chosen} writes the same text again.")
    return Writing(prompt, chosen, model.units.level, unknown, pieces)


def opened(directory: Path) -> Generator:
    """Return the writing model in a directory. Raises ArtefactError for a model of another task."""
    model = load(directory)
    if not isinstance(model, Generator):
        raise ArtefactError(
            f"{directory} is no model that writes. Train one with: recurra train TEXT.txt --task generate --out DIR"
        )
    return model
