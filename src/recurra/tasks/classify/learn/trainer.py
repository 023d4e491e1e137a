"""Train a classifier: many-to-one, a label for a whole text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.tables.learnt import facts
from recurra.evaluation.class_scores import confident_mistakes
from recurra.evaluation.decision import Decision
from recurra.evaluation.ordinal import compare_steps
from recurra.evaluation.significance import mcnemar
from recurra.inference.threads import processor_count
from recurra.kernel.layout import CELL_NAMES
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.given import Item
from recurra.many_to_one.learn.continued_options import continuing_in_words, learnt_options
from recurra.many_to_one.learn.defaults import epochs_for, ngrams_first, student
from recurra.many_to_one.learn.findings import with_ngrams
from recurra.many_to_one.learn.finish import figures_of
from recurra.many_to_one.learn.importance import importance
from recurra.many_to_one.learn.old_rows import Continuation
from recurra.many_to_one.learn.profile import profile_of
from recurra.many_to_one.learn.ridge_baseline import fit_ridge_baseline
from recurra.many_to_one.learn.start import read_start
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.learn.vocabulary import level_notes
from recurra.many_to_one.text_profile import counted_labels
from recurra.many_to_one.unlabelled import UnlabelledTexts
from recurra.options.columns import column_names
from recurra.options.weighting import class_weights, weights_of_rows
from recurra.report.verdict import Verdict
from recurra.storage.model_directory import Label
from recurra.tasks.classify.learn.ablation import ablation
from recurra.tasks.classify.learn.baseline import Baseline, fit_baseline, pooled_baseline
from recurra.tasks.classify.learn.before_after import compared, keep_apart
from recurra.tasks.classify.learn.decide import Tuning, tuning
from recurra.tasks.classify.learn.findings import report_findings
from recurra.tasks.classify.learn.read_unlabelled import read_unlabelled
from recurra.tasks.classify.learn.split import LabelledParts, divided, read_rows
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ClassifyOptions
from recurra.tasks.classify.scores import evaluate
from recurra.tasks.classify.slices import by_columns
from recurra.text.text_columns import readable
from recurra.training.control import RunControl
from recurra.training.split import draw
from recurra.training.trainer import Answers, RunContext, Trainer

if TYPE_CHECKING:
    from recurra.many_to_one.learn.fitted import FittedText

TRAIN_SAMPLE = 5_000
"""Rows of the training part on which its accuracy is measured at the end."""
MISTAKES = 20
MISTAKE_CHARACTERS = 600
RIDGE = "Ridge regression"
"""Of what is called so where each fold has chosen another one."""


class ClassifyTrainer(Trainer[ClassifyOptions]):
    """Rows of a text and a label each, from any readable table."""

    summary_scores = ("accuracy", "accuracy_ci95", "rows", "steps_off", "label_error", "weighted_kappa")

    search_metric = "log_loss"

    _fitted: FittedText
    _model: Classifier
    _targets: NDArray[np.int64]
    _parts: LabelledParts
    _baseline: Baseline
    _ridge: str
    _taught: ClassifyOptions
    """The options of a teacher, where there is one."""

    def __init__(self, options: ClassifyOptions, context: RunContext) -> None:
        self._base, options = read_start(options, "classify", new_head=options.new_head, old_test=options.old_test)
        super().__init__(options, context)
        self._going_on: Continuation | None = None
        if isinstance(self._base, Trained):
            self._going_on = Continuation(self._base, options, context.directory)
        self._corpus = Corpus(context.directory, punctuation=options.punctuation, level=options.level)
        self._labels: list[str] = []
        self._class_weights: dict[str, float] | None = None
        self._weights: NDArray[np.float64] | None = None
        self._tuning: Tuning | None = None
        self._decided: dict[str, Any] = {}
        self._quality: dict[str, Any] = {}
        self._unlabelled: UnlabelledTexts | None = None
        self._teacher: dict[str, Any] | None = None

    def read(self) -> dict[str, Any]:
        reporter, timing, options = self.context.reporter, self.context.timing, self.options
        with timing.step("read"):
            opened, named_parts = read_rows(
                self._corpus, self.context.data, options, reporter, rejects=self.context.rejects
            )
            self._corpus.seal()
        known = [] if self._going_on is None else list(map(str, self._going_on.trained.labels))
        self._labels, self._targets, self._parts = divided(self._corpus, named_parts, options, known, self.context.fold)
        told = [] if self._going_on is None else keep_apart(self._going_on, self._corpus, self._parts, self.context)
        unlabelled: dict[str, Any] = {}
        self._weigh()
        with timing.step("tokenise"):
            self._taught = learnt_options(options, self._corpus, self._parts.train, len(self._labels), self._base)
        if options.unlabelled is not None:
            with timing.step("read"):
                self._unlabelled, unlabelled["unlabelled"] = read_unlabelled(
                    self._corpus,
                    self.context.data,
                    opened,
                    self._parts,
                    options,
                    reporter,
                    rejects=self.context.rejects.with_suffix(".unlabelled.rejects"),
                )
        timing.move("read", "tokenise", self._corpus.tokenising_seconds)
        with timing.step("tokenise"):
            self.options = self._taught if self._unlabelled is None else student(self._taught)
            self._quality = report_findings(
                self._corpus,
                self._labels,
                self._parts,
                self.options,
                reporter,
                notes=(
                    *opened.notes,
                    *self._corpus.told_of_features,
                    *level_notes(options, self.options),
                    *told,
                ),
                beside=self._unlabelled,
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
            "label": opened.label,
            **facts(opened.table),
            **unlabelled,
            **({} if self._base is None else {"from": self._base.facts()}),
        }

    def split(self) -> tuple[dict[str, Any], bytes]:
        weights = b"" if self._corpus.weights is None else self._corpus.weights.tobytes()
        return self._parts.counts(), self._parts.digest_bytes() + weights + self._corpus.feature_bytes()

    def heading(self) -> str:
        options, rows, more = self.options, int(self._parts.train.sum()), 0
        several = options.ensemble > 1
        if self._going_on is not None:
            return continuing_in_words(self._going_on.trained, options, rows, self._labels, self._quality)
        start = "" if self._base is None else f" from {self._base.path}"
        first = f" {options.ensemble} networks of" if several else ""
        if self._unlabelled is not None:
            more = len(self._unlabelled)
            teacher = f"{options.ensemble} networks as a teacher" if several else "a teacher"
            first = f" {teacher} on {rows:,} labelled rows, then on them and {more:,} unlabelled texts a student of"
        epochs = epochs_for(options, rows, len(self._labels), more)
        return (
            f"Training{start}{first} {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}), "
            f"{options.direction}, {options.pooling} pooling, {with_ngrams(options)}{epochs} "
            f"epoch{'s' if epochs > 1 else ''}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.classify.learn.fit import fit_classifier
        from recurra.tasks.classify.learn.teacher import taught

        parts = self._parts
        rows = (self._corpus, self._targets, len(self._labels), parts.train, parts.valid)
        soft = None
        if self._unlabelled is not None:
            tell = self.context.reporter.info
            soft, self._teacher = taught(
                *rows,
                self._taught,
                self._unlabelled,
                sample_weight=self._weights,
                base=self._base,
                control=control,
                tell=tell,
            )
            control = control.called("student")
        self._fitted = fit_classifier(
            *rows, self.options, sample_weight=self._weights, soft=soft, base=self._base, control=control
        )
        self._model = self._fitted.model(Classifier, self._labels)
        self._model.decision = self._decide()
        return self._fitted.history

    @property
    def epochs_tell(self) -> bool:
        return not self.options.ngrams or (
            not self.options.ordered and ngrams_first(int(self._parts.train.sum()), len(self._labels))
        )

    def validation(self) -> dict[str, float]:
        return figures_of(self._fitted.valid)

    def held_out(self) -> Answers:
        reporter, timing, rows = self.context.reporter, self.context.timing, self._parts.test
        with timing.step("evaluate"):
            reporter.info("Evaluating on the held-out rows ...")
            found = list(self._model.predict_iter(self._texts(rows)))
            names = ("probabilities", "logits", "tokens", "truncated", "nothing_known")
            held = {name: np.concatenate([getattr(part, name) for part in found]) for name in names}
            held |= {"row": np.flatnonzero(rows), "chosen": self._model.decision.chosen(held["probabilities"])}
        if self.options.baseline:
            with timing.step("baseline"):
                reporter.info("Training the baseline (n-grams and logistic regression) on the same rows ...")
                held |= self._baseline_answers()
        return held

    def judged(self, held: Answers) -> dict[str, Any]:
        targets = self._targets[held["row"]]
        scores = evaluate(
            held["probabilities"],
            targets,
            self._labels,
            held["tokens"],
            held["truncated"],
            decision=self._model.decision,
            ordered=self.options.ordered,
            chosen=held["chosen"],
        )
        scores["nothing_known_rows"] = int(held["nothing_known"].sum())
        if names := column_names(self.options.slice or ""):
            beside = self._corpus.beside
            scores["slices"]["columns"] = by_columns(beside, names, held["row"], held["chosen"], targets)
        found: dict[str, Any] = {"test": scores, "mistakes": self._mistakes(held), "baseline": None, "paired": None}
        if "baseline" in held:
            baseline = pooled_baseline(held) if self.pooled is held else self._baseline
            found["baseline"] = baseline.summary(targets)
            found["paired"] = mcnemar(held["chosen"] == targets, held["baseline"] == targets)
        if "ridge" in held:
            found["ridge"] = {
                "name": f"{RIDGE if self.pooled is held else self._ridge}, rounded",
                "accuracy": float((held["ridge"] == targets).mean()),
                "steps_off": float(np.abs(held["ridge"] - targets).mean()),
                "paired": compare_steps(held["probabilities"].argmax(axis=1), held["ridge"], targets),
            }
        return found

    def out_of_fold(self, held: Answers) -> dict[str, list[Any]]:
        labels = self._labels
        return {
            "row": self._corpus.sources[held["row"]].tolist(),
            "truth": [labels[target] for target in self._targets[held["row"]]],
            "answer": [labels[chosen] for chosen in held["chosen"]],
            **{f"p_{label}": held["probabilities"][:, k].tolist() for k, label in enumerate(labels)},
        }

    def evaluate(self) -> dict[str, Any]:
        reporter, timing, fitted = self.context.reporter, self.context.timing, self._fitted
        metrics: dict[str, Any] = {}
        metrics["test"] = metrics["baseline"] = metrics["paired"] = metrics["parts"] = metrics["ensemble"] = None
        metrics["ridge"] = metrics["continued"] = None
        metrics["mistakes"] = []
        own = self.held_out() if self._parts.test.any() else None
        with timing.step("evaluate"):
            if (held := self.pooled or own) is not None:
                metrics |= self.judged(held)
            if own is not None and not (
                self.options.ordered or self._going_on
            ):  # parts without thresholds or an intercept of their own
                metrics["parts"] = ablation(
                    self._model,
                    self._texts(self._parts.test),
                    own["logits"],
                    self._targets[self._parts.test],
                    temperature=fitted.temperature,
                    intercept=(fitted.ngrams or {}).get("intercept"),
                )
            if own is not None and self._corpus.features is not None:
                metrics["features"] = self._importance()
            if fitted.members:
                metrics["ensemble"] = self._ensemble(None if own is None else own["probabilities"])
            if self._going_on is not None:
                reporter.info("Evaluating before and after, on the same rows ...")
                metrics["continued"] = compared(
                    self._going_on, self._model, self._corpus, self._parts, self._labels, fitted.tokenizer.size
                )
            metrics["train"] = self._train_score()
            metrics["valid"] = fitted.valid
        return metrics | {
            "temperature": fitted.temperature,
            "export": fitted.export,
            "ngrams": fitted.ngrams,
            "teacher": self._teacher,
            "class_weights": self._class_weights,
            "decision": self._decided or None,
            "hygiene": self._quality,
            "config": self.config(),
        }

    def labels(self) -> list[Label]:
        return list(self._labels)

    def summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        figures = {name: metrics[name] for name in ("export", "temperature")}
        if metrics["decision"]:
            figures["decision"] = self._model.decision.to_dict()
        learnt = self._parts.train | self._parts.valid
        profile = profile_of(
            self._corpus,
            learnt,
            labels=counted_labels(self._labels, self._targets[learnt & (self._targets >= 0)]),
            start=self._base,
        )
        return (
            super().summary(metrics)
            | figures
            | profile
            | {"unknown_rate": metrics["hygiene"]["tokens"]["unknown_rate"]}
        )

    def tokenizer_json(self) -> str:
        return self._fitted.tokenizer.to_json()

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.classify.learn.report import report_page

        return report_page(metrics).verdict

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.classify.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.classify.learn.card import model_card

        return model_card(metrics)

    def close(self) -> None:
        self._corpus.close()
        if self._going_on is not None:
            self._going_on.close()

    def _importance(self) -> dict[str, Any]:
        targets = self._targets[self._parts.test]

        def accuracy(answers: NDArray[np.float64], rows: NDArray[np.intp]) -> float:
            return float((self._model.decision.chosen(answers) == targets[rows]).mean())

        return importance(
            self._model, self._texts(self._parts.test), accuracy, measure="accuracy", seed=self.options.seed
        )

    def _ensemble(self, answers: NDArray[np.float64] | None) -> dict[str, Any]:
        """Return each member of an ensemble: seed, valid, epochs, seconds, and its scores on the held-out rows; and
        what all gain over one. answers: the probabilities of the held-out rows [n, K], None without such rows."""
        from recurra.many_to_one.learn.ensemble import member_seeds
        from recurra.tasks.classify.learn.member_scores import member_scores

        fitted, rows = self._fitted, self._parts.test
        members = [
            {
                "seed": seed,
                "valid": member.valid,
                "epochs": len(member.history),
                "seconds": sum(entry["seconds"] for entry in member.history),
            }
            for seed, member in zip(member_seeds(len(fitted.members), self.options.seed), fitted.members, strict=True)
        ]
        if answers is None:
            return {"members": members, "gain": None}
        self.context.reporter.info(f"Evaluating each of the {len(members)} members alone ...")
        targets = self._targets[rows]
        models = [member.model(Classifier, fitted.tokenizer, self._labels) for member in fitted.members]
        scores = member_scores(
            models, lambda: self._texts(rows), self._model.decision.chosen(answers) == targets, targets
        )
        return {
            "members": [one | two for one, two in zip(members, scores["members"], strict=True)],
            "gain": scores["gain"],
        }

    def _train_score(self) -> dict[str, Any]:
        """Return accuracy and log loss on training rows, a sample of them where there are many."""
        chosen = draw(np.flatnonzero(self._parts.train), TRAIN_SAMPLE, self.options.seed)
        probabilities = self._model.predict_proba(self._corpus.rows(chosen))
        targets = self._targets[chosen]
        of_truth = probabilities[np.arange(len(chosen)), targets]
        return {
            "rows": len(chosen),
            "accuracy": float((self._model.decision.chosen(probabilities) == targets).mean()),
            "log_loss": float(-np.log(np.maximum(of_truth, 1e-15)).mean()),
        }

    def _mistakes(self, held: Answers) -> list[dict[str, Any]]:
        corpus, chosen, answers = self._corpus, held["row"], held["probabilities"]
        mistakes: list[dict[str, Any]] = []
        shown: set[int] = set()
        for mistake in confident_mistakes(answers, self._targets[chosen], len(chosen), self._labels, held["chosen"]):
            row = int(chosen[mistake["row"]])
            if len(mistakes) == MISTAKES or int(corpus.groups[row]) in shown:
                continue  # one of several copies is enough
            shown.add(int(corpus.groups[row]))
            mistakes.append(mistake)
            mistake["row"] = int(corpus.sources[row])
            text = readable(corpus.texts[row])
            mistake["text"] = text if len(text) <= MISTAKE_CHARACTERS else text[:MISTAKE_CHARACTERS] + " …"
        return mistakes

    def _baseline_answers(self) -> Answers:
        """Return the baseline's answers to the held-out rows. It has the rows that the network has to learn from and to
        choose by."""
        parts, threads = self._parts, self.options.threads or processor_count()
        baseline = fit_baseline(
            self._corpus,
            self._targets,
            parts.train,
            parts.valid,
            parts.test,
            classes=len(self._labels),
            seed=self.options.seed,
            threads=threads,
            weights=self._weights,
            tuning=self._tuning,
        )
        self._baseline = baseline
        rows = len(baseline.probabilities)
        answers = {
            "baseline": baseline.predictions,
            "baseline_probabilities": baseline.probabilities,
            "baseline_rows": np.full(rows, baseline.rows_used),
            "baseline_features": np.full(rows, baseline.features),
        }
        if self.options.ordered:  # a ridge regression on the places of the classes, its answers rounded
            places = np.maximum(self._targets, 0).astype(np.float64)
            ridge = fit_ridge_baseline(
                self._corpus, places, parts.train, parts.valid, parts.test, seed=self.options.seed, threads=threads
            )
            self._ridge = ridge.name
            answers["ridge"] = np.rint(ridge.predictions).astype(np.int64)
        return answers

    def _weigh(self) -> None:
        """Find how much each row counts, and what is to be tuned. Raises OptionError where it cannot be."""
        options, rows = self.options, self._targets[self._parts.train]
        counts = np.bincount(rows, minlength=len(self._labels)).tolist()
        if options.class_weight is not None:
            self._class_weights = class_weights(options.class_weight, self._labels, counts)
            shown = ", ".join(f"{label} {weight:.3g}" for label, weight in list(self._class_weights.items())[:20])
            self.context.reporter.info(f"Weights of the classes: {shown}{', ...' if len(self._labels) > 20 else ''}.")
        self._weights = weights_of_rows(self._targets, self._corpus.weights, self._class_weights)
        self._tuning = tuning(options, self._labels, counts, options.seed)

    def _decide(self) -> Decision:
        """Return how labels are chosen of the probabilities, and keep what is told of it."""
        abstain, rows = self.options.abstain, self._parts.valid
        if self._tuning is None:
            decision = Decision(abstain=abstain)
        else:
            probabilities = self._model.predict_proba(self._texts(rows))
            weights = None if self._corpus.weights is None else self._corpus.weights[rows]
            decision = self._tuning.decision(probabilities, self._targets[rows], weights)
            label = self._labels[self._tuning.positive]
            self._decided = self._tuning.facts(decision, probabilities, self._targets[rows], label)
            decision = replace(decision, abstain=abstain)
        if not decision.plain:
            self._decided |= decision.to_dict()
        return decision

    def _texts(self, rows: NDArray[np.bool_]) -> Iterator[Item]:
        """Return the chosen rows [N] as the model reads them, read from the disk as they are gone through."""
        return self._corpus.rows(np.flatnonzero(rows))
