"""Which moments of a recording each character was written from: where the network is sure of it, and what is lost when
a moment is hidden.

A recurrent network may write a character later than it is said, once it has heard enough. So its time alone does not
say what carried it. Each moment in turn, with its surroundings, is replaced by the recording's mean frame, and how much
less likely the characters become is measured (occlusion). Source: Zeiler and Fergus, 2014, Visualizing and
understanding convolutional networks, for images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.tasks.transcribe.alphabet import BLANK
from recurra.tasks.transcribe.ctc import Decoded, align, decoded, log_likelihood, steps_needed
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.pieces import pieces
from recurra.tasks.transcribe.recording import Recording
from recurra.tasks.transcribe.timing import Word, words_of

MOMENT = 0.06
"""Seconds of a moment, at least. It is hidden with as much before and after it: half of a sound often says it all."""
MOMENTS = 100
"""Most moments of a recording; those of a longer one are longer."""
RIVALS = 2
LEAST = 0.01
"""Probability of a rival that is named."""
NEAR = 2
"""Steps before and after its own in which a character may be written when something is hidden."""
SHARE = 0.5
"""A character was carried by the moments with at least this share of the greatest loss."""
LEAST_LOSS = 0.05
"""Nats: where no moment loses so much (5 % of its probability), none alone carried it."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Character:
    """One character of a text.

    start, end: seconds in which the network was sure of it. probability: at its surest step. rivals: the likeliest
    others at that step with their probabilities; "" is writing nothing. carried: the seconds from the first to the
    last moment without which it loses most; None where no moment alone matters.
    """

    text: str
    start: float
    end: float
    probability: float
    rivals: tuple[tuple[str, float], ...]
    carried: tuple[float, float] | None


@dataclass(frozen=True)
class Explanation:
    """What a text was written from.

    recording: its path. given: whether the text is not the model's own. seconds: how long the explained part is; whole:
    whether that is all of the recording. log_probability: of the text. moments: [W, 2] seconds. text_losses: [W] and
    losses [L, W], in nats: how much less likely the text, and each character, is without the moment. levels: [S, M]
    the loudness of frequencies at each step, 0..1. ends: [S + 1] the seconds between the steps.
    """

    recording: str
    text: str
    given: bool
    seconds: float
    whole: bool
    log_probability: float
    words: tuple[Word, ...]
    characters: tuple[Character, ...]
    moments: Floats
    text_losses: Floats
    losses: Floats
    levels: Floats
    ends: Floats


def explain(model: Transcriber, recording: str, target: str | None = None) -> Explanation:
    """Explain the text of a file, or of its first half minute or so; target: another text than the model's own.

    Raises ReadError for what is no sound, OptionError for a text that the model cannot write or that is too long.
    """
    cut = pieces(Recording(recording).blocks(model.shape.rate), model.shape.rate)
    _, samples = next(cut)
    whole = next(cut, None) is None
    frames = model.front_end(samples)
    (log_probs,) = model.log_probabilities([frames])
    found = model.decoder(log_probs) if target is None else _given(model, log_probs, target, recording)
    symbols = found.symbols
    size = _size(model, frames)
    steps = [(start, min(start + size, len(frames))) for start in range(0, len(frames), size)]
    hidden = np.repeat(frames[None], len(steps), axis=0)
    for row, (start, end) in enumerate(steps):
        hidden[row, max(0, start - size) : end + size] = frames.mean(axis=0)
    without = model.log_probabilities(list(hidden))
    total = log_likelihood(log_probs, symbols)
    at_best = _best(log_probs, found)
    losses = np.stack([at_best - _best(one, found) for one in without], axis=1)
    ends = np.array([model.front_end.seconds(step) for step in range(len(frames) + 1)])
    moments = np.array([(ends[start], ends[end]) for start, end in steps])
    return Explanation(
        recording,
        model.alphabet.text(symbols.tolist()),
        target is not None,
        len(samples) / model.shape.rate,
        whole,
        total,
        tuple(words_of(found, model.alphabet, model.front_end, end=len(samples) / model.shape.rate)),
        tuple(_characters(model, log_probs, found, losses, moments, ends)),
        moments,
        total - np.array([log_likelihood(one, symbols) for one in without]),
        losses,
        _levels(frames.reshape(len(frames), model.shape.stack, -1)[:, :, : model.shape.mels].mean(axis=1)),
        ends,
    )


def _given(model: Transcriber, log_probs: NDArray[np.float32], target: str, recording: str) -> Decoded:
    text = model.alphabet.normalised(target)
    symbols = model.alphabet.symbols(text)
    if symbols is None:
        raise OptionError(
            f"The model cannot write {''.join(sorted(model.alphabet.unknown(text)))!r}, which --target has. Give a "
            "text of the characters of its training transcripts."
        )
    if steps_needed(symbols) > len(log_probs):
        raise OptionError(f"--target has more characters than fit into {recording}. Give a shorter text.")
    return decoded(log_probs, symbols, align(log_probs, symbols), log_likelihood(log_probs, symbols))


def _size(model: Transcriber, frames: NDArray[np.float32]) -> int:
    """Return the steps of a moment."""
    step = model.front_end.seconds(1) - model.front_end.seconds(0)
    return max(1, round(MOMENT / step), -(-len(frames) // MOMENTS))


def _best(log_probs: NDArray[np.float32], found: Decoded) -> Floats:
    """Return the highest log-probability [L] of each symbol in or near its span, but not in that of a neighbour."""
    spans = found.spans
    first = np.maximum(spans[:, 0] - NEAR, np.r_[0, spans[:-1, 1]]) if len(spans) else spans[:, 0]
    last = np.minimum(spans[:, 1] + NEAR, np.r_[spans[1:, 0], len(log_probs)]) if len(spans) else spans[:, 1]
    best = [log_probs[a:b, symbol].max() for a, b, symbol in zip(first, last, found.symbols, strict=True)]
    return np.array(best, dtype=np.float64)


def _characters(
    model: Transcriber, log_probs: NDArray[np.float32], found: Decoded, losses: Floats, moments: Floats, ends: Floats
) -> list[Character]:
    made = []
    for row, (symbol, (start, end)) in enumerate(zip(found.symbols.tolist(), found.spans.tolist(), strict=True)):
        probabilities = np.exp(log_probs[start + int(log_probs[start:end, symbol].argmax())].astype(np.float64))
        others = [int(other) for other in np.argsort(-probabilities, kind="stable") if other != symbol][:RIVALS]
        most = float(losses[row].max())
        carried = np.flatnonzero(losses[row] >= SHARE * most)
        made.append(
            Character(
                model.alphabet.text([symbol]),
                float(ends[start]),
                float(ends[end]),
                float(probabilities[symbol]),
                tuple(
                    ("" if other == BLANK else model.alphabet.text([other]), float(probabilities[other]))
                    for other in others
                    if probabilities[other] >= LEAST
                ),
                (float(moments[carried[0], 0]), float(moments[carried[-1], 1])) if most >= LEAST_LOSS else None,
            )
        )
    return made


def _levels(bands: NDArray[np.float32]) -> Floats:
    """Return levels 0..1: from the quietest to the loudest of the recording."""
    low, high = float(bands.min()), float(bands.max())
    return np.asarray((bands - low) / (high - low or 1.0), dtype=np.float64)


def plain(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as the values of one JSON object."""
    return {
        "path": explanation.recording,
        "text": explanation.text,
        "given": explanation.given,
        "seconds": round(explanation.seconds, 3),
        "whole": explanation.whole,
        "log_probability": round(explanation.log_probability, 6),
        "words": [
            {"text": word.text, "start": word.start, "end": word.end, "confidence": word.confidence}
            for word in explanation.words
        ],
        "characters": [
            {
                "text": one.text,
                "start": round(one.start, 4),
                "end": round(one.end, 4),
                "probability": round(one.probability, 6),
                "rivals": [{"text": text, "probability": round(value, 6)} for text, value in one.rivals],
                "carried": None if one.carried is None else [round(second, 4) for second in one.carried],
                "losses": [round(float(loss), 4) for loss in losses],
            }
            for one, losses in zip(explanation.characters, explanation.losses, strict=True)
        ],
        "moments": [
            {"start": round(float(start), 4), "end": round(float(end), 4), "loss": round(float(loss), 4)}
            for (start, end), loss in zip(explanation.moments, explanation.text_losses, strict=True)
        ],
    }
