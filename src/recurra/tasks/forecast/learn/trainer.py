"""Train a model that forecasts: one network for all series of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recurra.kernel.layout import CELL_NAMES
from recurra.report.verdict import Verdict
from recurra.storage.model_directory import MODEL
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.options import ForecastOptions
from recurra.training.control import RunControl
from recurra.training.trainer import Trainer

if TYPE_CHECKING:
    from recurra.tasks.forecast.learn.corpus import Corpus
    from recurra.tasks.forecast.learn.fit import FittedForecast


TOO_SHORT = (
    "The histories are too short for the network to learn from: the forecasts are those of the smoothings alone."
)


class ForecastTrainer(Trainer[ForecastOptions]):
    """Series of one frequency, of which the last horizon is held out."""

    summary_scores = (
        "rows", "values", "mase", "mase_ci95", "smape", "smape_ci95", "crps", "crps_ci95",
        "coverage", "coverage_ci95", "nominal_coverage",
    )  # fmt: skip
    loss_unit = ""

    _fitted: FittedForecast
    _model: ForecastModel
    _corpus: Corpus

    def read(self) -> dict[str, Any]:
        from recurra.tasks.forecast.learn.corpus import read_corpus

        with self.context.timing.step("read"):
            corpus = self._corpus = read_corpus(self.options, self.context)
        for finding in corpus.findings:
            self.context.reporter.info(f"Data: {finding}")
        self.context.reporter.info(f"Split: {corpus.division.how}.")
        return corpus.facts

    def split(self) -> tuple[dict[str, Any], bytes]:
        """Return the parts in steps of the series; validation is the end of what is learnt from: see `fit_forecast`."""
        from recurra.tasks.forecast.learn.fit import kept_back

        division = self._corpus.division
        lengths = [len(history) for history in division.learnt]
        valid = sum(kept_back(length, self.options) for length in lengths)
        test = sum(len(one.truth) for one in division.held_out)
        counts = {"how": division.how, "train": sum(lengths) - valid, "valid": valid, "test": test}
        return counts, repr((lengths, [one.series for one in division.held_out])).encode()

    def heading(self) -> str:
        options, corpus = self.options, self._corpus
        count, season = len(corpus.division.learnt), corpus.season
        of = f"season of {season:,}" if season > 1 else "no season"
        return (
            f"Training {options.members} x {CELL_NAMES[options.cell]}({options.hidden}) on {count:,} series "
            f"(frequency {corpus.file.frequency}, {of}) for {options.horizon:,} steps ahead"
        )

    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        from recurra.tasks.forecast.learn.fit import fit_forecast

        corpus = self._corpus
        fitted = self._fitted = fit_forecast(
            corpus.division.learnt, corpus.season, self.options, names=corpus.names, control=control
        )
        if not fitted.history:
            self.context.reporter.info(TOO_SHORT)
        self._model = ForecastModel(fitted.shape, fitted.inputs, fitted.graphs[MODEL], threads=self.options.threads)
        return fitted.history

    def evaluate(self) -> dict[str, Any]:
        from recurra.tasks.forecast.learn.judgement import Judgement

        reporter, timing, corpus = self.context.reporter, self.context.timing, self._corpus
        metrics: dict[str, Any] = {"baseline": None, "paired": None}
        with timing.step("evaluate"):
            reporter.info("Forecasting what was held out ...")
            judgement = Judgement(corpus, self._model, self.options.seed)
            metrics |= judgement.scores()
        if self.options.baseline:
            with timing.step("baseline"):
                metrics |= judgement.baselines(reporter)
        fitted = self._fitted
        return metrics | {
            "hygiene": {"findings": corpus.findings + ([] if fitted.history else [TOO_SHORT])},
            "correction": {
                "share": fitted.inputs.share,
                "gain": fitted.shares.gain,
                "band": fitted.inputs.band,
                "windows": fitted.windows,
            },
            "config": self.config(),
        }

    def chosen(self) -> dict[str, Any]:
        return {"season": self._corpus.season}

    def tokenizer_json(self) -> str:
        return self._fitted.inputs.to_json()

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict:
        from recurra.tasks.forecast.learn.report import report_page

        return report_page(metrics).verdict

    def report(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.forecast.learn.report import render

        return render(metrics)

    def card(self, metrics: Mapping[str, Any]) -> str:
        from recurra.tasks.forecast.learn.report import model_card

        return model_card(metrics)
