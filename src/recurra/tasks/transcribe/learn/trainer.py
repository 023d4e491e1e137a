"""Train a transcriber: many-to-many without an alignment, the text of recorded speech."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.kernel.layout import CELL_NAMES
from recurra.report.verdict import Verdict
from recurra.tasks.transcribe.learn.waveforms import Waveforms
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import ANY_WORDS, AUTO, TranscribeOptions
from recurra.training.control import RunControl
from recurra.training.split import numbered
from recurra.training.trainer import RunContext, Trainer

if TYPE_CHECKING:
    from recurra.tasks.transcribe.learn.corpus import Corpus
    from recurra.tasks.transcribe.learn.fit import FittedTranscriber


class TranscribeTrainer(Trainer[TranscribeOptions]):
    """Recordings with their transcripts."""

    summary_scores = ("wer", "wer_ci95", "cer", "cer_ci95", "exact_match", "exact_match_ci95", "rows", "words")

    _fitted: FittedTranscriber
    _transcriber: Transcriber
    _corpus: Corpus

    def __init__(self, options: TranscribeOptions, context: RunContext) -> None:
        super().__init__(options, context)
        self._waveforms: Waveforms | None = None

    def read(self) -> dict[str, Any]:
        from recurra.tasks.transcribe.learn.corpus import read_corpus

        with self.context.timing.step("read"):
            self._waveforms = Waveforms(self.context.directory)
            corpus = self._corpus = read_corpus(self.options, self.context, self._waveforms)
        for finding in corpus.findings:
            self.context.reporter.info(f"Data: {finding}")
        self.context.reporter.info(f"Split: {corpus.parts.how}.")
        return corpus.facts

    def split(self) -> tuple[dict[str, Any], bytes]:
        return self._corpus.parts.counts(), self._corpus.parts.digest_bytes()

    def heading(self) -> str:
        from recurra.tasks.transcribe.learn.fit import EPOCHS

        options = self.options
        epochs = EPOCHS.epochs(options, int(self._corpus.parts.train.sum()))
        ways = "in both directions" if options.direction == "both" else "forward"
        return (
            f"Training {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}) {ways}, "
            f"{len(self._corpus.alphabet)} symbols, {epochs} epoch{'s' if epochs > 1 else ''}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.transcribe.learn.fit import Utterances, fit_transcriber

        corpus = self._corpus
        # Those without a speaker are joined with each other, as if of one: words follow each other in any voice.
        speakers = numbered([one.speaker or "" for one in corpus.utterances])

        def part(mask: NDArray[np.bool_]) -> Utterances:
            rows = np.flatnonzero(mask)
            return Utterances(rows, corpus.texts(rows), speakers[rows])

        fitted = self._fitted = fit_transcriber(
            corpus.waveforms,
            part(corpus.parts.train),
            part(corpus.parts.valid),
            corpus.alphabet,
            corpus.front_end,
            self.options,
            control=control,
        )
        self._transcriber = Transcriber(fitted.shape, fitted.alphabet, fitted.graph)
        return fitted.history

    def evaluate(self) -> dict[str, Any]:
        from recurra.tasks.transcribe.learn.judgement import Judgement

        reporter, timing, corpus = self.context.reporter, self.context.timing, self._corpus
        metrics: dict[str, Any] = {"baseline": None, "paired": None}
        with timing.step("evaluate"):
            reporter.info("Evaluating on the held-out recordings ...")
            judgement = Judgement(corpus, self._transcriber, self.options.seed)
            metrics |= judgement.scores()
        if self.options.baseline:
            with timing.step("baseline"):
                metrics |= judgement.baseline(reporter)
        return metrics | {"hygiene": {"findings": corpus.findings}, "config": self.config()}

    def chosen(self) -> dict[str, Any]:
        corpus = self._corpus
        return {
            "sample_rate": corpus.front_end.rate,
            "mels": corpus.front_end.mels,
            "word_list": ANY_WORDS if corpus.alphabet.words is None else self.options.word_list or AUTO,
        }

    def tokenizer_json(self) -> str:
        return self._fitted.alphabet.to_json()

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.transcribe.learn.report import report_page

        return report_page(metrics).verdict

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.transcribe.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.transcribe.learn.report import model_card

        return model_card(metrics)

    def close(self) -> None:
        if self._waveforms is not None:
            self._waveforms.close()
