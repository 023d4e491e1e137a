"""How fast a transcriber answers: the real-time factor."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from recurra.tasks.transcribe.decoding import Decoder
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.recording import Sound
from recurra.tasks.transcribe.transcript import Transcript


def timed(
    transcriber: Transcriber, sounds: Iterable[Sound], decoder: Decoder | None = None
) -> tuple[list[Transcript], dict[str, Any]]:
    """Return the transcripts, and seconds (of sound) and real_time_factor: the time that it took, divided by them."""
    started = time.perf_counter()
    transcripts = transcriber.transcribe(sounds, decoder)
    took = time.perf_counter() - started
    seconds = sum(transcript.seconds for transcript in transcripts)
    return transcripts, {"seconds": seconds, "real_time_factor": took / seconds if seconds else None}
