"""Transcribe recordings one by one; `predict_file.py` answers whole lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.tasks.transcribe.decoding import decoder
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribePredictOptions
from recurra.tasks.transcribe.subtitles import write
from recurra.tasks.transcribe.transcript import Transcript


def transcribe_files(
    model: Transcriber, paths: Iterable[str], options: TranscribePredictOptions
) -> Iterator[dict[str, Any]]:
    """Yield what is said in each file: path, text, confidence, seconds, words; and subtitles, where asked for.

    Raises ReadError, naming the file, for what is no sound.
    """
    found = decoder(model.alphabet, options)
    for path in paths:
        (transcript,) = model.transcribe([path], found)
        answer = {"path": path, **plain(transcript)}
        if options.subtitles:
            answer["subtitles"] = write(transcript.words, options.subtitles)
        yield answer


def plain(transcript: Transcript) -> dict[str, Any]:
    """Return a transcript as values of JSON."""
    return {
        "text": transcript.text,
        "confidence": transcript.confidence,
        "seconds": transcript.seconds,
        "words": [
            {"text": word.text, "start": word.start, "end": word.end, "confidence": word.confidence}
            for word in transcript.words
        ],
    }
