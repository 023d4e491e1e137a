"""What is learnt from: recordings with their transcripts, read, divided, and looked at."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.catalog import resolve
from recurra.data.fingerprint import Fingerprint
from recurra.errors import LabelError
from recurra.tasks.transcribe.alphabet import MOST_SYMBOLS, Alphabet, normalised
from recurra.tasks.transcribe.audio import sound
from recurra.tasks.transcribe.ctc import steps_needed
from recurra.tasks.transcribe.decoding import decoder
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.learn.division import divide
from recurra.tasks.transcribe.learn.fit import front_end_of
from recurra.tasks.transcribe.learn.waveforms import Waveforms
from recurra.tasks.transcribe.learn.word_list import closed_list
from recurra.tasks.transcribe.options import AUTO, TranscribeOptions
from recurra.tasks.transcribe.recording import Recording, Samples
from recurra.tasks.transcribe.utterance import Utterance, identity
from recurra.tasks.transcribe.utterances import read_utterances
from recurra.terminal.counts import counted
from recurra.training.split import Parts
from recurra.training.trainer import RunContext

LONGEST = 60.0
"""Seconds of a recording that is learnt from; a longer one needs parts."""
MOST_RATE = 16_000
"""Samples a second above which speech gains nothing."""
NAMED = 5
"""Recordings that a finding names."""


@dataclass(frozen=True)
class Corpus:
    """N utterances.

    transcripts: [N], normalised; waveforms: their samples, at the rate of the front end; parts: which of them train,
    validate and are held out; findings: what people should know of them, in sentences; facts: "data" of metrics.json.
    """

    utterances: list[Utterance]
    transcripts: list[str]
    waveforms: Waveforms
    front_end: FrontEnd
    alphabet: Alphabet
    parts: Parts
    findings: list[str] = field(repr=False)
    facts: dict[str, Any] = field(repr=False)

    def samples(self, row: int | np.integer[Any]) -> Samples:
        """Return the sound of a row."""
        return Samples(self.waveforms[int(row)], self.front_end.rate)

    def speakers(self, rows: NDArray[np.int64]) -> list[str | None]:
        """Return the speaker of each of some rows, None where not known."""
        return [self.utterances[row].speaker for row in rows]

    def texts(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the transcript of each of some rows."""
        return [self.transcripts[row] for row in rows]


def read_corpus(options: TranscribeOptions, context: RunContext, waveforms: Waveforms) -> Corpus:
    """Return the recordings of a run; their samples go into `waveforms`, which are empty.

    Raises ReadError, ColumnError and OptionError for data that cannot be read, LabelError for what cannot be divided or
    learnt.
    """
    fingerprint, heard = Fingerprint(), Fingerprint()
    source = resolve(context.data, holds="speech")
    test = options.test or (None if source.test is None else str(source.test))
    utterances, facts = read_utterances(source.path, options, transcripts=True, rejects=context.rejects)
    findings = list(facts.pop("notes"))
    first = len(utterances)
    if test:
        held_out, _ = read_utterances(test, options, transcripts=True)
        utterances = utterances + held_out
    rate = options.sample_rate or _usual_rate(utterances, findings)
    front_end = front_end_of(rate, options)
    context.reporter.info(f"Reading {counted(first, 'recording')} of {context.data} at {rate:,} samples a second.")
    training_fingerprint = ""
    transcripts: list[str] = []
    digests: list[bytes] = []
    for number, samples in enumerate(_read_waveforms(context.reporter.track(utterances, "Reading"), rate)):
        utterance = utterances[number]
        transcripts.append(normalised(utterance.transcript or "", options.normalise))
        fingerprint.add(*identity(utterance, transcripts[-1]))
        waveforms.append(samples)
        digests.append(_digest(samples))
        heard.add(*identity(utterance, transcripts[-1]), utterance.speaker, digests[-1])
        if number == first - 1:
            training_fingerprint = fingerprint.hexdigest()
    counts = np.array([waveforms.samples(row) for row in range(len(utterances))], dtype=np.int64)
    parts = _divided(utterances, transcripts, counts, digests, first, front_end, test, options, findings)
    alphabet = _alphabet(transcripts, parts, options, findings)
    return Corpus(
        utterances,
        transcripts,
        waveforms,
        front_end,
        alphabet,
        parts,
        findings,
        {
            "name": Path(context.data).name,
            "how": source.how if source.test else f"the file {Path(context.data).name}",
            "fingerprint": heard.hexdigest(),
            "training_fingerprint": training_fingerprint,
            "rows": len(utterances),
            "seconds": float(counts.sum()) / rate,
            "speakers": len({one.speaker for one in utterances if one.speaker is not None}),
            **facts,
        },
    )


def _usual_rate(utterances: list[Utterance], findings: list[str]) -> int:
    """Return the sample rate of most recordings, `MOST_RATE` at most; keep a finding where there are several."""
    rates = Counter(sound(utterance.path).rate for utterance in utterances)
    rate = rates.most_common(1)[0][0]
    if len(rates) > 1:
        others = ", ".join(f"{one:,} ({count:,})" for one, count in rates.most_common())
        findings.append(
            f"The recordings have several sample rates: {others}. All are read at {min(rate, MOST_RATE):,}; "
            "of telephone sound among others, choose the lowest with --sample-rate."
        )
    return min(rate, MOST_RATE)


def _read_waveforms(utterances: Iterator[Utterance], rate: int) -> Iterator[NDArray[np.float32]]:
    for utterance in utterances:
        blocks = list(Recording(utterance.path, utterance.start, utterance.end).blocks(rate))
        yield np.concatenate(blocks) if blocks else np.empty(0, dtype=np.float32)


def _divided(
    utterances: list[Utterance],
    transcripts: list[str],
    counts: NDArray[np.int64],
    digests: list[bytes],
    first: int,
    front_end: FrontEnd,
    test: str | None,
    options: TranscribeOptions,
    findings: list[str],
) -> Parts:
    """Divide the recordings, leaving out what cannot be learnt from. counts: [N], samples of each."""
    seconds = counts / front_end.rate
    fits = np.array(
        [
            steps_needed([ord(character) for character in text]) <= front_end.steps(int(count))
            for text, count in zip(transcripts, counts, strict=True)
        ]
    )
    files, speakers = [one.path for one in utterances], [one.speaker for one in utterances]
    parts = divide(
        files, digests, speakers, fits & (seconds <= LONGEST), first, options.model_copy(update={"test": test})
    )
    of_training = ~parts.test
    named = {
        "left out, too short for the transcript": ~fits & of_training,
        f"left out, longer than {LONGEST:.0f} s: give its parts, with their start and end": (seconds > LONGEST)
        & of_training,
        "without a word, learnt as silence": np.array([not text for text in transcripts]) & of_training,
    }
    for what, rows in named.items():
        if rows.any():
            findings.append(_finding(utterances, np.flatnonzero(rows), what))
    return parts


def _finding(utterances: list[Utterance], rows: NDArray[np.int64], what: str) -> str:
    """Return a finding about some rows, a few files of which are named."""
    names = list(dict.fromkeys(str(utterances[row].path.name) for row in rows))
    more = ", ..." if len(names) > NAMED else ""
    return f"{len(rows):,} recording{'s'[: len(rows) != 1]} {what} ({', '.join(names[:NAMED])}{more})."


def _alphabet(transcripts: list[str], parts: Parts, options: TranscribeOptions, findings: list[str]) -> Alphabet:
    """Return the alphabet of what is learnt; keep what of the held-out transcripts is outside it."""
    learnt = [transcripts[row] for row in np.flatnonzero(parts.train | parts.valid)]
    if not any(learnt):
        raise LabelError("No transcript to learn from has a word in it. Check --transcript and --normalise.")
    alphabet = Alphabet.of(learnt, options.normalise, closed_list(learnt, options.word_list, options.normalise))
    if len(alphabet) > MOST_SYMBOLS:
        raise LabelError(f"The transcripts have {len(alphabet):,} different characters; {MOST_SYMBOLS:,} are too many.")
    decoder(alphabet)  # a word that cannot be spelt is an error now, and not after the training
    held_out = [transcripts[row] for row in np.flatnonzero(parts.test)]
    if strange := sorted(set().union(*map(alphabet.unknown, held_out))):
        findings.append(
            "Held-out transcripts have characters that training has not, and which are never written: "
            f"{''.join(strange[:40])!r}."
        )
    if alphabet.words is not None:
        known = set(alphabet.words)
        outside = {word for text in held_out for word in text.split()} - known
        source = "the transcripts" if options.word_list in (None, AUTO) else options.word_list
        count = f"{len(known):,} words" if len(known) != 1 else "one word"
        findings.append(f"It will write {count} alone, those of {source}; with --word-list none, any.")
        if outside:
            findings.append(f"{len(outside):,} words of the held-out transcripts are not among them.")
    return alphabet


def _digest(samples: NDArray[np.float32]) -> bytes:
    """Return what equal recordings share."""
    return hashlib.blake2b(samples.tobytes(), digest_size=16).digest()
