"""Train a transcriber: many-to-many without an alignment, the text of recorded speech."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.catalog import resolve
from recurra.data.fingerprint import Fingerprint
from recurra.errors import LabelError
from recurra.tasks.transcribe.alphabet import MOST_SYMBOLS, Alphabet, normalised
from recurra.tasks.transcribe.audio import sound
from recurra.tasks.transcribe.ctc import steps_needed
from recurra.tasks.transcribe.decoding import decoder
from recurra.tasks.transcribe.edits import count_edits
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.learn.division import divide, numbered
from recurra.tasks.transcribe.learn.waveforms import Waveforms
from recurra.tasks.transcribe.learn.word_list import closed_list
from recurra.tasks.transcribe.metrics import compare_transcripts, score_transcripts
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import ANY_WORDS, AUTO, TranscribeOptions
from recurra.tasks.transcribe.recording import Recording, Samples
from recurra.tasks.transcribe.speed import timed
from recurra.tasks.transcribe.utterance import Utterance, identity
from recurra.tasks.transcribe.utterances import read_utterances
from recurra.training.control import RunControl
from recurra.training.split import Parts, draw
from recurra.training.trainer import RunContext, Trainer

if TYPE_CHECKING:
    from recurra.tasks.transcribe.learn.fit import FittedTranscriber

LONGEST = 60.0
"""Seconds of a recording that is learnt from; a longer one needs parts."""
MOST_RATE = 16_000
"""Samples a second above which speech gains nothing."""
NAMED = 5
"""Rows that a finding names."""
TRAIN_SAMPLE = 500
"""Training recordings on which the error is measured at the end."""
MISTAKES = 20


class TranscribeTrainer(Trainer[TranscribeOptions]):
    """Recordings with their transcripts."""

    summary_scores = ("wer", "wer_ci95", "cer", "cer_ci95", "exact_match", "exact_match_ci95", "rows", "words")

    _fitted: FittedTranscriber
    _transcriber: Transcriber
    _parts: Parts
    _front_end: FrontEnd
    _alphabet: Alphabet

    def __init__(self, options: TranscribeOptions, context: RunContext) -> None:
        super().__init__(options, context)
        self._waveforms: Waveforms | None = None
        self._utterances: list[Utterance] = []
        self._transcripts: list[str] = []
        self._findings: list[str] = []
        self._test = options.test

    def read(self) -> dict[str, Any]:
        from recurra.tasks.transcribe.learn.fit import front_end_of

        options, reporter, fingerprint = self.options, self.context.reporter, Fingerprint()
        heard = Fingerprint()
        with self.context.timing.step("read"):
            source = resolve(self.context.data, holds="speech")
            if options.test is None and source.test is not None:
                self._test = str(source.test)
            self._utterances, facts = read_utterances(
                source.path, options, transcripts=True, rejects=self.context.rejects
            )
            self._findings += facts.pop("notes")
            first = len(self._utterances)
            if self._test:
                held_out, _ = read_utterances(self._test, options, transcripts=True)
                self._utterances += held_out
            rate = options.sample_rate or self._usual_rate()
            self._front_end = front_end_of(rate, options)
            reporter.info(f"Reading {first:,} recordings of {self.context.data} at {rate:,} samples a second.")
            training_fingerprint = ""
            self._waveforms = Waveforms(self.context.directory)
            digests: list[bytes] = []
            for number, samples in enumerate(self._read_waveforms(rate)):
                utterance = self._utterances[number]
                self._transcripts.append(normalised(utterance.transcript or "", options.normalise))
                fingerprint.add(*identity(utterance, self._transcripts[-1]))
                self._waveforms.append(samples)
                digests.append(_digest(samples))
                heard.add(*identity(utterance, self._transcripts[-1]), utterance.speaker, digests[-1])
                if number == first - 1:
                    training_fingerprint = fingerprint.hexdigest()
            self._divide(first, digests)
        for finding in self._findings:
            reporter.info(f"Data: {finding}")
        reporter.info(f"Split: {self._parts.how}.")
        return {
            "name": Path(self.context.data).name,
            "how": (source.how if source.test else f"the file {Path(self.context.data).name}"),
            "fingerprint": heard.hexdigest(),
            "training_fingerprint": training_fingerprint,
            "rows": len(self._utterances),
            "seconds": sum(self._waveforms.samples(row) for row in range(len(self._waveforms))) / rate,
            "speakers": len({one.speaker for one in self._utterances if one.speaker is not None}),
            **facts,
        }

    def _usual_rate(self) -> int:
        """Return the sample rate of most recordings, `MOST_RATE` at most."""
        rates = Counter(sound(utterance.path).rate for utterance in self._utterances)
        rate = rates.most_common(1)[0][0]
        if len(rates) > 1:
            others = ", ".join(f"{one:,} ({count:,})" for one, count in rates.most_common())
            self._findings.append(
                f"The recordings have several sample rates: {others}. All are read at {min(rate, MOST_RATE):,}; "
                "of telephone sound among others, choose the lowest with --sample-rate."
            )
        return min(rate, MOST_RATE)

    def _read_waveforms(self, rate: int) -> Iterator[NDArray[np.float32]]:
        for utterance in self.context.reporter.track(self._utterances, "Reading"):
            blocks = list(Recording(utterance.path, utterance.start, utterance.end).blocks(rate))
            yield np.concatenate(blocks) if blocks else np.empty(0, dtype=np.float32)

    def _divide(self, first: int, digests: list[bytes]) -> None:
        """Choose the alphabet and divide the recordings, leaving out what cannot be learnt from."""
        options, utterances, waveforms = self.options, self._utterances, self._waveforms
        assert waveforms is not None
        steps = [self._front_end.steps(waveforms.samples(row)) for row in range(len(utterances))]
        seconds = np.array([waveforms.samples(row) for row in range(len(utterances))]) / self._front_end.rate
        fits = np.array(
            [
                steps_needed([ord(character) for character in text]) <= count
                for text, count in zip(self._transcripts, steps, strict=True)
            ]
        )
        usable = fits & (seconds <= LONGEST)
        files, speakers = [one.path for one in utterances], [one.speaker for one in utterances]
        tested = options.model_copy(update={"test": self._test})
        self._parts = divide(files, digests, speakers, usable, first, tested)
        of_training = ~self._parts.test
        self._find(~fits & of_training, "left out, too short for the transcript")
        self._find(
            (seconds > LONGEST) & of_training,
            f"left out, longer than {LONGEST:.0f} s: give its parts, with their start and end",
        )
        self._find(
            np.array([not text for text in self._transcripts]) & of_training, "without a word, learnt as silence"
        )
        learnt = [self._transcripts[row] for row in np.flatnonzero(self._parts.train | self._parts.valid)]
        if not any(learnt):
            raise LabelError("No transcript to learn from has a word in it. Check --transcript and --normalise.")
        self._alphabet = Alphabet.of(
            learnt, options.normalise, closed_list(learnt, options.word_list, options.normalise)
        )
        if len(self._alphabet) > MOST_SYMBOLS:
            raise LabelError(
                f"The transcripts have {len(self._alphabet):,} different characters; {MOST_SYMBOLS:,} are too many."
            )
        decoder(self._alphabet)  # a word that cannot be spelt is an error now, and not after the training
        held_out = [self._transcripts[row] for row in np.flatnonzero(self._parts.test)]
        if strange := sorted(set().union(*map(self._alphabet.unknown, held_out))):
            self._findings.append(
                "Held-out transcripts have characters that training has not, and which are never written: "
                f"{''.join(strange[:40])!r}."
            )
        if self._alphabet.words is not None:
            known = set(self._alphabet.words)
            outside = {word for text in held_out for word in text.split()} - known
            source = "the transcripts" if options.word_list in (None, AUTO) else options.word_list
            self._findings.append(
                f"It will write {len(known):,} words alone, those of {source}; with --word-list none, any."
            )
            if outside:
                self._findings.append(f"{len(outside):,} words of the held-out transcripts are not among them.")

    def _find(self, rows: NDArray[np.bool_], what: str) -> None:
        """Keep a finding about rows [N], where there are any."""
        numbers = np.flatnonzero(rows)
        if not len(numbers):
            return
        names = ", ".join(str(self._utterances[row].path.name) for row in numbers[:NAMED])
        more = " ..." if len(numbers) > NAMED else ""
        count = f"{len(numbers):,} recording{'s'[: len(numbers) != 1]}"
        self._findings.append(f"{count} {what} ({names}{more}).")

    def split(self) -> tuple[dict[str, Any], bytes]:
        return self._parts.counts(), self._parts.digest_bytes()

    def heading(self) -> str:
        from recurra.tasks.transcribe.learn.fit import EPOCHS

        options = self.options
        epochs = EPOCHS.epochs(options, int(self._parts.train.sum()))
        ways = "in both directions" if options.direction == "both" else "forward"
        return (
            f"Training {options.layers} x {options.cell.upper()}({options.hidden}) {ways}, {len(self._alphabet)} "
            f"symbols, {epochs} epoch{'s' if epochs > 1 else ''}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.transcribe.learn.fit import Utterances, fit_transcriber

        assert self._waveforms is not None
        speakers = numbered([one.speaker or "" for one in self._utterances])

        def part(mask: NDArray[np.bool_]) -> Utterances:
            rows = np.flatnonzero(mask)
            return Utterances(rows, [self._transcripts[row] for row in rows], speakers[rows])

        fitted = self._fitted = fit_transcriber(
            self._waveforms,
            part(self._parts.train),
            part(self._parts.valid),
            self._alphabet,
            self._front_end,
            self.options,
            control=control,
        )
        self._transcriber = Transcriber(fitted.shape, fitted.alphabet, fitted.graph)
        return fitted.history

    def evaluate(self) -> dict[str, Any]:
        reporter, timing = self.context.reporter, self.context.timing
        rows = np.flatnonzero(self._parts.test)
        references = [self._transcripts[row] for row in rows]
        speakers = [self._utterances[row].speaker for row in rows]
        metrics: dict[str, Any] = {"baseline": None, "paired": None}
        with timing.step("evaluate"):
            reporter.info("Evaluating on the held-out recordings ...")
            transcripts, speed = timed(self._transcriber, [self._samples(row) for row in rows])
            answers = [transcript.text for transcript in transcripts]
            metrics["test"] = score_transcripts(references, answers, speakers) | speed
            metrics["train"] = self._train_score()
            metrics["mistakes"] = self._mistakes(rows, answers)
        if self.options.baseline:
            with timing.step("baseline"):
                metrics |= self._baseline(rows, references, answers, speakers)
        return metrics | {
            "hygiene": {"findings": self._findings},
            "config": self.config(
                {
                    "sample_rate": self._front_end.rate,
                    "mels": self._front_end.mels,
                    "word_list": ANY_WORDS if self._alphabet.words is None else self.options.word_list or AUTO,
                }
            ),
        }

    def tokenizer_json(self) -> str:
        return self._fitted.alphabet.to_json()

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.transcribe.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.transcribe.learn.report import model_card

        return model_card(metrics)

    def close(self) -> None:
        if self._waveforms is not None:
            self._waveforms.close()
        self._utterances, self._transcripts = [], []

    def _samples(self, row: int | np.integer[Any]) -> Samples:
        assert self._waveforms is not None
        return Samples(self._waveforms[int(row)], self._front_end.rate)

    def _train_score(self) -> dict[str, Any]:
        """Return the error on training recordings, a sample of them where there are many."""
        rows = draw(np.flatnonzero(self._parts.train), TRAIN_SAMPLE, self.options.seed)
        answers = [transcript.text for transcript in self._transcriber.transcribe(map(self._samples, rows))]
        scores = score_transcripts([self._transcripts[row] for row in rows], answers)
        return {name: scores[name] for name in ("rows", "wer", "cer")}

    def _mistakes(self, rows: NDArray[np.int64], answers: list[str]) -> list[dict[str, Any]]:
        """Return the recordings with the most wrong words."""
        errors = [
            count_edits(self._transcripts[row].split(), answer.split()).errors
            for row, answer in zip(rows, answers, strict=True)
        ]
        worst = [place for place in np.argsort(-np.array(errors), kind="stable")[:MISTAKES] if errors[place]]
        return [
            {
                "recording": self._utterances[rows[place]].path.name,
                "speaker": self._utterances[rows[place]].speaker,
                "reference": self._transcripts[rows[place]],
                "answer": answers[place],
                "errors": errors[place],
            }
            for place in worst
        ]

    def _baseline(
        self, rows: NDArray[np.int64], references: list[str], answers: list[str], speakers: list[str | None]
    ) -> dict[str, Any]:
        """Return "baseline" and "paired" of metrics.json: None each where there is no baseline for such data."""
        from recurra.tasks.transcribe.learn.baseline import NAME, fit_templates

        assert self._waveforms is not None
        learnt = np.flatnonzero(self._parts.train | self._parts.valid)
        waveforms = self._waveforms
        templates = fit_templates(
            ((self._transcripts[row], waveforms[int(row)]) for row in learnt),
            [self._transcripts[row] for row in learnt],
            self._front_end,
            self.options.seed,
        )
        if templates is None:
            return {}
        self.context.reporter.info("Fitting the baseline ...")
        others = [templates.nearest(waveforms[int(row)]) for row in rows]
        scores = score_transcripts(references, others, speakers)
        kept = {
            key: value for key, value in scores.items() if key.removesuffix("_ci95") in ("wer", "cer", "exact_match")
        }
        return {
            "baseline": {"name": NAME, **kept},
            "paired": compare_transcripts(references, answers, others, speakers),
        }


def _digest(samples: NDArray[np.float32]) -> bytes:
    """Return what equal recordings share."""
    return hashlib.blake2b(samples.tobytes(), digest_size=16).digest()
