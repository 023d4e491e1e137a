"""`POST /score`: a CSV in, the same CSV with the predictions out, in bounded memory.

The upload is kept in a temporary file and read twice: once to validate it, so that an error comes before the first row
of the answer, and once to score it. Its rows go to the batcher in chunks, and share the engine with other requests.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from recurra.data.tables.table import Row, Table
from recurra.data.writers import AnswerColumn
from recurra.data.writers.writer import free_names
from recurra.errors import DataError, OptionError
from recurra.http.body import BODY_SECONDS, read_chunks
from recurra.http.errors import HTTPError, unprocessable
from recurra.http.model_reloader import ServedModel
from recurra.http.schemas import COMPUTE, error_schemas
from recurra.inference.label_answers import LabelAnswers
from recurra.many_to_one.feature_rows import FeatureRows
from recurra.many_to_one.given import Item
from recurra.many_to_one.options import ReadOptions
from recurra.many_to_one.reading import open_data
from recurra.tasks.classify.http.classifier import Predictions, ServedClassifier
from recurra.tasks.classify.options import PredictOptions
from recurra.terminal.progress import Reporter

CHUNK_ROWS = 64
"""Rows that are scored together: a run or two of the engine, so that other requests come in between."""

RETRY_SECONDS = 0.05
_SHOWN_PATH = "The CSV"

ADVICE = (
    "Send a CSV in UTF-8, with commas between its columns and a header; `/score?text=COLUMN` names the text's column."
)


def router(classifier: ServedClassifier) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/score",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "The CSV with the predictions.",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            },
            **error_schemas(*COMPUTE),
        },
        openapi_extra={
            "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string", "minLength": 1}}}}
        },
        summary="Score a CSV",
    )
    async def score(
        request: Request,
        text: Annotated[str | None, Query(description="Column with the text (default: the obvious one).")] = None,
        answer_empty: Annotated[
            bool, Query(description="Also give the answer to rows of which nothing known was read.")
        ] = False,
        top: Annotated[
            int | None, Query(ge=1, description="Give this many labels for each row, the most probable first.")
        ] = None,
        probabilities: Annotated[
            bool, Query(description="Also give a column for each label, p(LABEL), with its probability.")
        ] = False,
    ) -> Response:
        model = classifier.service.current_model()
        kind = request.headers.get("content-type", "text/csv").partition(";")[0].strip().lower()
        if kind != "text/csv":
            raise HTTPError(
                415, "not_csv", "Send the CSV itself as the body, with the header `Content-Type: text/csv`."
            )
        try:
            asked = PredictOptions(text=text, answer_empty=answer_empty, top=top, probabilities=probabilities)
            answers = LabelAnswers("predicted", model.labels, asked)
        except OptionError as error:
            raise unprocessable(str(error).replace("--top ", "top=").replace("--", ""), "too_many_columns") from None
        upload = _Upload(classifier, request, model, asked, answers)
        try:
            await upload.receive()
        except BaseException:
            await upload.close()
            raise
        return _ScoredResponse(upload)

    return routes


class _Upload:
    """One upload: its slot, its temporary file, its table, and the model that answers all of it."""

    def __init__(
        self,
        classifier: ServedClassifier,
        request: Request,
        model: ServedModel,
        asked: PredictOptions,
        answers: LabelAnswers,
    ) -> None:
        self._model, self._asked, self._answers = model, asked, answers
        self._columns = [*answers.leading, AnswerColumn("truncated", "flag"), *answers.further]
        self._rows = FeatureRows(model.model.tokenizer)
        self._classifier = classifier
        self._service = classifier.service
        self._request = request
        self._has_slot = False
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def receive(self) -> None:
        """Receive the upload and check every row of it. Raises HTTPError."""
        await self._classifier.uploads.__aenter__()
        self._has_slot = True
        self._folder = tempfile.TemporaryDirectory(prefix="recurra-score-")
        path = Path(self._folder.name) / "upload.csv"
        in_thread = self._service.run_in_thread
        with path.open("wb") as file:
            chunks = read_chunks(self._request, self._service.options.max_upload, BODY_SECONDS, per_chunk=True)
            async for chunk in chunks:
                await in_thread(lambda chunk=chunk: file.write(chunk))  # type: ignore[misc]
        try:
            self._table = await in_thread(lambda: self._check(path))
        except DataError as error:
            raise unprocessable(_for_clients(str(error), path), "bad_csv") from None

    def _check(self, path: Path) -> Table:
        """Read the table to its end; return it. Raises DataError."""
        options = ReadOptions(text=self._asked.text)
        quiet = Reporter(quiet=True)
        opened = open_data(str(path), options, quiet, label_needed=False, manifest=self._model.manifest)
        table = opened.table
        self._places = [table.columns.index(name) for name in (*opened.texts, *opened.features)]
        for batch in table.batches(table.columns):
            longest = max(
                (sum(len(row[place] or "") for place in self._places[: len(opened.texts)]) for row in batch), default=0
            )
            if longest > self._service.options.max_characters:
                most = self._service.options.max_characters
                raise unprocessable(f"A text has {longest:,} characters; at most {most:,} are read.", "input_too_long")
        return table

    async def scored(self) -> AsyncIterator[bytes]:
        """Yield the CSV with the predictions; it breaks off where the client disconnects or the server fails."""
        added = free_names([column.title or column.name for column in self._columns], self._table.columns)
        yield csv_lines([[*self._table.columns, *added]])
        batches = self._table.batches(self._table.columns, CHUNK_ROWS)
        while rows := await self._service.run_in_thread(lambda: next(batches, None)):
            predictions = await self._predict([self._text(row) for row in rows])
            yield await self._service.run_in_thread(
                lambda: csv_lines(self._with_predictions(rows, predictions))  # noqa: B023
            )

    def _text(self, row: Row) -> Item:
        return self._rows.of_cells([row[place] for place in self._places])

    async def _predict(self, texts: list[Item]) -> Predictions:
        """Return the predictions, waiting for room in the queue, so that an accepted upload is scored to its end."""
        while True:
            try:
                return await self._classifier.predict(texts, model=self._model)
            except HTTPError as error:
                if error.status != 429:
                    raise
            await asyncio.sleep(RETRY_SECONDS)

    def _with_predictions(self, rows: Sequence[Row], predictions: Predictions) -> Iterator[list[str | None]]:
        """Yield each row with its prediction, empty where nothing known was read unless that is asked for."""
        nothing_known = np.array([encoding.nothing_known for encoding in predictions.encodings], dtype=np.bool_)
        values = {
            **self._answers.columns(predictions.probabilities, None if self._asked.answer_empty else nothing_known),
            "truncated": [encoding.truncated for encoding in predictions.encodings],
        }
        cells = zip(
            *([column.as_text(column.value(kept)) for kept in values[column.name]] for column in self._columns),
            strict=True,
        )
        for row, answer in zip(rows, cells, strict=True):
            yield [*row, *answer]

    async def close(self) -> None:
        """Free the slot and delete the file."""
        if self._has_slot:
            self._has_slot = False
            await self._classifier.uploads.__aexit__()
        if self._folder is not None:
            folder, self._folder = self._folder, None
            folder.cleanup()


class _ScoredResponse(StreamingResponse):
    """The scored CSV. The upload is closed whatever happens to the connection."""

    def __init__(self, upload: _Upload) -> None:
        super().__init__(upload.scored(), media_type="text/csv; charset=utf-8")
        self._upload = upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._upload.close()


def csv_lines(rows: Iterator[list[Any]] | Sequence[Sequence[Any]]) -> bytes:
    """Return rows as lines of CSV in UTF-8."""
    lines = io.StringIO()
    for row in rows:
        # Before Python 3.13 a carriage return alone does not make the writer quote its field.
        bare = any("\r" in cell for cell in row if isinstance(cell, str))
        quoting: Literal[0, 1] = csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL
        csv.writer(lines, lineterminator="\n", quoting=quoting).writerow(row)
    return lines.getvalue().encode("utf-8", "surrogatepass")


def _for_clients(message: str, path: Path) -> str:
    """Return an error about a table for those who cannot see its path and have no command line.

    Of its sentences, those that advise options of a command are left out, in favour of what a request can do.
    """
    shown = message.replace(str(path), _SHOWN_PATH).replace(path.name, _SHOWN_PATH)
    shown = re.sub(r"`--text COL`|--text [A-Z]+\b", "`/score?text=COLUMN`", shown)
    shown = re.sub(r"`--text ([^`]+)`", r"`/score?text=\1`", shown).replace("--text", "text")
    sentences = re.split(r"(?<=[.?!]) ", shown)
    kept = [sentence for sentence in sentences if not re.search(r"(?<!\w)--[a-z]|\brecurra [a-z]", sentence)]
    if len(kept) < len(sentences):
        kept.append(ADVICE)
    return " ".join(kept)
