"""`POST /score`: a CSV in, the same CSV with the answers out, in bounded memory.

The upload is kept in a temporary file and read twice: once to find what is wrong with it, so that a refusal comes
before the first row of the answer, and once to score it. Its rows go to the batcher in pieces like any request's, and
share the engine with them.
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Row, Table
from recurra.errors import DataError
from recurra.http.body import PATIENCE_SECONDS, read_pieces
from recurra.http.errors import HTTPError, unprocessable
from recurra.http.schemas import WORK, refusals
from recurra.http.service import Answers, Service
from recurra.tasks.classify.columns import choose_columns

PIECE_ROWS = 64
"""Rows that are scored together: a run or two of the engine, so that other requests come in between."""

RETRY_SECONDS = 0.05
_SHOWN_PATH = "The CSV"

ADDED = ("predicted", "probability", "truncated")


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/score",
        response_class=StreamingResponse,
        responses={
            200: {"description": "The CSV with the answers.", "content": {"text/csv": {"schema": {"type": "string"}}}},
            **refusals(*WORK),
        },
        openapi_extra={
            "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string", "minLength": 1}}}}
        },
        summary="Score a CSV",
    )
    async def score(
        request: Request,
        text: Annotated[str | None, Query(description="Column with the text (default: the obvious one).")] = None,
    ) -> Response:
        service.served()
        kind = request.headers.get("content-type", "text/csv").partition(";")[0].strip().lower()
        if kind != "text/csv":
            raise HTTPError(
                415, "not_csv", "Send the CSV itself as the body, with the header `Content-Type: text/csv`."
            )
        scoring = _Scoring(service, request, text)
        try:
            await scoring.open()
        except BaseException:
            await scoring.close()
            raise
        return _Scored(scoring)

    return routes


class _Scoring:
    """One upload on its way: its turn, its temporary file, its table."""

    def __init__(self, service: Service, request: Request, text: str | None) -> None:
        self._service = service
        self._request = request
        self._text = text
        self._turn = False
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def open(self) -> None:
        """Take in the upload and check every row of it. Raises HTTPError."""
        await self._service.scoring.__aenter__()
        self._turn = True
        self._folder = tempfile.TemporaryDirectory(prefix="recurra-score-")
        path = Path(self._folder.name) / "upload.csv"
        in_thread = self._service.in_thread
        with path.open("wb") as file:
            pieces = read_pieces(self._request, self._service.options.max_upload, PATIENCE_SECONDS, each=True)
            async for piece in pieces:
                await in_thread(lambda piece=piece: file.write(piece))  # type: ignore[misc]
        try:
            self._table, self._place = await in_thread(lambda: self._checked(path))
        except DataError as error:
            raise unprocessable(_without_path(str(error), path), "bad_csv") from None

    def _checked(self, path: Path) -> tuple[Table, int]:
        """Open the table and read it to its end. Raises DataError."""
        table = open_table(path)
        manifest = self._service.served().model.manifest
        usual = manifest.data.get("text") if manifest else None
        named = self._text or (usual if usual in table.columns else None)
        chosen = choose_columns(table.columns, named, label_needed=False)
        place = table.columns.index(chosen.text)
        for batch in table.batches(table.columns):
            longest = max((len(row[place] or "") for row in batch), default=0)
            if longest > self._service.options.max_characters:
                most = self._service.options.max_characters
                raise unprocessable(f"A text has {longest:,} characters; at most {most:,} are read.", "input_too_long")
        return table, place

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the CSV with its answers; broken off where the client goes or the server cannot go on."""
        added = [_free(name, self._table.columns) for name in ADDED]
        yield csv_lines([[*self._table.columns, *added]])
        batches = self._table.batches(self._table.columns, PIECE_ROWS)
        while rows := await self._service.in_thread(lambda: next(batches, None)):
            answers = await self._answers([row[self._place] or "" for row in rows])
            yield await self._service.in_thread(lambda: csv_lines(_lines_of(rows, answers)))  # noqa: B023

    async def _answers(self, texts: list[str]) -> Answers:
        """Return the answers, waiting for room in the queue: an upload that was accepted is not refused half way."""
        while True:
            try:
                return await self._service.answer(texts)
            except HTTPError as error:
                if error.status != 429:
                    raise
            await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        """Give back the turn and the file."""
        if self._turn:
            self._turn = False
            await self._service.scoring.__aexit__()
        if self._folder is not None:
            folder, self._folder = self._folder, None
            folder.cleanup()


class _Scored(StreamingResponse):
    """The answer of a scoring, which is closed whatever happens to the connection."""

    def __init__(self, scoring: _Scoring) -> None:
        super().__init__(scoring.pieces(), media_type="text/csv; charset=utf-8")
        self._scoring = scoring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._scoring.close()


def _lines_of(rows: Sequence[Row], answers: Answers) -> Iterator[list[Any]]:
    best = answers.probabilities.argmax(axis=1).tolist()
    chances = answers.probabilities.max(axis=1).tolist()
    for row, label, chance, encoding in zip(rows, best, chances, answers.encodings, strict=True):
        yield [*row, answers.served.labels[label], f"{chance:.6g}", encoding.truncated]


def csv_lines(rows: Iterator[list[Any]] | Sequence[Sequence[Any]]) -> bytes:
    """Return rows as lines of CSV in UTF-8."""
    lines = io.StringIO()
    for row in rows:
        # Before Python 3.13 a carriage return alone does not make the writer quote its field.
        bare = any("\r" in cell for cell in row if isinstance(cell, str))
        quoting: Literal[0, 1] = csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL
        csv.writer(lines, lineterminator="\n", quoting=quoting).writerow(row)
    return lines.getvalue().encode("utf-8", "surrogatepass")


def _free(name: str, columns: Sequence[str]) -> str:
    while name in columns:
        name += "_"
    return name


def _without_path(sentence: str, path: Path) -> str:
    return sentence.replace(str(path), _SHOWN_PATH).replace("`--text COL`", "`/score?text=COLUMN`")
