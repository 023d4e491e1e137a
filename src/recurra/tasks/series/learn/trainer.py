"""Train a model of series: a label or a number for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recurra.kernel.layout import CELL_NAMES
from recurra.report.verdict import Verdict
from recurra.storage.model_directory import Label
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesOptions
from recurra.training.control import RunControl
from recurra.training.trainer import Trainer

if TYPE_CHECKING:
    from recurra.tasks.series.learn.corpus import Corpus
    from recurra.tasks.series.learn.fit import FittedSeries


class SeriesTrainer(Trainer[SeriesOptions]):
    """Series of numbers with their labels, or with a number each."""

    summary_scores = (
        "rows", "accuracy", "accuracy_ci95", "macro_f1", "macro_f1_ci95", "log_loss", "log_loss_ci95",
        "mae", "mae_ci95", "rmse", "rmse_ci95", "r2", "r2_ci95", "spearman", "spearman_ci95",
    )  # fmt: skip

    _fitted: FittedSeries
    _model: SeriesModel
    _corpus: Corpus

    def read(self) -> dict[str, Any]:
        from recurra.tasks.series.learn.corpus import read_corpus

        with self.context.timing.step("read"):
            corpus = self._corpus = read_corpus(self.options, self.context)
        self.loss_unit = "nats" if corpus.kind == "classify" else ""
        for finding in corpus.findings:
            self.context.reporter.info(f"Data: {finding}")
        self.context.reporter.info(f"Split: {corpus.parts.how}.")
        return corpus.facts

    def split(self) -> tuple[dict[str, Any], bytes]:
        return self._corpus.parts.counts(), self._corpus.parts.digest_bytes()

    def heading(self) -> str:
        options, corpus = self.options, self._corpus
        ways = "in both directions" if options.direction == "both" else "forward"
        channels = len(corpus.series.channels)
        answers = f"{len(corpus.labels)} labels" if corpus.labels else "a number"
        return (
            f"Training convolutions and {options.layers} x {CELL_NAMES[options.cell]}({options.hidden}) {ways}, "
            f"{channels} channel{'s'[: channels != 1]}, {answers}"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.series.learn.fit import fit_series

        corpus = self._corpus
        fitted = self._fitted = fit_series(
            corpus.rows(corpus.parts.train),
            corpus.rows(corpus.parts.valid),
            corpus.series.channels,
            max(1, len(corpus.labels)),
            corpus.kind,
            self.options,
            control=control,
        )
        self._model = SeriesModel(fitted.shape, fitted.inputs, corpus.labels, fitted.graph)
        return fitted.history

    def evaluate(self) -> dict[str, Any]:
        from recurra.tasks.series.learn.judgement import Judgement

        reporter, timing, corpus = self.context.reporter, self.context.timing, self._corpus
        metrics: dict[str, Any] = {"baseline": None, "paired": None}
        with timing.step("evaluate"):
            reporter.info("Evaluating on the held-out series ...")
            judgement = Judgement(corpus, self._model, self._fitted, self.options.seed)
            metrics |= judgement.scores()
        if self.options.baseline:
            with timing.step("baseline"):
                metrics |= judgement.baseline(reporter)
        blend = self._fitted.blend
        return metrics | {
            "hygiene": {"findings": corpus.findings},
            "blend": None if blend is None else blend._asdict(),
            "config": self.config(),
        }

    def labels(self) -> list[Label]:
        return list(self._corpus.labels)

    def tokenizer_json(self) -> str:
        return self._fitted.inputs.to_json()

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.series.learn.report import report_page

        return report_page(metrics).verdict

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.series.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.series.learn.report import model_card

        return model_card(metrics)
