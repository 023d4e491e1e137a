"""A model is judged on the held-out rows alone, its baseline on the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from recurra.evaluation.significance import mcnemar
from recurra.tasks.series.learn.baseline import baselines, best
from recurra.tasks.series.learn.corpus import read_corpus
from recurra.tasks.series.learn.fit import fit_series
from recurra.tasks.series.learn.judgement import Judgement
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesOptions
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext
from support.series_files import TINY, write_long


def test_model_and_baseline_answer_the_same_rows(tmp_path: Path) -> None:
    options = SeriesOptions(**{**TINY, "values": "x,y", "label": "label", "split": 0.4})
    reporter = Reporter(quiet=True)
    context = RunContext(str(write_long(tmp_path / "a.csv")), tmp_path, tmp_path / "rejects", reporter)
    corpus = read_corpus(options, context)
    fitted = fit_series(
        corpus.rows(corpus.parts.train),
        corpus.rows(corpus.parts.valid),
        corpus.series.channels,
        3,
        corpus.kind,
        options,
    )
    model = SeriesModel(fitted.shape, fitted.inputs, corpus.labels, fitted.graph)
    judgement = Judgement(corpus, model, fitted, 0)
    scores, beside = judgement.scores(), judgement.baseline(reporter)
    test, learnt = np.flatnonzero(corpus.parts.test), np.flatnonzero(corpus.learnt)
    answers = model.outputs([corpus.series.values[row] for row in test]).argmax(axis=1)
    truth = corpus.targets[test]
    assert scores["test"]["accuracy"] == pytest.approx(accuracy_score(truth, answers))
    wrong = {corpus.series.ids[row] for row in test[answers != truth]}
    assert {one["series"] for one in scores["mistakes"]} == wrong or len(wrong) > len(scores["mistakes"])
    mean, deviation = fitted.weights["mean"], fitted.weights["deviation"]
    training, held_out = (
        [(fitted.inputs.frames(corpus.series.values[row]) - mean) / deviation for row in rows]
        for rows in (learnt, test)
    )
    chosen = best(
        baselines(training, corpus.targets[learnt], held_out, 3, "classify", 0), corpus.targets[learnt], "classify"
    )
    assert beside["baseline"]["name"] == chosen.name
    assert beside["baseline"]["accuracy"] == pytest.approx(accuracy_score(truth, chosen.answers))
    assert beside["paired"] == mcnemar(answers == truth, chosen.answers == truth)
