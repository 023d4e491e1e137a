"""What the server does with a model that writes down speech."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.tasks.transcribe.audio import audio_installed
from recurra.tasks.transcribe.http import transcribe, websocket
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.predict import plain
from recurra.tasks.transcribe.recording import Samples


def start(service: Service) -> Backend:
    """Return the routes. Raises OptionError where what reads sound is not installed."""
    audio_installed()
    return Backend(routers=(transcribe.router(service), websocket.router(service)))


def _trial(model: Transcriber) -> list[Any]:
    """Return answers to a second of noise: at once, and as a stream."""
    noise = np.random.default_rng(0).normal(scale=0.1, size=model.shape.rate).astype(np.float32)
    session = model.session() if model.shape.direction == "forward" else model.repeated_session()
    heard = session.feed(noise, model.shape.rate)
    whole = model.transcribe([Samples(noise, model.shape.rate)])[0]
    scores = model.log_probabilities([model.front_end(noise)])[0]
    return [scores, plain(whole), heard.text, plain(session.finish())]


def _facts(model: Transcriber) -> dict[str, Any]:
    return {
        "rate": model.shape.rate,
        "characters": "".join(model.alphabet.characters),
        "words": None if model.alphabet.words is None else len(model.alphabet.words),
        "streams": model.shape.direction == "forward",
    }


TASK = ServedTask(
    name="transcribe",
    title="Speech recognition",
    description="writes down speech",
    routes={
        "/transcribe": "the text of a recording, with the time of each word, or its subtitles",
        "/transcribe/stream": "the text so far of sound that arrives in pieces, over a WebSocket",
    },
    start=start,
    trial=_trial,
    facts=_facts,
    tabs=(("recordings", "Recordings"), ("microphone", "Microphone"), ("model", "The model")),
    folder=Path(__file__).parents[1] / "page",
)
