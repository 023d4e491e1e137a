"""Train a model that gives several labels: many-to-one, any number of labels for a whole text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.tables.learnt import facts
from recurra.evaluation.label_comparison import compare_micro_f1
from recurra.evaluation.label_scores import score_labels
from recurra.evaluation.label_thresholds import Thresholds
from recurra.inference.threads import processor_count
from recurra.kernel.layout import CELL_NAMES
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.given import Item
from recurra.many_to_one.learn.continued_options import continuing_in_words, learnt_options
from recurra.many_to_one.learn.defaults import epochs_for
from recurra.many_to_one.learn.findings import with_ngrams
from recurra.many_to_one.learn.finish import figures_of
from recurra.many_to_one.learn.importance import importance
from recurra.many_to_one.learn.old_rows import Continuation
from recurra.many_to_one.learn.profile import profile_of
from recurra.many_to_one.learn.start import read_start
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.learn.vocabulary import level_notes
from recurra.many_to_one.text_profile import counted_labels
from recurra.options.columns import column_names
from recurra.storage.model_directory import Label
from recurra.tasks.multilabel.learn.baseline import Baseline, fit_baseline, pooled_baseline
from recurra.tasks.multilabel.learn.before_after import compared, keep_apart
from recurra.tasks.multilabel.learn.findings import report_findings
from recurra.tasks.multilabel.learn.mistakes import worst_rows
from recurra.tasks.multilabel.learn.split import LabelledParts, Members, divided, read_label_rows
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.tasks.multilabel.options import MultilabelOptions
from recurra.tasks.multilabel.slices import by_columns
from recurra.training.control import RunControl
from recurra.training.split import draw
from recurra.training.trainer import Answers, RunContext, Trainer

if TYPE_CHECKING:
    from recurra.many_to_one.learn.fitted import FittedText

TRAIN_SAMPLE = 5_000
"""Rows of the training part on which its scores are measured at the end."""


class MultilabelTrainer(Trainer[MultilabelOptions]):
    """Rows of a text and a set of labels each, from any readable table."""

    summary_scores = ("micro_f1", "micro_f1_ci95", "macro_f1", "rows")

    search_metric = "log_loss"

    _fitted: FittedText
    _model: MultilabelClassifier
    _thresholds: Thresholds
    _members: Members
    _parts: LabelledParts
    _baseline: Baseline

    def __init__(self, options: MultilabelOptions, context: RunContext) -> None:
        self._base, options = read_start(options, "multilabel", old_test=options.old_test)
        super().__init__(options, context)
        self._going_on: Continuation | None = None
        if isinstance(self._base, Trained):
            self._going_on = Continuation(self._base, options, context.directory)
        self._corpus = Corpus(context.directory, punctuation=options.punctuation, level=options.level)
        self._labels: list[str] = []
        self._quality: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        reporter, timing, options = self.context.reporter, self.context.timing, self.options
        with timing.step("read"):
            read = read_label_rows(self._corpus, self.context.data, options, reporter, rejects=self.context.rejects)
            self._corpus.seal()
        known = [] if self._going_on is None else list(map(str, self._going_on.trained.labels))
        self._labels, self._members, self._parts = divided(self._corpus, read.named, options, known, self.context.fold)
        told = [] if self._going_on is None else keep_apart(self._going_on, self._corpus, self._parts, self.context)
        timing.move("read", "tokenise", self._corpus.tokenising_seconds)
        opened = read.table.opened
        with timing.step("tokenise"):
            classes = max(2, len(self._labels))
            self.options = learnt_options(options, self._corpus, self._parts.train, classes, self._base)
            self._quality = report_findings(
                self._corpus,
                self._labels,
                self._members,
                self._parts,
                self.options,
                reporter,
                notes=(
                    *opened.notes,
                    *self._corpus.told_of_features,
                    *level_notes(options, self.options),
                    *read.told,
                    *told,
                ),
                base=self._base,
            )
        reporter.info(f"Split: {self._parts.how}.")
        return {
            "name": opened.source.name,
            "how": opened.source.how,
            "fingerprint": self._corpus.fingerprint,
            "training_fingerprint": self._corpus.training_fingerprint,
            "rows": len(self._corpus),
            **opened.facts(),
            **read.table.facts(),
            **facts(opened.table),
            **({} if self._base is None else {"from": self._base.facts()}),
        }

    def split(self) -> tuple[dict[str, Any], bytes]:
        weights = b"" if self._corpus.weights is None else self._corpus.weights.tobytes()
        return self._parts.counts(), self._parts.digest_bytes() + weights + self._corpus.feature_bytes()

    def heading(self) -> str:
        options, rows = self.options, int(self._parts.train.sum())
        if self._going_on is not None:
            return continuing_in_words(self._going_on.trained, options, rows, self._labels, self._quality)
        start = "" if self._base is None else f" from {self._base.path}"
        several = f" {options.ensemble} networks of" if options.ensemble > 1 else ""
        epochs = epochs_for(options, rows, max(2, len(self._labels)))
        return (
            f"Training{start}{several} {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}), "
            f"{options.direction}, {options.pooling} pooling, {with_ngrams(options)}{epochs} "
            f"epoch{'s' if epochs > 1 else ''}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.multilabel.learn.fit import fit_multilabel, opened

        parts = self._parts
        self._fitted = fit_multilabel(
            self._corpus,
            self._members,
            parts.train,
            parts.valid,
            self.options,
            sample_weight=self._corpus.weights,
            base=self._base,
            control=control,
        )
        self._model, self._thresholds = opened(
            self._fitted, self.labels(), self._corpus, self._members, parts.valid, self.options
        )
        return self._fitted.history

    @property
    def epochs_tell(self) -> bool:
        return not self.options.ngrams

    def validation(self) -> dict[str, float]:
        return figures_of(self._fitted.valid)

    def held_out(self) -> Answers:
        reporter, timing, rows = self.context.reporter, self.context.timing, self._parts.test
        with timing.step("evaluate"):
            reporter.info("Evaluating on the held-out rows ...")
            found = list(self._model.predict_iter(self._texts(rows)))
            names = ("probabilities", "truncated", "nothing_known")
            held = {name: np.concatenate([getattr(part, name) for part in found]) for name in names}
            held |= {"row": np.flatnonzero(rows), "given": held["probabilities"] >= self._thresholds.values}
        if self.options.baseline:
            with timing.step("baseline"):
                reporter.info(
                    "Training the baseline (TF-IDF, a logistic regression for each label) on the same rows ..."
                )
                held |= self._baseline_answers()
        return held

    def judged(self, held: Answers) -> dict[str, Any]:
        members, given = self._members[held["row"]], held["given"]
        scores = score_labels(held["probabilities"], members, self._thresholds.values, self._labels, given=given)
        scores["truncated_rows"] = int(held["truncated"].sum())
        scores["nothing_known_rows"] = int(held["nothing_known"].sum())
        if names := column_names(self.options.slice or ""):
            scores["slices"] = {"columns": by_columns(self._corpus.beside, names, held["row"], given, members)}
        mistakes = worst_rows(self._corpus, held["row"], held["probabilities"], members, given, self._labels)
        found: dict[str, Any] = {"test": scores, "mistakes": mistakes, "baseline": None, "paired": None}
        if "baseline" in held:
            baseline = pooled_baseline(held) if self.pooled is held else self._baseline
            found["baseline"] = baseline.summary(members, self._labels)
            found["paired"] = compare_micro_f1([given], [held["baseline"]], members)
        return found

    def out_of_fold(self, held: Answers) -> dict[str, list[Any]]:
        labels = np.array(self._labels, dtype=object)
        return {
            "row": self._corpus.sources[held["row"]].tolist(),
            "truth": [json.dumps(labels[row].tolist()) for row in self._members[held["row"]]],
            "answer": [json.dumps(labels[row].tolist()) for row in held["given"]],
            **{f"p_{label}": held["probabilities"][:, k].tolist() for k, label in enumerate(self._labels)},
        }

    def evaluate(self) -> dict[str, Any]:
        reporter, timing, fitted = self.context.reporter, self.context.timing, self._fitted
        metrics: dict[str, Any] = {"test": None, "baseline": None, "paired": None, "mistakes": [], "continued": None}
        own = self.held_out() if self._parts.test.any() else None
        with timing.step("evaluate"):
            if (held := self.pooled or own) is not None:
                metrics |= self.judged(held)
            if own is not None and self._corpus.features is not None:
                metrics["features"] = self._importance(self._members[self._parts.test])
            if self._going_on is not None:
                reporter.info("Evaluating before and after, on the same rows ...")
                metrics["continued"] = compared(
                    self._going_on, self._model, self._corpus, self._parts, self._labels, fitted.tokenizer.size
                )
            metrics["train"] = self._train_score()
            metrics["valid"] = fitted.valid
        return metrics | {
            "thresholds": {"values": self._thresholds.values.tolist(), **self._thresholds.facts()},
            "ensemble": self._ensemble(),
            "temperature": fitted.temperature,
            "export": fitted.export,
            "ngrams": fitted.ngrams,
            "hygiene": self._quality,
            "config": self.config(),
        }

    def _importance(self, members: Members) -> dict[str, Any]:
        cuts = self._thresholds.values

        def micro_f1(answers: NDArray[np.float64], rows: NDArray[np.intp]) -> float:
            given, true = answers >= cuts, members[rows]
            return 2 * float((given & true).sum()) / max(1, int(given.sum() + true.sum()))

        return importance(
            self._model, self._texts(self._parts.test), micro_f1, measure="micro F1", seed=self.options.seed
        )

    def labels(self) -> list[Label]:
        return list(self._labels)

    def summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        figures = {name: metrics[name] for name in ("export", "temperature")}
        figures["thresholds"] = metrics["thresholds"]["values"]
        learnt = self._parts.train | self._parts.valid
        profile = profile_of(
            self._corpus, learnt, labels=counted_labels(self._labels, self._members[learnt]), start=self._base
        )
        return (
            super().summary(metrics)
            | figures
            | profile
            | {"unknown_rate": metrics["hygiene"]["tokens"]["unknown_rate"]}
        )

    def tokenizer_json(self) -> str:
        return self._fitted.tokenizer.to_json()

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.multilabel.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.multilabel.learn.card import model_card

        return model_card(metrics)

    def close(self) -> None:
        self._corpus.close()
        if self._going_on is not None:
            self._going_on.close()

    def _baseline_answers(self) -> Answers:
        """Return the baseline's answers to the held-out rows."""
        parts = self._parts
        self._baseline = fit_baseline(
            self._corpus,
            self._members,
            parts.train,
            parts.valid,
            parts.test,
            threshold=self.options.threshold,
            seed=self.options.seed,
            threads=self.options.threads or processor_count(),
            weights=self._corpus.weights,
        )
        rows = len(self._baseline.probabilities)
        return {
            "baseline": self._baseline.given,
            "baseline_probabilities": self._baseline.probabilities,
            "baseline_rows": np.full(rows, self._baseline.rows_used),
            "baseline_features": np.full(rows, self._baseline.features),
        }

    def _train_score(self) -> dict[str, Any]:
        """Return the scores of training rows, a sample of them where there are many."""
        chosen = draw(np.flatnonzero(self._parts.train), TRAIN_SAMPLE, self.options.seed)
        chances = self._model.predict_proba(self._corpus.rows(chosen))
        scores = score_labels(chances, self._members[chosen], self._thresholds.values, self._labels)
        return {"rows": len(chosen), **{name: scores[name] for name in ("micro_f1", "macro_f1", "log_loss")}}

    def _ensemble(self) -> dict[str, Any] | None:
        """Return each member of an ensemble: seed, valid, epochs and seconds."""
        from recurra.many_to_one.learn.ensemble import member_seeds

        members = self._fitted.members
        if not members:
            return None
        return {
            "members": [
                {
                    "seed": seed,
                    "valid": member.valid,
                    "epochs": len(member.history),
                    "seconds": sum(entry["seconds"] for entry in member.history),
                }
                for seed, member in zip(member_seeds(len(members), self.options.seed), members, strict=True)
            ]
        }

    def _texts(self, rows: NDArray[np.bool_]) -> Iterator[Item]:
        """Return the chosen rows [N] as the model reads them, read from the disk as they are gone through."""
        return self._corpus.rows(np.flatnonzero(rows))
