"""Transcribe every recording that a table lists into another table, safe from a kill."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recurra.data.tables.rejects import report_rejected
from recurra.data.writers import WRITERS, AnswerColumn
from recurra.errors import OptionError
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.inference.runtime import ort
from recurra.storage.journal import Columns
from recurra.tasks.transcribe.decoding import decoder, files_read
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribePredictOptions
from recurra.tasks.transcribe.recording import Recording
from recurra.tasks.transcribe.utterances import open_list
from recurra.terminal.progress import Reporter

COLUMNS = (AnswerColumn("text"), AnswerColumn("confidence", "number"), AnswerColumn("seconds", "number"))
PIECE_ROWS = 16
"""Recordings that are answered together."""
PART_ROWS = 64
"""Recordings that are kept at a time."""
TOTALS = {"silent_rows": "count(*) FILTER (text = '')"}


def predict_file(
    model: Transcriber,
    data: str,
    output: Path,
    options: TranscribePredictOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Transcribe every recording of the table `data` into `output`, which appears when it is whole. Returns counts.

    The table (.csv, .tsv, .jsonl, .parquet) keeps its columns, types and order, and gets the columns text, confidence
    and seconds. resume, overwrite, escape_formulas: as for every task. Raises ReadError, naming the recording, for what
    is no sound, with what was answered before kept.
    """
    reporter = reporter or Reporter()
    if options.subtitles:
        raise OptionError("--subtitles is for recordings given one by one, not for a table with --input. Leave it out.")
    if resume and (counts := placed_counts(output)) is not None:
        return {"rejected_rows": 0, **counts, "output": os.path.realpath(output)}
    suffix = output.suffix.lower()
    output = check_output(output, tuple(WRITERS), overwrite=overwrite, escape_formulas=escape_formulas, resume=resume)
    listing = open_list(
        data, options, output.with_name(f"{output.name}.rejects"), manifest=model.manifest, reporter=reporter
    )
    writer = WRITERS[suffix](listing.table, listing.columns, COLUMNS, escape=escape_formulas)
    chosen = decoder(model.alphabet, options)

    def answer(rows: list[Recording]) -> Columns:
        transcripts = model.transcribe(rows, chosen)
        return {
            "text": [transcript.text for transcript in transcripts],
            "confidence": [transcript.confidence for transcript in transcripts],
            "seconds": [transcript.seconds for transcript in transcripts],
        }

    how = Answering(
        answer,
        piece_rows=PIECE_ROWS,
        part_rows=PART_ROWS,
        prepare=listing.recording,
        doing="Transcribing",
        totals=TOTALS,
    )
    counts = answer_file(
        writer,
        how,
        output,
        {
            "model": {"digest": model.manifest.digest if model.manifest else ""},
            "options": {**options.model_dump(), **asdict(listing.table.dialect), "escape_formulas": escape_formulas},
            "files": files_read(options),
            "software": {"engine": model.engine.name, "onnxruntime": ort.__version__},
        },
        reporter,
        resume=resume,
        overwrite=overwrite,
    )
    report_rejected(listing.table, reporter)
    if counts["silent_rows"]:
        reporter.info(f"In {counts['silent_rows']:,} of {counts['rows']:,} recordings nothing was understood.")
    return {"rejected_rows": listing.table.rejected, **counts, "output": str(output)}
