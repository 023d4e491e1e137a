"""Train a model that answers a whole text with a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.number_cells import NumberColumn
from recurra.data.tables.learnt import facts
from recurra.evaluation.metric import Floats
from recurra.evaluation.regression import compare_errors, score_numbers
from recurra.inference.threads import processor_count
from recurra.kernel.layout import CELL_NAMES
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.given import Item
from recurra.many_to_one.learn.continued_options import continuing_in_words, learnt_options
from recurra.many_to_one.learn.defaults import epochs_for
from recurra.many_to_one.learn.findings import token_counts, token_findings, with_ngrams
from recurra.many_to_one.learn.finish import figures_of
from recurra.many_to_one.learn.importance import importance
from recurra.many_to_one.learn.old_rows import Continuation
from recurra.many_to_one.learn.profile import profile_of
from recurra.many_to_one.learn.ridge_baseline import RidgeBaseline, fit_ridge_baseline, pooled_baseline
from recurra.many_to_one.learn.start import read_start
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.learn.vocabulary import fit_vocabulary, level_notes
from recurra.many_to_one.reading import Opened
from recurra.options.columns import column_names
from recurra.report.verdict import Verdict
from recurra.tasks.regress.intervals import stated
from recurra.tasks.regress.learn.before_after import compared, keep_apart
from recurra.tasks.regress.learn.findings import number_findings, repeat_findings, summary, summary_in_words
from recurra.tasks.regress.learn.split import divided, numbers_of, read_numbers
from recurra.tasks.regress.model import TextRegressor
from recurra.tasks.regress.options import RegressOptions
from recurra.tasks.regress.scores import by_columns, evaluate
from recurra.text.text_columns import readable
from recurra.training.control import RunControl
from recurra.training.split import Parts, draw
from recurra.training.trainer import Answers, RunContext, Trainer
from recurra.training.word_vectors import vector_findings

if TYPE_CHECKING:
    from recurra.tasks.regress.learn.fit import FittedNumbers

TRAIN_SAMPLE = 5_000
"""Rows of the training part on which its error is measured at the end."""
MISTAKES = 20
MISTAKE_CHARACTERS = 600


class RegressTrainer(Trainer[RegressOptions]):
    """Rows of a text and a number each, from any readable table."""

    summary_scores = (
        "rows", "mae", "mae_ci95", "rmse", "rmse_ci95", "r2", "r2_ci95", "spearman", "spearman_ci95", "coverage",
        "coverage_ci95", "width",
    )  # fmt: skip
    loss_unit = ""

    search_metric = "mae"

    _fitted: FittedNumbers
    _model: TextRegressor
    _targets: Floats
    _parts: Parts
    _baseline: RidgeBaseline

    def __init__(self, options: RegressOptions, context: RunContext) -> None:
        self._base, options = read_start(options, "regress", old_test=options.old_test)
        super().__init__(options, context)
        self._going_on: Continuation | None = None
        if isinstance(self._base, Trained):
            self._going_on = Continuation(self._base, options, context.directory)
        self._corpus = Corpus(context.directory, punctuation=options.punctuation, level=options.level)
        self._quality: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        reporter, timing, options = self.context.reporter, self.context.timing, self.options
        with timing.step("read"):
            opened, named, column = read_numbers(
                self._corpus, self.context.data, options, reporter, rejects=self.context.rejects
            )
            self._corpus.seal()
        self._targets = numbers_of(self._corpus)
        self._parts = divided(self._corpus, self._targets, named, options, self.context.fold)
        told = [] if self._going_on is None else keep_apart(self._going_on, self._corpus, self._parts, self.context)
        timing.move("read", "tokenise", self._corpus.tokenising_seconds)
        with timing.step("tokenise"):
            self.options = learnt_options(options, self._corpus, self._parts.train, 2, self._base)
            self._quality = self._findings(
                opened, column, [*self._corpus.told_of_features, *level_notes(options, self.options), *told]
            )
        reporter.info(f"Split: {self._parts.how}.")
        return {
            "name": opened.source.name,
            "how": opened.source.how,
            "fingerprint": self._corpus.fingerprint,
            "training_fingerprint": self._corpus.training_fingerprint,
            "rows": len(self._corpus),
            **opened.facts(),
            "target": opened.label,
            **facts(opened.table),
            **({} if self._base is None else {"from": self._base.facts()}),
        }

    def split(self) -> tuple[dict[str, Any], bytes]:
        weights = b"" if self._corpus.weights is None else self._corpus.weights.tobytes()
        return self._parts.counts(), self._parts.digest_bytes() + weights + self._corpus.feature_bytes()

    def heading(self) -> str:
        options, rows = self.options, int(self._parts.train.sum())
        if self._going_on is not None:
            return continuing_in_words(self._going_on.trained, options, rows, [], self._quality)
        start = "" if self._base is None else f" from {self._base.path}"
        several = f" {options.ensemble} networks of" if options.ensemble > 1 else ""
        epochs = epochs_for(options, rows, 2)
        return (
            f"Training{start}{several} {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}), "
            f"{options.direction}, {options.pooling} pooling, {with_ngrams(options)}{epochs} "
            f"epoch{'s' if epochs > 1 else ''}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.regress.learn.fit import fit_regressor

        parts = self._parts
        self._fitted = fit_regressor(
            self._corpus,
            self._targets,
            parts.train,
            parts.valid,
            self.options,
            sample_weight=self._corpus.weights,
            base=self._base,
            control=control,
        )
        self._model = self._fitted.regressor()
        return self._fitted.history

    @property
    def epochs_tell(self) -> bool:
        return not self.options.ngrams

    def validation(self) -> dict[str, float]:
        return figures_of(self._fitted.valid)

    def held_out(self) -> Answers:
        reporter, timing, parts = self.context.reporter, self.context.timing, self._parts
        with timing.step("evaluate"):
            reporter.info("Evaluating on the held-out rows ...")
            found = list(self._model.predict_iter(self._texts(parts.test)))
            names = ("values", "low", "high", "tokens", "truncated", "nothing_known")
            held = {name: np.concatenate([getattr(part, name) for part in found]) for name in names}
            held["row"] = np.flatnonzero(parts.test)
            held["constant"] = np.full(len(held["row"]), np.median(self._targets[parts.train]))
        if self.options.baseline:
            with timing.step("baseline"):
                reporter.info("Training the baseline (n-grams and ridge regression) on the same rows ...")
                self._baseline = fit_ridge_baseline(
                    self._corpus,
                    self._targets,
                    parts.train,
                    parts.valid,
                    parts.test,
                    seed=self.options.seed,
                    threads=self.options.threads or processor_count(),
                    weights=self._corpus.weights,
                )
                rows = len(self._baseline.predictions)
                held |= {
                    "baseline": self._baseline.predictions,
                    "baseline_rows": np.full(rows, self._baseline.rows_used),
                    "baseline_features": np.full(rows, self._baseline.features),
                }
        return held

    def judged(self, held: Answers) -> dict[str, Any]:
        targets = self._targets[held["row"]]
        found: dict[str, Any] = {"test": self._scores(held, targets), "baseline": None, "paired": None}
        found["mistakes"] = self._mistakes(held)
        if "baseline" in held:
            baseline = pooled_baseline(held) if self.pooled is held else self._baseline
            found["baseline"] = baseline.summary(targets, self.options.seed)
            found["paired"] = compare_errors(held["values"], held["baseline"], targets)
        return found

    def out_of_fold(self, held: Answers) -> dict[str, list[Any]]:
        return {
            "row": self._corpus.sources[held["row"]].tolist(),
            "truth": self._targets[held["row"]].tolist(),
            "answer": held["values"].tolist(),
            "lo": held["low"].tolist(),
            "hi": held["high"].tolist(),
        }

    def evaluate(self) -> dict[str, Any]:
        reporter, timing, fitted = self.context.reporter, self.context.timing, self._fitted
        held = self.pooled or self.held_out()
        with timing.step("evaluate"):
            metrics: dict[str, Any] = {"ensemble": None, "continued": None, **self.judged(held)}
            targets = self._targets[held["row"]]
            if self._corpus.features is not None and self.pooled is None:
                metrics["features"] = self._importance(targets)
            metrics["train"] = self._train_score()
            metrics["valid"] = fitted.valid
            metrics["constant"] = {
                "value": float(np.median(held["constant"])),
                **self._constant(held["constant"], targets),
            }
            if fitted.members and self.pooled is None:
                metrics["ensemble"] = self._ensemble(targets, held["values"])
            if self._going_on is not None:
                reporter.info("Evaluating before and after, on the same rows ...")
                metrics["continued"] = compared(
                    self._going_on, self._model, self._corpus, self._parts, fitted.tokenizer.size
                )
        return metrics | {
            "intervals": stated(fitted.intervals),
            "temperature": fitted.temperature,
            "export": fitted.export,
            "ngrams": fitted.ngrams,
            "hygiene": self._quality,
            "config": self.config(),
        }

    def _importance(self, targets: NDArray[np.float64]) -> dict[str, Any]:
        clipped = self._fitted.intervals.clipped

        def nearness(answers: NDArray[np.float64], rows: NDArray[np.intp]) -> float:
            return -float(np.abs(clipped(answers[:, 0]) - targets[rows]).mean())

        return importance(
            self._model,
            self._texts(self._parts.test),
            nearness,
            measure="nearness (mean absolute error)",
            seed=self.options.seed,
        )

    def summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        figures = {name: metrics[name] for name in ("export", "temperature", "intervals")}
        learnt = self._parts.train | self._parts.valid
        profile = profile_of(self._corpus, learnt, numbers=self._targets[learnt], start=self._base)
        return (
            super().summary(metrics)
            | figures
            | profile
            | {"unknown_rate": metrics["hygiene"]["tokens"]["unknown_rate"]}
        )

    def tokenizer_json(self) -> str:
        return self._fitted.tokenizer.to_json()

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.regress.learn.report import render

        return render(metrics)

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.regress.learn.report import report_page

        return report_page(metrics).verdict

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.regress.learn.report import model_card

        return model_card(metrics)

    def close(self) -> None:
        self._corpus.close()
        if self._going_on is not None:
            self._going_on.close()

    def _findings(self, opened: Opened, column: NumberColumn, notes: list[str]) -> dict[str, Any]:
        """Report what is odd about the data; return "hygiene" of metrics.json."""
        reporter, corpus, parts = self.context.reporter, self._corpus, self._parts
        vocabulary = fit_vocabulary(corpus, parts.train, self.options, None, self._base)
        quality = {
            name: value
            for name, value in corpus.quality.report().items()
            if name not in ("classes", "majority_share", "missing_labels")
        }
        numbers = summary(self._targets)
        tokens = token_counts(corpus, parts, self.options, vocabulary)
        sentences = [
            *opened.notes,
            *notes,
            *number_findings(column, numbers, self._targets, corpus.sources),
            *token_findings(corpus, tokens, self.options),
        ]
        if vocabulary.of_base is not None and self._base is not None:
            sentences += vocabulary.of_base.findings(self._base.path)
        if vocabulary.vectors and vocabulary.facts:
            sentences += vector_findings(vocabulary.facts, vocabulary.vectors.vectors.notes)
        sentences += repeat_findings(quality)
        reporter.info(summary_in_words(opened.label or "", numbers))
        for sentence in sentences:
            reporter.info(f"Data: {sentence}")
        return quality | {"findings": sentences, "numbers": numbers, "cells": column.report(), "tokens": tokens}

    def _scores(self, held: Answers, targets: Floats) -> dict[str, Any]:
        """Return the evaluation of the held-out rows, from text to graph."""
        scores = evaluate(
            held["values"],
            held["low"],
            held["high"],
            targets,
            held["tokens"],
            held["truncated"],
            level=self._fitted.intervals.level,
            seed=self.options.seed,
        )
        scores["nothing_known_rows"] = int(held["nothing_known"].sum())
        if names := column_names(self.options.slice or ""):
            answers = (held["values"], held["low"], held["high"], targets)
            scores["slices"]["columns"] = by_columns(self._corpus.beside, names, held["row"], *answers)
        return scores

    def _constant(self, values: Floats, targets: Floats) -> dict[str, Any]:
        scores = score_numbers(values, targets, self.options.seed)
        return {name: scores[name] for name in ("mae", "mae_ci95", "rmse", "rmse_ci95")}

    def _ensemble(self, targets: Floats, values: Floats) -> dict[str, Any]:
        """Return each member of an ensemble: seed, valid, epochs, and its error on the held-out rows; and whether all
        together err less than the first."""
        from recurra.many_to_one.learn.ensemble import member_seeds

        fitted, members, first = self._fitted, [], None
        seeds = member_seeds(len(fitted.members), self.options.seed)
        for seed, member in zip(seeds, fitted.members, strict=True):
            model = member.model(TextRegressor, fitted.tokenizer, [])
            model.intervals = fitted.intervals
            alone = model.predict(self._texts(self._parts.test))
            first = alone if first is None else first
            scores = score_numbers(alone, targets, self.options.seed)
            members.append(
                {
                    "seed": seed,
                    "valid": member.valid,
                    "epochs": len(member.history),
                    "mae": scores["mae"],
                    "mae_ci95": scores["mae_ci95"],
                }
            )
        return {"members": members, "gain": None if first is None else compare_errors(values, first, targets)}

    def _train_score(self) -> dict[str, Any]:
        """Return the errors on training rows, a sample of them where there are many."""
        chosen = draw(np.flatnonzero(self._parts.train), TRAIN_SAMPLE, self.options.seed)
        values = self._model.predict(self._corpus.rows(chosen))
        errors = values - self._targets[chosen]
        return {
            "rows": len(chosen),
            "mae": float(np.abs(errors).mean()),
            "rmse": float(np.sqrt(np.square(errors).mean())),
        }

    def _mistakes(self, held: Answers) -> list[dict[str, Any]]:
        corpus, chosen = self._corpus, held["row"]
        values, low, high = held["values"], held["low"], held["high"]
        errors = values - self._targets[chosen]
        mistakes: list[dict[str, Any]] = []
        shown: set[int] = set()
        for place in np.argsort(-np.abs(errors), kind="stable"):
            row = int(chosen[place])
            if len(mistakes) == MISTAKES:
                break
            if int(corpus.groups[row]) in shown:
                continue  # one of several copies is enough
            shown.add(int(corpus.groups[row]))
            text = readable(corpus.texts[row])
            mistakes.append(
                {
                    "row": int(corpus.sources[row]),
                    "truth": float(self._targets[row]),
                    "predicted": float(values[place]),
                    "lo": float(low[place]),
                    "hi": float(high[place]),
                    "text": text if len(text) <= MISTAKE_CHARACTERS else text[:MISTAKE_CHARACTERS] + " …",
                }
            )
        return mistakes

    def _texts(self, rows: NDArray[np.bool_]) -> Iterator[Item]:
        """Return the chosen rows [N] as the model reads them, read from the disk as they are gone through."""
        return self._corpus.rows(np.flatnonzero(rows))
