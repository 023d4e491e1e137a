"""`POST /transcribe`: the text of a recording, with the time of each word, or its subtitles."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from recurra.errors import ReadError
from recurra.http.body import INLINE_BYTES, read_json
from recurra.http.errors import HTTPError, unprocessable
from recurra.http.schemas import COMPUTE, RequestBody, body_schema, error_schemas, parse_request
from recurra.http.service import Service
from recurra.http.sse import respond
from recurra.tasks.transcribe.audio import duration
from recurra.tasks.transcribe.http.upload import Upload
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.predict import plain
from recurra.tasks.transcribe.recording import Recording
from recurra.tasks.transcribe.subtitles import write
from recurra.tasks.transcribe.timing import Word
from recurra.tasks.transcribe.transcript import Transcript, transcript_of

LONG_SECONDS = 5.0
"""Seconds from which a recording, half a minute of which is heard in one step, holds up others."""

KINDS = ("application/octet-stream", "application/ogg", "")
"""Types of a body, besides audio/* and video/*, that is the recording itself."""

SUBTITLES = {"srt": "text/plain; charset=utf-8", "vtt": "text/vtt; charset=utf-8"}


class TranscribeRequest(RequestBody):
    """A recording within JSON, for those who can send nothing else; the body itself may be the recording."""

    audio: str = Field(
        min_length=1, description="The bytes of a WAV, FLAC, OGG or MP3 file in base64.",
        json_schema_extra={"contentEncoding": "base64"},
    )  # fmt: skip


class TimedWord(BaseModel):
    """A word, when it was said, in seconds from the start, and how sure it is, 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


class TranscribeResponse(BaseModel):
    """What is said in a recording."""

    model: str
    text: str
    confidence: float | None = Field(description="The mean of that of the words; null where there are none.")
    seconds: float = Field(description="How long the recording is.")
    words: list[TimedWord]


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    described = body_schema(TranscribeRequest, service.options)
    binary = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
    described["requestBody"]["content"] |= {"audio/*": binary, "application/octet-stream": binary}
    texts = {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in SUBTITLES.values()}

    @routes.post(
        "/transcribe",
        response_model=TranscribeResponse,
        responses={200: {"content": texts}, **error_schemas(*COMPUTE)},
        openapi_extra=described,
        summary="Write down a recording",
    )
    async def transcribe(
        request: Request,
        subtitles: Annotated[
            Literal["srt", "vtt"] | None, Query(description="Return subtitles of this kind in place of JSON.")
        ] = None,
    ) -> Response:
        model: Transcriber = service.current_model().model
        found: list[Transcript] = []

        def answer(pieces: list[tuple[float, list[Word]]]) -> dict[str, Any]:
            words = [word for _, piece in pieces for word in piece]
            found.append(transcript_of(words, pieces[-1][0] if pieces else 0.0))
            return {"model": service.name, **plain(found[0])}

        with Upload(service) as upload:
            await _receive(upload, service, request)
            long = await service.run_in_thread(lambda: _seconds(upload, service.options.max_seconds)) > LONG_SECONDS
            pieces = _heard(model, upload, service.options.max_seconds)
            response = await respond(service, request, pieces, answer, long_steps=long)
        if subtitles is None:
            return response
        return Response(write(found[0].words, subtitles), headers={"content-type": SUBTITLES[subtitles]})

    return routes


async def _receive(upload: Upload, service: Service, request: Request) -> None:
    """Receive the recording in a request. Raises HTTPError 408, 413, 415, 422 and 429."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        text = parse_request(TranscribeRequest, await read_json(request, service.options.max_body)).audio
        inline = len(text) <= INLINE_BYTES
        upload.take(_decoded(text) if inline else await service.run_in_thread(lambda: _decoded(text)))
        return
    if kind not in KINDS and not kind.startswith(("audio/", "video/")):
        raise HTTPError(
            415,
            "not_audio",
            "Send the recording itself as the body, with the header `Content-Type: audio/wav` or "
            '`application/octet-stream`; or JSON, {"audio": its bytes in base64}.',
        )
    await upload.receive(request)
    if not upload.size:
        raise unprocessable("The body is empty. Send the bytes of a WAV, FLAC, OGG or MP3 file.", "bad_audio")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise unprocessable("audio: it is not base64.") from None


def _seconds(upload: Upload, most: float) -> float:
    """Return how long a recording says it is. Raises HTTPError 422 for what is no sound, or too long."""
    try:
        seconds = duration(upload.file)
    except ReadError as error:
        raise _unreadable(error) from None
    upload.file.seek(0)
    if seconds > most:
        raise unprocessable(
            f"The recording lasts {seconds:,.1f} s; at most {most:g} s are taken. Send it in parts.", "input_too_long"
        )
    return seconds


def _heard(model: Transcriber, upload: Upload, most: float) -> Iterator[tuple[float, list[Word]]]:
    """Yield what `Transcriber.transcribe_pieces` does. Raises HTTPError 422 for what is no sound, or too long."""
    try:
        yield from model.transcribe_pieces(Recording(upload.file, longest=most))
    except ReadError as error:
        raise _unreadable(error) from None
    finally:
        upload.file.close()


def _unreadable(error: ReadError) -> HTTPError:
    message = str(error)
    return unprocessable(message if message.endswith((".", "?", "!")) else f"{message}.", "bad_audio")
