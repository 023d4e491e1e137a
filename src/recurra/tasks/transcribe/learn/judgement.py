"""How a trained transcriber does on what was held out, its baseline beside it, and where it errs most."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.transcribe.edits import count_edits
from recurra.tasks.transcribe.learn.baseline import NAME, fit_templates
from recurra.tasks.transcribe.learn.corpus import Corpus
from recurra.tasks.transcribe.metrics import compare_transcripts, score_transcripts
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.speed import timed
from recurra.terminal.progress import Reporter
from recurra.training.split import draw

TRAIN_SAMPLE = 500
"""Training recordings on which the error is measured at the end."""
MISTAKES = 20
KEPT = ("wer", "cer", "exact_match")
"""Scores of the baseline that are kept."""


class Judgement:
    """A transcriber's answers to the held-out recordings of a corpus."""

    def __init__(self, corpus: Corpus, transcriber: Transcriber, seed: int) -> None:
        self._corpus, self._transcriber, self._seed = corpus, transcriber, seed
        self._rows = np.flatnonzero(corpus.parts.test)
        self._references, self._speakers = corpus.texts(self._rows), corpus.speakers(self._rows)
        transcripts, self._speed = timed(transcriber, [corpus.samples(row) for row in self._rows])
        self._answers = [transcript.text for transcript in transcripts]

    def scores(self) -> dict[str, Any]:
        """Return "test", "train" and "mistakes" of metrics.json."""
        test = score_transcripts(self._references, self._answers, self._speakers) | self._speed
        return {"test": test, "train": self._train_score(), "mistakes": self._mistakes()}

    def baseline(self, reporter: Reporter) -> dict[str, Any]:
        """Return "baseline" and "paired" of metrics.json; nothing where there is no baseline for such data."""
        corpus = self._corpus
        learnt = np.flatnonzero(corpus.parts.train | corpus.parts.valid)
        texts = corpus.texts(learnt)
        templates = fit_templates(
            ((text, corpus.waveforms[int(row)]) for text, row in zip(texts, learnt, strict=True)),
            texts,
            corpus.front_end,
            self._seed,
        )
        if templates is None:
            return {}
        reporter.info("Fitting the baseline ...")
        others = [templates.nearest(corpus.waveforms[int(row)]) for row in self._rows]
        scores = score_transcripts(self._references, others, self._speakers)
        kept = {key: value for key, value in scores.items() if key.removesuffix("_ci95") in KEPT}
        paired = compare_transcripts(self._references, self._answers, others, self._speakers)
        return {"baseline": {"name": NAME, **kept}, "paired": paired}

    def _train_score(self) -> dict[str, Any]:
        """Return the error on training recordings, a sample of them where there are many."""
        corpus = self._corpus
        rows: NDArray[np.int64] = draw(np.flatnonzero(corpus.parts.train), TRAIN_SAMPLE, self._seed)
        answers = [transcript.text for transcript in self._transcriber.transcribe(map(corpus.samples, rows))]
        scores = score_transcripts(corpus.texts(rows), answers)
        return {name: scores[name] for name in ("rows", "wer", "cer")}

    def _mistakes(self) -> list[dict[str, Any]]:
        """Return the recordings with the most wrong words."""
        errors = [
            count_edits(reference.split(), answer.split()).errors
            for reference, answer in zip(self._references, self._answers, strict=True)
        ]
        worst = [place for place in np.argsort(-np.array(errors), kind="stable")[:MISTAKES] if errors[place]]
        return [
            {
                "recording": self._corpus.utterances[self._rows[place]].path.name,
                "speaker": self._speakers[place],
                "reference": self._references[place],
                "answer": self._answers[place],
                "errors": errors[place],
            }
            for place in worst
        ]
