"""Evaluate a transcriber on recordings with transcripts. Base installation and the extra `audio` only."""

from __future__ import annotations

from typing import Any

from recurra.data.catalog import resolve
from recurra.data.fingerprint import Fingerprint
from recurra.tasks.task import warn_of_training_data
from recurra.tasks.transcribe.decoding import decoder
from recurra.tasks.transcribe.metrics import score_transcripts
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribeEvaluateOptions
from recurra.tasks.transcribe.recording import Recording
from recurra.tasks.transcribe.speed import timed
from recurra.tasks.transcribe.utterance import identity
from recurra.tasks.transcribe.utterances import read_utterances
from recurra.terminal.counts import counted
from recurra.terminal.progress import Reporter


def evaluate(model: Transcriber, data: str, options: TranscribeEvaluateOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on the recordings of `data`; see `metrics.score_transcripts`.

    Of a named data set these are its held-out part.

    References and answers are compared in the form in which the model learnt transcripts. Raises ReadError and
    ColumnError.
    """
    source = resolve(data, holds="speech")
    utterances, _ = read_utterances(
        source.test or source.path, options, transcripts=True, manifest=model.manifest, reporter=reporter
    )
    reporter.info(f"Reading {counted(len(utterances), 'recording')} of {data}.")
    references = [model.alphabet.normalised(utterance.transcript or "") for utterance in utterances]
    fingerprint = Fingerprint()
    for utterance, reference in zip(utterances, references, strict=True):
        fingerprint.add(*identity(utterance, reference))
    warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter)
    sounds = (Recording(one.path, one.start, one.end) for one in reporter.track(utterances, "Transcribing"))
    transcripts, speed = timed(model, sounds, decoder(model.alphabet, options))
    result = score_transcripts(
        references, [transcript.text for transcript in transcripts], [one.speaker for one in utterances]
    )
    return result | speed
